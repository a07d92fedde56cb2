"""Launches of combinations whose epochs are not alike: how many are trained, and what is compared in the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_trials import FakeTrial, launch_fakes
from journals import head

from bench.analysis.analyse import analyse
from bench.analysis.interim import close_combinations
from bench.analysis.result import Verdict
from bench.engines.local import LocalEngine
from bench.engines.past import past_of
from bench.engines.progress import Silent
from bench.journal.file import NAME, Journal
from bench.journal.records import AnyRecord, BurstRecord, RowRecord
from bench.schedule.plan import Plan
from bench.suite.combination import Combination
from bench.suite.design import Row
from bench.suite.model import Budget, Level, Suite, Workload

SGD, ADAM = COMBINATIONS = tuple(Combination.of({"optimizer": level}) for level in ("SGD", "Adam"))


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, **adam: Level) -> list[AnyRecord]:
    """Return the journal of two launches of two rounds of epochs and of loading; Adam's trials tell ``adam``."""
    launch_fakes(monkeypatch, lambda spec: FakeTrial(adam if spec.levels["optimizer"] == "Adam" else None))
    suite = Suite(
        name="mine",
        workload=Workload(model="yolo26n.yaml", device="cpu"),
        axes={"optimizer": ("SGD", "Adam")},
        measure=("epoch", "data_loading"),
        budget=Budget(time=None, rounds=2),
        launches=2,
    )
    rows = tuple(Row(each, None) for each in COMBINATIONS)
    plan = Plan(rows, "cpu", 2, 8, (0,), dict.fromkeys(COMBINATIONS, 1), seed=0)
    records: list[AnyRecord] = [head(suite)]
    records += [RowRecord(combination=each.id, levels=each.levels, label=each.id) for each in COMBINATIONS]
    with Journal(folder / NAME) as journal:
        assert LocalEngine(suite, plan, Path("data.yaml"), journal, records, close_combinations, Silent()).run()
    return records


def bursts(records: list[AnyRecord], combination: Combination, measurement: str = "epoch") -> list[BurstRecord]:
    """The bursts of the first launch."""
    return [
        record
        for record in records
        if isinstance(record, BurstRecord)
        and (record.launch, record.combination, record.measurement) == (0, combination.id, measurement)
    ]


def test_all_trials_of_a_block_train_whole_cycles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = run(tmp_path, monkeypatch, repeats_after=2)
    assert [(each.round, each.epochs) for each in bursts(records, SGD)] == [(-1, 2), (0, 2), (1, 2)]
    assert [(each.round, each.epochs) for each in bursts(records, ADAM)] == [(-1, 2), (0, 2), (1, 2)]
    assert [each.epochs for each in bursts(records, ADAM, "data_loading")] == [1, 1]
    adam = analyse(records).rows[1]
    assert adam.ratios["epoch.seconds"].value == pytest.approx(1.0)
    assert adam.reason == ""


def test_a_cycle_too_long_for_a_burst_is_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = run(tmp_path, monkeypatch, repeats_after=50)
    assert [(each.epochs, each.partial_because) for each in bursts(records, SGD)] == [(1, "")] * 3
    told = "epochs repeat after 50, and a burst had 1"
    assert [each.partial_because for each in bursts(records, ADAM)] == ["", told, told]
    adam = analyse(records).rows[1]
    assert (adam.verdict, adam.reason) == (Verdict.UNDECIDED, f"epoch not compared: its {told}")
    assert not any(metric.startswith("epoch.") for metric in {**adam.ratios, **adam.figures})
    assert adam.ratios["data_loading.seconds"].value == pytest.approx(1.0)


def test_rounds_that_are_not_compared_are_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    past = past_of(run(tmp_path, monkeypatch, repeats_after=50))
    assert past.rounds == {(block, name): 2 for block in (0, 1) for name in ("epoch", "data_loading")}


def test_all_warm_up_until_no_epochs_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = run(tmp_path, monkeypatch, settles_after=5)
    for each in (SGD, ADAM):
        assert [burst.round for burst in bursts(records, each)] == [-1, -2, -3, -4, -5, 0, 1]
    assert not any(each.partial_because for each in bursts(records, ADAM))


def test_what_changes_for_too_long_is_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = run(tmp_path, monkeypatch, settles_after=13)
    # Twelve epochs of warming up, and the thirteenth is the first round's.
    assert [each.partial_because for each in bursts(records, ADAM)[12:]] == [
        "epochs change until 13 are trained, and 12 were",
        "",
    ]
    assert analyse(records).rows[1].ratios["epoch.seconds"].rounds == 2
