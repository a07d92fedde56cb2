"""What makes two launches of one program differ: pairs of identical trials, launched under one condition after another.

A launch's location is that of the log ratios of its rounds. What locations vary by beyond what rounds explain is what
launches add, and a condition under which that is more than under the harness's own tells a cause.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path
from statistics import stdev

from bench.analysis.ratio import between_launches
from bench.analysis.robust import locate
from bench.benchmarks.stage import PROBED, Stage, interleaved_log_ratios, one_core
from bench.environment.machine import usable_cores
from bench.trials.server import trial_context

Cores = dict[str, tuple[int, ...]]

NAMES = ("a", "b")
FIXED_ALLOCATOR = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}
"""glibc moves these two thresholds, by what was freed before, unless they are set (mallopt(3))."""


@dataclass(frozen=True)
class Condition:
    """A way to launch a pair.

    Attributes:
        name: how the table calls it.
        cores: draws the cores of both trials.
        spawned: whether each trial is a new interpreter, with a memory layout of its own, and not a fork of one server.
        environment: environment variables of the trials; only a new interpreter sees them.
        cold: whether the data set's files are dropped from the page cache before.
    """

    name: str
    cores: Callable[[random.Random], Cores]
    spawned: bool = False
    environment: tuple[tuple[str, str], ...] = ()
    cold: bool = False


def same_core(rng: random.Random) -> Cores:
    """Return one core, drawn at random, for both trials: what the harness does."""
    return dict.fromkeys(NAMES, one_core(rng))


def own_cores(rng: random.Random) -> Cores:
    """Return a core of its own for each trial."""
    drawn = rng.sample(usable_cores(), 2)
    return {name: (core,) for name, core in zip(NAMES, drawn, strict=True)}


def any_core(rng: random.Random) -> Cores:
    """Return all cores for both trials: the operating system places them."""
    return dict.fromkeys(NAMES, tuple(usable_cores()))


CONDITIONS = (
    Condition("as a run does: same core, one layout", same_core),
    Condition("placement: a core of its own each", own_cores),
    Condition("placement: any core", any_core),
    Condition("memory layout: new interpreters", same_core, spawned=True),
    Condition(
        "allocator: new interpreters, thresholds fixed",
        same_core,
        spawned=True,
        environment=tuple(FIXED_ALLOCATOR.items()),
    ),
    Condition("page cache: data dropped before each launch", same_core, cold=True),
)


@dataclass(frozen=True)
class LaunchSpread:
    """How far launches of identical trials lie from each other under one condition.

    Attributes:
        condition: its name.
        launches: pairs launched.
        rounds: rounds of each.
        locations: standard deviation of the launches' log ratios.
        explained: standard deviation that rounds alone would give them.
        between: standard deviation that launches add; 0 where rounds explain it all.
    """

    condition: str
    launches: int
    rounds: int
    locations: float
    explained: float
    between: float


def launch_spreads(
    stage: Stage, conditions: tuple[Condition, ...], launches: int, rounds: int, rng: random.Random
) -> Iterator[LaunchSpread]:
    """Launch pairs under all conditions in turns, then yield the spread of each."""
    ratios: dict[str, dict[int, list[float]]] = {condition.name: {} for condition in conditions}
    for launch in range(launches):
        for condition in rng.sample(conditions, len(conditions)):
            ratios[condition.name][launch] = _one_launch(stage, condition, rounds, rng)
    for name, logs in ratios.items():
        yield spread(name, logs)


def spread(condition: str, logs: dict[int, list[float]]) -> LaunchSpread:
    """Return the spread of launches, from the log ratios of their rounds; all have the same number of rounds."""
    where = locate(tuple(logs.values()))
    rounds = len(next(iter(logs.values())))
    between = between_launches({condition: where}, {condition: logs}).variance
    return LaunchSpread(
        condition=condition,
        launches=len(logs),
        rounds=rounds,
        locations=stdev(where.centers),
        explained=math.sqrt((where.variance or 0.0) / rounds),
        between=math.sqrt(between),
    )


def _one_launch(stage: Stage, condition: Condition, rounds: int, rng: random.Random) -> list[float]:
    """Launch one pair and return the log ratios of its rounds."""
    if condition.cold:
        drop_from_page_cache(stage.data.parent)
    context: ForkServerContext | SpawnContext = trial_context(stage.device)
    if condition.spawned:
        context = multiprocessing.get_context("spawn")
    with (
        _environment(dict(condition.environment)),
        stage.trials(dict.fromkeys(NAMES, PROBED), condition.cores(rng), context) as trials,
    ):
        return interleaved_log_ratios(trials, *NAMES, rounds, stage.turn, rng)


def drop_from_page_cache(folder: Path) -> None:
    """Ask the kernel to forget the clean pages of every file below ``folder``."""
    for file in folder.rglob("*"):
        if file.is_file():
            descriptor = os.open(file, os.O_RDONLY)
            try:
                os.fdatasync(descriptor)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set environment variables for processes started in a ``with`` block."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
