"""Identical trials compared in two ways: interleaved as the harness does, and one process after the other."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from statistics import median, stdev

from bench.benchmarks.stage import PROBED, Stage, epoch_seconds, interleaved_log_ratios, one_core
from bench.environment.machine import usable_cores


@dataclass(frozen=True)
class Spread:
    """How far ratios of identical trials lie from each other.

    Attributes:
        interleaved: standard deviation of the log ratio of two trials that take turns.
        one_after_other: standard deviation of the log ratio of two trials run one after the other.
        pairs: pairs of each kind, taken in turns.
        rounds: epochs of each trial, after one to warm up.
    """

    interleaved: float
    one_after_other: float
    pairs: int
    rounds: int


def compare(stage: Stage, pairs: int, rounds: int, rng: random.Random) -> Spread:
    """Return the spread of A/A ratios in both ways; each takes as many epochs, and they alternate."""
    interleaved: list[float] = []
    sequential: list[float] = []
    for _ in range(pairs):
        with stage.trials({"a": PROBED, "b": PROBED}, one_core(rng)) as trials:
            interleaved.append(median(interleaved_log_ratios(trials, "a", "b", rounds, stage.turn, rng)))
        first, second = (_alone(stage, rounds) for _ in range(2))
        sequential.append(math.log(first / second))
    return Spread(stdev(interleaved), stdev(sequential), pairs, rounds)


def _alone(stage: Stage, rounds: int) -> float:
    """Return the median epoch of a trial that has the machine to itself, on any core, as a script would."""
    with stage.trials({"alone": PROBED}, usable_cores()) as trials:
        epoch_seconds(trials["alone"])
        return median(epoch_seconds(trials["alone"]) for _ in range(rounds))
