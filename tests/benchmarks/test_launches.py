"""What makes launches differ: the spread by hand, and what a trial is started with under every condition."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path

import pytest

from bench.benchmarks.launches import (
    CONDITIONS,
    FIXED_ALLOCATOR,
    NAMES,
    Condition,
    any_core,
    drop_from_page_cache,
    launch_spreads,
    own_cores,
    same_core,
    spread,
)
from bench.benchmarks.stage import Stage
from bench.environment.machine import usable_cores
from bench.measurements.base import Burst
from bench.suite.model import MeasurementName, Workload
from bench.trials.messages import TrialSpec
from bench.trials.warden import Warden

FIRST_LAUNCH, SECOND_LAUNCH = 1.0, math.exp(0.2)
"""Seconds of an epoch of the first trial of a pair; the second one's take 1 s."""


@dataclass
class Started:
    """What a trial was started with, and under what circumstances.

    Attributes:
        cores: it may run on.
        way: how its process was to be started.
        allocator: the variables of FIXED_ALLOCATOR that there were for it to inherit.
        dropped: folders that had been dropped from the page cache by then.
    """

    cores: tuple[int, ...]
    way: str
    allocator: dict[str, str]
    dropped: tuple[Path, ...]


class PlainTrials:
    """Starts stand-ins for trials, in pairs, and remembers how."""

    def __init__(self, pairs_of_first_launch: int) -> None:
        self.pairs_of_first_launch = pairs_of_first_launch
        self.started: list[Started] = []
        self.dropped: list[Path] = []

    def __call__(self, spec: TrialSpec, context: ForkServerContext | SpawnContext, *_: object) -> PlainTrial:
        pair, place = divmod(len(self.started), 2)
        allocator = {name: os.environ[name] for name in FIXED_ALLOCATOR if name in os.environ}
        self.started.append(Started(spec.cores, context.get_start_method(), allocator, tuple(self.dropped)))
        first = FIRST_LAUNCH if pair < self.pairs_of_first_launch else SECOND_LAUNCH
        return PlainTrial(first if place == 0 else 1.0)


class PlainTrial:
    """Stands in for a trial whose every epoch takes the same time."""

    def __init__(self, seconds: float) -> None:
        self.burst = Burst({"seconds": seconds})

    def ready(self) -> None: ...

    def measure(self, measurement: MeasurementName) -> Burst:
        return self.burst

    def take_turn(self, measurement: MeasurementName, seconds: float | None) -> Burst:
        return self.burst

    def end(self) -> None: ...


@pytest.fixture
def plain_stage(tiny_workload: Workload, warden: Warden, tmp_path: Path) -> Stage:
    return Stage(tiny_workload, "cpu", tmp_path / "data" / "data.yaml", warden, tmp_path)


@pytest.fixture
def plain_trials(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], PlainTrials]:
    """Replace trials by stand-ins, and dropping pages by a note of it, on a machine of three cores."""

    def replace(pairs_of_first_launch: int) -> PlainTrials:
        trials = PlainTrials(pairs_of_first_launch)
        monkeypatch.setattr("bench.benchmarks.stage.Trial", trials)
        monkeypatch.setattr("bench.benchmarks.launches.drop_from_page_cache", trials.dropped.append)
        for module in ("stage", "launches"):
            monkeypatch.setattr(f"bench.benchmarks.{module}.usable_cores", lambda: (4, 5, 6))
        return trials

    return replace


def test_spread_by_hand() -> None:
    # Locations 0 and 0.2, standard deviation 0.1414; rounds at 0 +- 0.01 have the variance 0.0002, their mean 0.0001:
    # standard deviation 0.01. Launches add 0.02 - 0.0001 = 0.0199, whose root is 0.14107.
    found = spread("any", {0: [-0.01, 0.01], 1: [0.19, 0.21]})
    assert (found.launches, found.rounds) == (2, 2)
    assert found.locations == pytest.approx(0.2 / math.sqrt(2))
    assert found.explained == pytest.approx(0.01)
    assert found.between == pytest.approx(math.sqrt(0.0199))


def test_the_spread_of_each_condition_is_of_its_own_pairs(
    plain_stage: Stage, plain_trials: Callable[[int], PlainTrials]
) -> None:
    trials = plain_trials(len(CONDITIONS))
    spreads = list(launch_spreads(plain_stage, CONDITIONS, launches=2, rounds=3, rng=random.Random(0)))
    assert len(trials.started) == 2 * 2 * len(CONDITIONS)
    assert [each.condition for each in spreads] == [condition.name for condition in CONDITIONS]
    for each in spreads:
        # Launches at 0 and 0.2, standard deviation 0.1414, and rounds that are all alike.
        assert (each.launches, each.rounds, each.explained) == (2, 3, 0.0)
        assert each.locations == pytest.approx(0.2 / math.sqrt(2))
        assert each.between == pytest.approx(0.2 / math.sqrt(2))


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
def test_trials_are_started_as_their_condition_says(
    condition: Condition,
    plain_stage: Stage,
    plain_trials: Callable[[int], PlainTrials],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in FIXED_ALLOCATOR:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MALLOC_ARENA_MAX", "7")
    trials = plain_trials(1)
    list(launch_spreads(plain_stage, (condition,), launches=2, rounds=1, rng=random.Random(0)))
    usual = {"MALLOC_ARENA_MAX": "7"}
    assert {name: os.environ[name] for name in FIXED_ALLOCATOR if name in os.environ} == usual
    assert len(trials.started) == 4
    for number, started in enumerate(trials.started):
        assert started.way == ("spawn" if condition.spawned else "forkserver")
        assert started.allocator == (dict(condition.environment) or usual)
        # Once before each of the two launches of two trials.
        drops = number // 2 + 1 if condition.cold else 0
        assert started.dropped == (plain_stage.data.parent,) * drops
    cores = [started.cores for started in trials.started[:2]]
    if condition.cores is any_core:
        assert cores == [(4, 5, 6)] * 2
    else:
        assert [len(each) for each in cores] == [1, 1]
        assert (cores[0] == cores[1]) == (condition.cores is same_core)


def test_each_way_to_launch_is_a_condition() -> None:
    # What the test above tells apart is there to be told apart.
    assert {condition.spawned for condition in CONDITIONS} == {False, True}
    assert {condition.cold for condition in CONDITIONS} == {False, True}
    assert {condition.environment for condition in CONDITIONS} == {(), tuple(FIXED_ALLOCATOR.items())}
    assert {condition.cores for condition in CONDITIONS} == {same_core, own_cores, any_core}


@pytest.mark.skipif(len(usable_cores()) < 2, reason="needs two cores")
def test_own_cores_differ() -> None:
    drawn = own_cores(random.Random(0))
    assert set(drawn) == set(NAMES)
    assert drawn["a"] != drawn["b"]


def test_every_file_is_written_out_and_dropped_from_the_page_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / "file", tmp_path / "deep" / "file"]
    (tmp_path / "deep").mkdir()
    for file in files:
        file.write_bytes(b"kept")
    asked: dict[int, list[object]] = {}

    def sync(descriptor: int) -> None:
        asked.setdefault(os.fstat(descriptor).st_ino, []).append("written out")

    def advise(descriptor: int, *advice: int) -> None:
        asked.setdefault(os.fstat(descriptor).st_ino, []).append(advice)

    monkeypatch.setattr(os, "fdatasync", sync)
    monkeypatch.setattr(os, "posix_fadvise", advise)
    drop_from_page_cache(tmp_path)
    # Pages that wait to be written are not dropped; a length of 0 is all of the file.
    wanted = ["written out", (0, 0, os.POSIX_FADV_DONTNEED)]
    assert asked == {file.stat().st_ino: wanted for file in files}


def test_dropping_pages_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"kept")
    drop_from_page_cache(tmp_path)
    assert (tmp_path / "file").read_bytes() == b"kept"
