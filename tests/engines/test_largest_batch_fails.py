"""A run goes on where the largest batch of a combination cannot be found."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fake_trials import FakeTrial, launch_fakes
from journals import head

import bench.engines.largest
from bench.analysis.interim import close_combinations
from bench.engines.local import LocalEngine
from bench.engines.progress import Silent
from bench.fitting.search import Attempt
from bench.fitting.trials import SearchFailedError
from bench.journal.file import NAME, Journal
from bench.journal.records import AnyRecord, BlockEndRecord, BurstRecord, FailureRecord, LargestBatchRecord, RowRecord
from bench.schedule.plan import Plan
from bench.suite.combination import Combination
from bench.suite.design import Row
from bench.suite.model import Budget, Level, Suite, Workload
from bench.trials.messages import Failed, TrialSpec
from bench.trials.outcome import Failure

EIGHT, LARGEST = Combination.of({"batch": 8}), Combination.of({"batch": "largest"})


def trial_of_a_number(spec: TrialSpec) -> FakeTrial:
    assert isinstance(spec.levels["batch"], int)
    return FakeTrial()


@dataclass
class Searches:
    """Stands in for searches, which all end alike."""

    attempts: tuple[Attempt, ...] = ()
    error: SearchFailedError | None = None
    made: list[TrialSpec] = field(default_factory=list)

    def __call__(self, spec: TrialSpec, *_: Any) -> tuple[Attempt, ...]:
        self.made.append(spec)
        if self.error is not None:
            raise self.error
        return self.attempts


def run(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    search: Searches,
    combinations: tuple[Combination, ...] = (EIGHT, LARGEST),
    before: list[AnyRecord] | None = None,
) -> tuple[bool, list[Any]]:
    """Run two launches of some combinations, or go on after ``before``; return whether it lived, and its records."""
    launch_fakes(monkeypatch, trial_of_a_number)
    monkeypatch.setattr(bench.engines.largest, "find_largest", search)
    levels: tuple[Level, ...] = tuple(each.levels["batch"] for each in combinations)
    suite = Suite(
        name="mine",
        workload=Workload(model="yolo26n.yaml", device="cpu"),
        axes={"batch": levels},
        measure=("epoch",),
        budget=Budget(time=None, rounds=2),
    )
    rows = tuple(Row(each, None) for each in combinations)
    plan = Plan(rows, "cpu", 2, 2, (0,), dict.fromkeys(combinations, 1), seed=0)
    records: list[AnyRecord] = [head(suite)]
    records += [RowRecord(combination=each.id, levels=each.levels, label=each.id) for each in combinations]
    records = records if before is None else list(before)
    with Journal(folder / NAME) as journal:
        lived = LocalEngine(suite, plan, Path("data.yaml"), journal, records, close_combinations, Silent()).run()
    return lived, list(records)


def only_failure(records: list[Any]) -> FailureRecord:
    (failure,) = [record for record in records if isinstance(record, FailureRecord)]
    return failure


def measured(records: list[Any]) -> set[str]:
    return {record.combination for record in records if isinstance(record, BurstRecord)}


def test_a_search_that_fails_is_journalled_and_the_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search = Searches(error=SearchFailedError(Failed(Failure.EXCEPTION, "ValueError: no", "traceback"), 8))
    lived, records = run(tmp_path, monkeypatch, search)
    assert lived
    failure = only_failure(records)
    assert (failure.combination, failure.failure) == (LARGEST.id, Failure.EXCEPTION)
    assert (failure.message, failure.detail) == ("a trial of batch 8 failed: ValueError: no", "traceback")
    assert measured(records) == {EIGHT.id}
    assert len(search.made) == 1


def test_where_not_one_image_fits_nothing_is_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search = Searches((Attempt(2, False, True, None, "ended"), Attempt(1, False, True, None, "ended at 2 bytes")))
    lived, records = run(tmp_path, monkeypatch, search)
    assert lived
    failure = only_failure(records)
    assert (failure.combination, failure.failure) == (LARGEST.id, Failure.OUT_OF_MEMORY)
    assert failure.message.startswith("no batch fits in ")
    assert failure.message.endswith("B granted")
    assert failure.detail == "batch 1: ended at 2 bytes"
    assert measured(records) == {EIGHT.id}
    (found,) = [record for record in records if isinstance(record, LargestBatchRecord)]
    assert found.largest is None


def test_a_resumed_run_does_not_search_again_where_nothing_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, records = run(tmp_path, monkeypatch, Searches((Attempt(1, False, True, None, "ended"),)))
    upto = next(number for number, record in enumerate(records) if isinstance(record, LargestBatchRecord))
    search = Searches()
    (tmp_path / "resumed").mkdir()
    lived, resumed = run(tmp_path / "resumed", monkeypatch, search, before=records[: upto + 1])
    assert lived
    assert not search.made
    assert only_failure(resumed).combination == LARGEST.id


def test_a_baseline_without_a_batch_ends_its_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search = Searches(error=SearchFailedError(Failed(Failure.TIMED_OUT, "no answer within 9 s"), 1))
    lived, records = run(tmp_path, monkeypatch, search, (LARGEST, EIGHT))
    assert not lived
    assert {record.combination for record in records if isinstance(record, FailureRecord)} == {LARGEST.id}
    assert not measured(records)
    assert sum(isinstance(record, BlockEndRecord) for record in records) == 2
    assert records[-1].reason == "baseline failed"


def test_what_is_found_is_trained_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lived, records = run(tmp_path, monkeypatch, Searches((Attempt(8, True, True, 5), Attempt(16, True, True, 9))))
    assert lived
    assert not any(isinstance(record, FailureRecord) for record in records)
    assert measured(records) == {EIGHT.id, LARGEST.id}
