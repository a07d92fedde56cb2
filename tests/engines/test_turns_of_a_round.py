"""In a round the trials of a block alternate until every burst is complete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from journals import head

import bench.engines.launch
from bench.analysis.interim import close_combinations
from bench.engines.local import LocalEngine
from bench.engines.progress import Silent
from bench.journal.file import NAME, Journal
from bench.journal.records import AnyRecord, BurstRecord, FailureRecord, RowRecord
from bench.measurements.base import Burst
from bench.schedule.plan import Plan
from bench.suite.combination import Combination
from bench.suite.design import Row
from bench.suite.model import Budget, Suite, Workload
from bench.trials.messages import Failed, Ready, TrialSpec
from bench.trials.outcome import Failure
from bench.trials.trial import TrialFailedError

TURNS = {"SGD": 3, "Adam": 2, "AdamW": 1, "NAdam": 2}
"""Turns that an epoch takes, by optimizer."""
COMBINATIONS = tuple(Combination.of({"optimizer": name}) for name in TURNS)


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, dies: str = "") -> tuple[list[str], list[Any]]:
    """Run one round of a block; return the turns of each round in order, and the records.

    Args:
        folder: of the journal.
        monkeypatch: puts the stand-in in a trial's place.
        dies: the optimizer whose trial fails in its second turn after warming up.
    """
    taken: list[str] = []

    class FakeTrial:
        def __init__(self, spec: TrialSpec, *_: Any) -> None:
            self.name = str(spec.levels["optimizer"])
            self.turns = 0

        def ready(self) -> Ready:
            return Ready({}, {})

        def take_turn(self, measurement: str, seconds: float, epochs: int) -> Burst | None:
            assert (measurement, seconds, epochs) == ("epoch", 0.2, 1)
            taken.append(self.name)
            self.turns += 1
            if self.name == dies and self.turns % TURNS[dies] == 0:
                raise TrialFailedError(Failed(Failure.CRASHED, "died"))
            done = self.turns % TURNS[self.name] == 0
            return Burst({"seconds": 1.0}, {"step": (1.0,)}) if done else None

        def evidence(self) -> dict[str, Any]:
            return {}

        def end(self) -> None:
            pass

    monkeypatch.setattr(bench.engines.launch, "Trial", FakeTrial)
    monkeypatch.setattr(bench.engines.launch, "is_cold", lambda *_: False)
    suite = Suite(
        name="mine",
        workload=Workload(model="yolo26n.yaml", device="cpu"),
        axes={"optimizer": tuple(TURNS)},
        measure=("epoch",),
        budget=Budget(time=None, rounds=1),
    )
    plan = Plan(
        tuple(Row(each, None) for each in COMBINATIONS), "cpu", 1, 8, (0,), dict.fromkeys(COMBINATIONS, 1), seed=0
    )
    records: list[AnyRecord] = [head(suite)]
    records += [RowRecord(combination=each.id, levels=each.levels, label=each.id) for each in COMBINATIONS]
    with Journal(folder / NAME) as journal:
        LocalEngine(suite, plan, Path("data.yaml"), journal, records, close_combinations, Silent()).run()
    return taken, records


def test_trials_alternate_until_all_are_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken, records = run(tmp_path, monkeypatch)
    assert set(taken[:4]) == set(TURNS)
    order = taken[:4]
    assert taken[4:] == [name for name in order if TURNS[name] > 1] + ["SGD"]
    bursts = [record for record in records if isinstance(record, BurstRecord)]
    position = {each.id: order.index(str(each.levels["optimizer"])) for each in COMBINATIONS}
    assert {burst.combination: burst.position for burst in bursts} == position
    assert bursts[0].combination == Combination.of({"optimizer": "AdamW"}).id


def test_who_fails_between_turns_leaves_the_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken, records = run(tmp_path, monkeypatch, dies="NAdam")
    assert taken.count("NAdam") == 2
    assert taken.count("SGD") == 3
    (failure,) = [record for record in records if isinstance(record, FailureRecord)]
    assert failure.combination == Combination.of({"optimizer": "NAdam"}).id
