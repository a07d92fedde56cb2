"""Gates drawn from a noise model instead of a machine, beside what ``asv continuous`` says of as many trials.

A simulated gate is judged by the code that judges real ones. asv gets the same programs' trials in the way it runs
them, one after the other, and its own functions decide: ``asv_runner.statistics.compute_stats`` on one sample a trial
and ``asv.commands.compare._is_result_better`` with its default factor.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.analysis.ratio import LogRatios
from bench.analysis.simulation import Noise
from bench.gate.decision import ExitCode, exit_code
from bench.gate.looks import MetricRatios, both_looks, first_look, open_combinations
from bench.suite.model import Gate

ASV_FACTOR = 1.1
"""Default of ``asv continuous``: smaller ratios are not reported."""

TWO_PERCENT = Noise(launch=0.005, burst=0.02, drift=0.005, outlier_share=0.01, outlier_size=0.1)
"""Bursts of a launch vary by 2 %, launches of one program by half a percent; one burst in a hundred is disturbed."""

MEMORY = Noise(launch=0.005, burst=0.002, drift=0.0, outlier_share=0.0, outlier_size=0.1)
"""Peaks of memory of identical trials in one round."""


@dataclass(frozen=True)
class Design:
    """How a simulated gate is made.

    Attributes:
        gate: launches and thresholds.
        margin: relative change that counts as none.
        combinations: gated ones.
        rounds: of the epoch in every launch; memory has one.
    """

    gate: Gate
    margin: float
    combinations: int
    rounds: int


@dataclass(frozen=True)
class Simulated:
    """What one simulated gate came to.

    Attributes:
        code: its exit code.
        launches: pairs of trials, one of base and one of head, over all combinations.
    """

    code: ExitCode
    launches: int


def simulate_gate(change: float, noise: Noise, design: Design, rng: random.Random) -> Simulated:
    """Simulate one gate of epoch time and peak memory with its interim look.

    Args:
        change: true log ratio of head to base in the epoch time of every combination.
        noise: of epoch times.
        design: of the gate.
        rng: source of all chance.
    """
    names = [str(number) for number in range(design.combinations)]
    epochs: dict[str, dict[int, list[float]]] = {name: {} for name in names}
    memory: dict[str, dict[int, list[float]]] = {name: {} for name in names}
    members = names
    launch = 0
    while launch < design.gate.launches and members:
        for name, logs in simulated_launch(members, change, noise, design.rounds, rng).items():
            epochs[name][launch] = logs
        for name, logs in simulated_launch(members, 0.0, MEMORY, 1, rng).items():
            memory[name][launch] = logs
        launch += 1
        if launch == design.gate.first_launches:
            still_open = open_combinations(first_look(_ratios(epochs, memory), design.gate, design.margin))
            members = [name for name in names if name in still_open]
    judged = both_looks(_ratios(epochs, memory), design.gate, design.margin)
    return Simulated(exit_code(each.verdict for each in judged), sum(map(len, epochs.values())))


def _ratios(epochs: Mapping[str, LogRatios], memory: Mapping[str, LogRatios]) -> MetricRatios:
    return {"epoch.seconds": epochs, "memory.peak": memory}


def simulated_launch(
    names: Sequence[str], change: float, noise: Noise, rounds: int, rng: random.Random
) -> dict[str, list[float]]:
    """Return the log ratios of head to base of each combination in the rounds of one launch of one block."""
    trials = [(name, revision) for name in names for revision in ("base", "head")]
    offsets = {trial: rng.gauss(change * (trial[1] == "head"), noise.launch) for trial in trials}
    ratios: dict[str, list[float]] = {name: [] for name in names}
    mood = 0.0
    for _ in range(rounds):
        logs: dict[tuple[str, str], float] = {}
        for trial in rng.sample(trials, len(trials)):
            mood += rng.gauss(0.0, noise.drift)
            logs[trial] = mood + offsets[trial] + _burst(noise, rng)
        for name in names:
            ratios[name].append(logs[name, "head"] - logs[name, "base"])
    return ratios


def simulate_asv(
    change: float, noise: Noise, combinations: int, launches: int, rounds: int, rng: random.Random
) -> bool:
    """Return whether ``asv continuous`` would call any epoch time worse, with ``launches`` trials of each.

    A trial gives one sample, the median of its ``rounds`` epochs. All trials of head run before those of base: asv
    alternates between commits from round to round, and a ``track_`` benchmark, unlike a ``time_`` one, has a single
    round unless ``-a rounds=N`` asks for more.
    """
    mood = 0.0
    samples: Mapping[str, list[list[float]]] = {revision: [] for revision in ("head", "base")}
    for revision, of_combination in samples.items():
        for _ in range(combinations):
            trials: list[float] = []
            for _ in range(launches):
                level = rng.gauss(change * (revision == "head"), noise.launch)
                logs: list[float] = []
                for _ in range(rounds):
                    mood += rng.gauss(0.0, noise.drift)
                    logs.append(mood + level + _burst(noise, rng))
                trials.append(math.exp(median(logs)))
            of_combination.append(trials)
    return any(asv_worse(base, head) for base, head in zip(samples["base"], samples["head"], strict=True))


def asv_worse(base: Sequence[float], head: Sequence[float]) -> bool:
    """Return whether asv's own comparison calls ``head`` worse than ``base``, samples in seconds."""
    from asv.commands.compare import _is_result_better
    from asv_runner.statistics import compute_stats

    base_value, base_stats = compute_stats(list(base), 1)
    head_value, head_stats = compute_stats(list(head), 1)
    # How asv tells a result that got worse: the old one is better than the new one.
    return bool(
        _is_result_better(
            base_value, head_value, (base_stats, list(base)), (head_stats, list(head)), ASV_FACTOR, use_stats=True
        )
    )


def _burst(noise: Noise, rng: random.Random) -> float:
    """Return the log by which one burst deviates from its launch and the machine's mood."""
    log = rng.gauss(0.0, noise.burst)
    if rng.random() < noise.outlier_share:
        log += rng.expovariate(1 / noise.outlier_size)
    return log
