"""The harness's benchmarks of itself, made for a few epochs of the tiny workload."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from journals import burst, head, row

from bench.benchmarks import stopwatch
from bench.benchmarks.own_cost import newest_run, parted_over_whole, probed_over_bare, share_in_steps, starts
from bench.benchmarks.planted import PHASES, Planted, Slowdown, findings, run_planted_trial
from bench.benchmarks.stage import (
    PROBED,
    Stage,
    epoch_seconds,
    interleaved_log_ratios,
    one_core,
    round_seconds,
    stage,
)
from bench.benchmarks.usual_way import compare
from bench.environment.machine import usable_cores
from bench.errors import BenchError
from bench.journal.records import AnyRecord, BurstRecord, EndRecord
from bench.measurements.base import Burst
from bench.probes.phases import Phase
from bench.project import Project
from bench.suite.model import Workload
from bench.trials.messages import TrialSpec
from bench.trials.server import trial_context
from bench.trials.trial import Trial

OWN_TRAINER = """
import time
from ultralytics.models.yolo.detect import DetectionTrainer

class Mine(DetectionTrainer):
    def validate(self):
        time.sleep(0.5)
        return super().validate()
"""


@pytest.fixture(scope="module")
def tiny_stage(tiny_workload: Workload) -> Iterator[Stage]:
    with stage(tiny_workload, "cpu") as place:
        yield place


def test_probed_and_bare_epochs_are_compared_in_turns(tiny_stage: Stage) -> None:
    ratio = probed_over_bare(tiny_stage, launches=2, rounds=3, rng=random.Random(0))
    assert (ratio.launches, ratio.rounds) == (2, 6)
    assert 0.2 < ratio.value < 5


def test_a_forked_start_takes_less_than_a_spawned_one(tiny_stage: Stage) -> None:
    begun = starts(tiny_stage, count=1, rng=random.Random(0))
    assert 0 < begun.forked < begun.spawned


class ScriptedTrial:
    """Stands in for a trial whose epochs take what they are told to, one after the other."""

    def __init__(self, *seconds: float) -> None:
        self.seconds = list(seconds)

    def measure(self, measurement: str) -> Burst:
        return Burst({"seconds": self.seconds.pop(0)})

    def take_turn(self, measurement: str, seconds: float | None) -> Burst:
        return self.measure(measurement)


def test_identical_trials_are_compared_in_both_ways(tiny_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def taking(log: float) -> ScriptedTrial:
        # One epoch to warm up, which must not count, and three of which one is disturbed.
        return ScriptedTrial(100.0, math.exp(log), math.exp(log), 50.0)

    def steady() -> ScriptedTrial:
        return ScriptedTrial(100.0, 1.0, 1.0, 1.0)

    scripted = [
        {"a": taking(0.1), "b": steady()},
        {"alone": taking(0.2)},
        {"alone": steady()},
        {"a": taking(0.3), "b": steady()},
        {"alone": steady()},
        {"alone": taking(0.2)},
    ]
    started: list[tuple[int, ...]] = []

    @contextmanager
    def trials(place: Stage, targets: dict[str, object], cores: tuple[int, ...]) -> Iterator[dict[str, ScriptedTrial]]:
        started.append(cores)
        alive = scripted[len(started) - 1]
        assert targets == dict.fromkeys(alive, PROBED)
        yield alive

    monkeypatch.setattr(Stage, "trials", trials)
    spread = compare(tiny_stage, pairs=2, rounds=3, rng=random.Random(0))
    # Log ratios 0.1 and 0.3 taking turns, 0.2 and -0.2 one after the other.
    assert spread.interleaved == pytest.approx(0.2 / math.sqrt(2))
    assert spread.one_after_other == pytest.approx(0.4 / math.sqrt(2))
    assert not any(each.seconds for alive in scripted for each in alive.values())
    assert [len(cores) for cores in (started[0], started[3])] == [1, 1]
    assert {started[number] for number in (1, 2, 4, 5)} == {usable_cores()}


def test_interleaving_gives_a_ratio_a_round(tiny_stage: Stage) -> None:
    with tiny_stage.trials({"a": PROBED, "b": PROBED}, one_core(random.Random(0))) as trials:
        assert len(interleaved_log_ratios(trials, "a", "b", 3, 0.0, random.Random(0))) == 3


class TurningTrial:
    """Stands in for a trial whose epoch takes three turns: 3 seconds in all, and 2 in one go."""

    def __init__(self, taken: list[str], name: str) -> None:
        self.taken, self.name, self.turns = taken, name, 0

    def take_turn(self, measurement: str, seconds: float | None) -> Burst | None:
        if seconds is None:
            return Burst({"seconds": 2.0})
        self.taken.append(self.name)
        self.turns += 1
        return Burst({"seconds": 3.0}) if self.turns % 3 == 0 else None


def test_a_round_in_turns_alternates() -> None:
    taken: list[str] = []
    trials: Any = {name: TurningTrial(taken, name) for name in "ab"}
    assert round_seconds(trials, 0.2, random.Random(0)) == {"a": 3.0, "b": 3.0}
    assert taken in (["a", "b"] * 3, ["b", "a"] * 3)


def test_what_turns_cost_by_hand(tiny_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def trials(*_: object) -> Iterator[dict[str, TurningTrial]]:
        yield {name: TurningTrial([], name) for name in "ab"}

    monkeypatch.setattr(Stage, "trials", trials)
    ratio = parted_over_whole(tiny_stage, launches=2, rounds=3, turn=0.2, rng=random.Random(0))
    assert ratio.value == pytest.approx(1.5)
    assert (ratio.launches, ratio.rounds) == (2, 6)


def test_reported_epochs_are_held_against_the_stopwatch(tiny_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    # Whole runs of 10 s with 2 epochs and 16 s with 5: 2 s an epoch, where the trial says 2.2.
    monkeypatch.setattr(stopwatch, "_bare_run_seconds", lambda stage, folder, epochs, cores: {2: 10.0, 5: 16.0}[epochs])
    monkeypatch.setattr(stopwatch, "epoch_seconds", lambda trial: 2.2)
    ratio = stopwatch.reported_over_stopwatch(tiny_stage, pairs=2, epochs=3, rng=random.Random(0))
    assert ratio.value == pytest.approx(1.1)
    assert (ratio.launches, ratio.rounds) == (2, 2)


def test_a_bare_run_trains_to_its_end(tiny_stage: Stage) -> None:
    folder = tiny_stage.scratch / "bare"
    assert stopwatch._bare_run_seconds(tiny_stage, folder, 2, one_core(random.Random(0))) > 0
    assert len((folder / "train" / "results.csv").read_text().splitlines()) == 3


def test_a_bare_run_that_fails_says_so_in_a_line(tiny_stage: Stage) -> None:
    workload = tiny_stage.workload.model_copy(update={"settings": {"optimizer": "none such"}})
    broken = dataclasses.replace(tiny_stage, workload=workload)
    with pytest.raises(BenchError, match=r"^a bare run of 2 epochs ended with status 1: .*none such.*$"):
        stopwatch._bare_run_seconds(broken, tiny_stage.scratch / "broken", 2, one_core(random.Random(0)))


def test_trials_of_a_stage_train_with_the_project(tiny_workload: Workload, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(OWN_TRAINER)
    project = Project(tmp_path, (), {"mine": "train.py:Mine"})
    with stage(tiny_workload.model_copy(update={"trainer": "mine"}), "cpu", project) as place:
        assert starts(place, count=1, rng=random.Random(0)).count == 1
        with place.trials({"own": PROBED, "planted": run_planted_trial}, one_core(random.Random(0))) as trials:
            # Every epoch of this trainer sleeps for half a second, which no epoch of the tiny workload does by itself.
            assert min(epoch_seconds(trial) for trial in trials.values()) > 0.5


def test_epochs_that_start_up_drowns_are_refused() -> None:
    assert stopwatch.stopwatch_epoch(10.0, 16.0, 3) == pytest.approx(2.0)
    with pytest.raises(BenchError, match="more --epochs"):
        stopwatch.stopwatch_epoch(10.0, 9.9, 3)


def test_share_in_steps_by_hand() -> None:
    def made(at: float, took: float) -> AnyRecord:
        return BurstRecord(
            launch=0, block=0, round=0, position=0, measurement="epoch", combination="a", at=at, took=took, values={}
        )

    # 2 s and 3 s of bursts in a run that ended after 10 s
    bursts = [made(4.0, 2.0), made(9.0, 3.0)]
    assert share_in_steps([*bursts, EndRecord(at=10.0, reason="rounds done")]) == pytest.approx(0.5)
    with pytest.raises(BenchError, match="not come to its end"):
        share_in_steps(bursts)


def test_the_newest_run_is_found(tmp_path: Path) -> None:
    assert newest_run(tmp_path) is None
    for name in ("20260101T000000Z-a", "20260102T000000Z-b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "journal.jsonl").touch()
    assert newest_run(tmp_path) == tmp_path / "20260102T000000Z-b"


@pytest.mark.parametrize("phase", PHASES)
def test_busy_work_is_planted_where_it_says(tiny_stage: Stage, phase: Phase) -> None:
    seconds = 0.05

    def epoch_phases(slowdown: Slowdown, name: str) -> dict[str, float]:
        spec = TrialSpec(
            workload=tiny_stage.workload,
            device="cpu",
            levels={"planted": slowdown.model_dump()},
            data=tiny_stage.data,
            folder=tiny_stage.scratch / f"{phase.value}-{name}",
            cores=one_core(random.Random(0)),
        )
        trial = Trial(spec, trial_context("cpu"), tiny_stage.warden, 300, run_planted_trial)
        try:
            trial.ready()
            trial.measure("epoch")
            values = trial.measure("epoch").values
            assert trial.evidence()["planted"].in_force
            return values
        finally:
            trial.end()

    without = epoch_phases(Slowdown(phase=phase.value, seconds=0.0, share=0.0), "without")
    planted = epoch_phases(Slowdown(phase=phase.value, seconds=seconds, share=0.1), "planted")

    def growth(each: Phase) -> float:
        first = planted["first_batch"] - without["first_batch"] if each is Phase.DATA_WAIT else 0.0
        return planted[each.value] - without[each.value] + first

    # six steps of 0.05 s of the processor's time
    assert growth(phase) > 0.8 * 6 * seconds
    assert max(PHASES, key=growth) is phase


def test_planted_levels_are_validated() -> None:
    assert Planted.parse({"phase": "forward", "seconds": 0.1, "share": 0.1}) == {
        "phase": "forward",
        "seconds": 0.1,
        "share": 0.1,
    }


def test_what_was_found_and_where_it_was_put() -> None:
    slowdown = Slowdown(phase="forward", seconds=0.01, share=0.1)
    records: list[AnyRecord] = [
        head(),
        row("base"),
        row("slow").model_copy(update={"levels": {"planted": slowdown.model_dump()}}),
    ]
    for launch in range(3):
        for number in range(3):
            for name, factor in (("base", 1.0), ("slow", 1.1)):
                made = burst(name, launch, number, factor)
                phases = {"forward": 0.4 + (factor - 1), "backward": 0.5, "optimizer": 0.05, "data_wait": 0.05}
                records.append(made.model_copy(update={"values": {**made.values, **phases}}))
    (found,) = findings(records, blocks=3)
    assert found.blamed is Phase.FORWARD
    assert found.right
    assert found.ratio == pytest.approx(1.1)
