"""Coverage and false alarms over many simulated runs of identical trials, adaptive stopping on."""

from __future__ import annotations

import random
from dataclasses import dataclass

from bench.analysis.policy import POLICY
from bench.analysis.result import Verdict
from bench.analysis.simulation import Noise, Shape, covers, simulate_run


@dataclass(frozen=True)
class Coverage:
    """How often intervals and verdicts were right where nothing differed.

    Attributes:
        comparisons: identical trials compared with the baseline, over all runs.
        covered: intervals that hold a ratio of 1.
        false_alarms: verdicts of faster or slower.
        equivalent: verdicts of equivalent.
    """

    comparisons: int
    covered: int
    false_alarms: int
    equivalent: int


def simulated_coverage(noise: Noise, shape: Shape, combinations: int, runs: int, seed: int) -> Coverage:
    """Simulate ``runs`` runs of ``combinations`` identical trials each."""
    rng = random.Random(seed)
    outcomes = [
        outcome
        for _ in range(runs)
        for outcome in simulate_run({str(n): 0.0 for n in range(combinations)}, noise, shape, rng).values()
    ]
    return Coverage(
        comparisons=len(outcomes),
        covered=sum(covers(outcome.estimate, 0.0, POLICY.confidence) for outcome in outcomes),
        false_alarms=sum(outcome.verdict in {Verdict.FASTER, Verdict.SLOWER} for outcome in outcomes),
        equivalent=sum(outcome.verdict is Verdict.EQUIVALENT for outcome in outcomes),
    )
