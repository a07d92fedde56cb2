"""Blocks that memory is too small for: what is started instead, and that a row fails only where a pair does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fake_trials import FakeTrial, launch_fakes
from journals import head

from bench.analysis.interim import close_combinations
from bench.engines.local import LocalEngine
from bench.engines.parts import parts_done, parts_of
from bench.engines.progress import Silent
from bench.journal.file import NAME, Journal
from bench.journal.records import (
    AnyRecord,
    BlockEndRecord,
    BurstRecord,
    CrowdedOutRecord,
    FailureRecord,
    LaunchRecord,
    RowRecord,
)
from bench.measurements.base import Burst
from bench.schedule.plan import Block, Plan
from bench.suite.combination import Combination
from bench.suite.design import Row
from bench.suite.model import Budget, MeasurementName, Suite, Workload
from bench.trials.messages import Failed, Ready
from bench.trials.outcome import Failure
from bench.trials.trial import TrialFailedError

LEVELS = ("SGD", "Adam", "AdamW", "NAdam")
BASELINE, ADAM, ADAMW, NADAM = COMBINATIONS = tuple(Combination.of({"optimizer": level}) for level in LEVELS)
BLOCK = Block(3, 1, COMBINATIONS, (0,))


def crowded(block: int, *combinations: Combination) -> list[AnyRecord]:
    return [CrowdedOutRecord(launch=block, block=block, combination=each.id, message="") for each in combinations]


def ended(block: int) -> BlockEndRecord:
    return BlockEndRecord(launch=block, block=block)


def members(records: list[AnyRecord]) -> list[tuple[Combination, ...]]:
    return [part.combinations for part in parts_of(BLOCK, records)]


def test_a_block_is_one_part_until_memory_runs_out() -> None:
    assert parts_of(BLOCK, []) == (BLOCK,)


def test_who_ran_out_of_memory_follows_in_a_pair() -> None:
    assert members(crowded(3, ADAMW, ADAM)) == [COMBINATIONS, (BASELINE, ADAM), (BASELINE, ADAMW)]


def test_who_ran_out_of_memory_in_an_earlier_block_is_in_a_pair_at_once() -> None:
    together = (BASELINE, ADAM, ADAMW)
    assert members(crowded(0, NADAM)) == [together, (BASELINE, NADAM)]
    assert members([*crowded(0, NADAM), *crowded(3, ADAM)]) == [together, (BASELINE, NADAM), (BASELINE, ADAM)]
    assert members(crowded(0, *COMBINATIONS)) == [(BASELINE, each) for each in COMBINATIONS[1:]]


def test_later_blocks_change_nothing_of_what_a_finished_one_was() -> None:
    assert members(crowded(4, ADAM)) == [COMBINATIONS]


def test_parts_that_are_done_are_counted_by_their_ends() -> None:
    assert parts_done(BLOCK, [ended(2), ended(3), *crowded(3, ADAM), ended(3), ended(4)]) == 2


@dataclass
class Memory:
    """A machine with room for so many units; combinations need one, or as many as is said here."""

    room: int
    needs: dict[str, int]
    taken: int = 0


class MemoryTrial(FakeTrial):
    """Stands in for a trial that takes its memory from when it is started until it is ended."""

    def __init__(self, level: str, memory: Memory) -> None:
        super().__init__()
        self.level = level
        self.memory = memory
        self.need = memory.needs.get(level, 1)
        memory.taken += self.need

    def ready(self) -> Ready:
        if self.memory.taken > self.memory.room:
            raise TrialFailedError(Failed(Failure.OUT_OF_MEMORY, "MemoryError"))
        return super().ready()

    def end(self) -> None:
        self.memory.taken -= self.need


class GrowingTrial(MemoryTrial):
    """Stands in for a trial that does not run out of memory, unless it is the baseline and trains beside others."""

    def ready(self) -> Ready:
        return FakeTrial.ready(self)

    def take_turn(self, measurement: MeasurementName, seconds: float | None, epochs: int = 1) -> Burst | None:
        if self.level == "SGD" and self.memory.taken > self.memory.room:
            raise TrialFailedError(Failed(Failure.CRASHED, "killed by SIGKILL, as the system does"))
        return super().take_turn(measurement, seconds, epochs)


def run(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    memory: Memory,
    launches: int = 1,
    kind: type[MemoryTrial] = MemoryTrial,
) -> tuple[bool, list[Any]]:
    """Run four combinations in one block on a machine with so much memory; return whether it lived, and its journal."""
    launch_fakes(monkeypatch, lambda spec: kind(str(spec.levels["optimizer"]), memory))
    suite = Suite(
        name="mine",
        workload=Workload(model="yolo26n.yaml", device="cpu"),
        axes={"optimizer": LEVELS},
        measure=("epoch",),
        budget=Budget(time=None, rounds=2),
    )
    rows = tuple(Row(each, None) for each in COMBINATIONS)
    plan = Plan(rows, "cpu", launches, 8, (0,), dict.fromkeys(COMBINATIONS, 1), seed=0)
    records: list[AnyRecord] = [head(suite)]
    records += [RowRecord(combination=each.id, levels=each.levels, label=each.id) for each in COMBINATIONS]
    with Journal(folder / NAME) as journal:
        lived = LocalEngine(suite, plan, Path("data.yaml"), journal, records, close_combinations, Silent()).run()
    assert memory.taken == 0
    return lived, list(records)


def bursts(records: list[Any]) -> Counter[str]:
    return Counter(record.combination for record in records if isinstance(record, BurstRecord) and record.round >= 0)


def started(records: list[Any]) -> list[set[str]]:
    """The combinations that got ready, start by start."""
    starts: dict[int, set[str]] = {}
    for record in records:
        if isinstance(record, LaunchRecord):
            starts.setdefault(record.launch, set()).add(record.combination)
    return [starts[number] for number in sorted(starts)]


def test_a_full_block_fails_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lived, records = run(tmp_path, monkeypatch, Memory(room=4, needs={"NAdam": 3}), launches=2)
    assert lived
    assert not any(isinstance(record, FailureRecord) for record in records)
    assert [r.combination for r in records if isinstance(r, CrowdedOutRecord)] == [NADAM.id]
    together, pair = {BASELINE.id, ADAM.id, ADAMW.id}, {BASELINE.id, NADAM.id}
    assert started(records) == [together, pair, together, pair]
    assert bursts(records) == {BASELINE.id: 8, ADAM.id: 4, ADAMW.id: 4, NADAM.id: 4}


def test_a_row_fails_where_a_pair_has_too_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lived, records = run(tmp_path, monkeypatch, Memory(room=4, needs={"NAdam": 4}), launches=2)
    assert lived
    (failure,) = [record for record in records if isinstance(record, FailureRecord)]
    assert (failure.combination, failure.failure) == (NADAM.id, Failure.OUT_OF_MEMORY)
    assert bursts(records) == {BASELINE.id: 6, ADAM.id: 4, ADAMW.id: 4}


def test_a_baseline_that_runs_out_is_tried_with_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lived, records = run(tmp_path, monkeypatch, Memory(room=2, needs={}), kind=GrowingTrial)
    assert lived
    assert not any(isinstance(record, FailureRecord) for record in records)
    assert {r.combination for r in records if isinstance(r, CrowdedOutRecord)} == {each.id for each in COMBINATIONS}
    assert bursts(records) == {BASELINE.id: 6, ADAM.id: 2, ADAMW.id: 2, NADAM.id: 2}
