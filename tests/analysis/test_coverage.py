"""Intervals hold the truth and verdicts are seldom wrong, over simulated runs with adaptive stopping."""

from __future__ import annotations

import math
import random

import pytest

from bench.analysis.policy import POLICY
from bench.analysis.ratio import estimate_all
from bench.analysis.result import Verdict
from bench.analysis.simulation import Noise, Shape, covers, simulate_run
from bench.analysis.verdict import verdicts
from bench.benchmarks.coverage import simulated_coverage

QUIET = Noise(launch=0.012, burst=0.02, drift=0.01, outlier_share=0.05, outlier_size=0.3)
LAUNCHES_ALIKE = Noise(launch=0.0, burst=0.02, drift=0.01, outlier_share=0.05, outlier_size=0.3)
LAUNCHES_DIFFER = Noise(launch=0.03, burst=0.02, drift=0.0, outlier_share=0.0, outlier_size=0.1)
LOADED = Noise(launch=0.01, burst=0.08, drift=0.03, outlier_share=0.1, outlier_size=0.5)
SHAPES = [Shape(launches=3, rounds=5, margin=0.02), Shape(launches=5, rounds=3, margin=0.02)]
FEW_ROUNDS = [Shape(launches=2, rounds=1, margin=0.02), Shape(launches=2, rounds=2, margin=0.02)]
"""What wide suites with short budgets come to."""


@pytest.mark.parametrize("noise", [QUIET, LAUNCHES_ALIKE, LAUNCHES_DIFFER, LOADED])
@pytest.mark.parametrize("shape", [*SHAPES, *FEW_ROUNDS])
@pytest.mark.parametrize("combinations", [1, 7, 15])
def test_95_percent_intervals_hold_the_truth_and_false_alarms_are_rare(
    noise: Noise, shape: Shape, combinations: int
) -> None:
    runs = max(150, 300 // combinations)
    result = simulated_coverage(noise, shape, combinations, runs, seed=20260101)
    assert result.comparisons == runs * combinations
    assert result.covered / result.comparisons >= 0.93
    assert result.false_alarms / result.comparisons <= 0.02


def test_a_large_effect_is_found_and_has_the_right_sign() -> None:
    rng = random.Random(1)
    found = [
        simulate_run({"a": math.log(0.8), **{str(n): 0.0 for n in range(6)}}, QUIET, SHAPES[0], rng)["a"]
        for _ in range(100)
    ]
    assert sum(outcome.verdict is Verdict.FASTER for outcome in found) >= 95
    assert not any(outcome.verdict is Verdict.SLOWER for outcome in found)


def test_ignoring_launches_would_be_found_out() -> None:
    """The bounds above can fail: intervals from one launch's rounds alone miss the truth far more often."""
    rng = random.Random(1)
    missed = 0
    for _ in range(200):
        outcome = simulate_run({"a": 0.0}, LAUNCHES_DIFFER, Shape(2, 20, 0.02), rng)["a"]
        half = 1.96 * math.sqrt(2 * LAUNCHES_DIFFER.burst**2 / 40)
        missed += abs(outcome.estimate.mean) > half
    assert missed > 50


def odd_ones(times: float, runs: int = 1000) -> tuple[float, float]:
    """Return how often the interval of one of eight identical programs holds 1, and how often its verdict is wrong.

    Its three launches differ ``times`` as much as the others' do, by 1 %; each has five rounds, bursts vary by 2 %.
    """
    rng = random.Random(20260102)
    held = wrong = 0
    for _ in range(runs):
        ratios: dict[str, dict[int, list[float]]] = {str(n): {} for n in range(8)}
        for launch in range(3):
            offsets = {name: rng.gauss(0.0, 0.01 * (times if name == "0" else 1.0)) for name in ratios}
            baseline = rng.gauss(0.0, 0.01)
            moods = [baseline + rng.gauss(0.0, 0.02) for _ in range(5)]
            for name, launches in ratios.items():
                launches[launch] = [offsets[name] + rng.gauss(0.0, 0.02) - mood for mood in moods]
        estimates = estimate_all(ratios)
        verdict = verdicts(estimates, 0.02, POLICY.alpha_difference, POLICY.alpha_equivalence)["0"]
        held += covers(estimates["0"], 0.0, POLICY.confidence)
        wrong += verdict in {Verdict.FASTER, Verdict.SLOWER}
    return held / runs, wrong / runs


@pytest.mark.parametrize(
    ("times", "least_held", "most_wrong"), [(1.0, 0.95, 0.01), (3.0, 0.87, 0.02), (10.0, 0.82, 0.06)]
)
def test_a_combination_whose_launches_differ_more_than_all_others(
    times: float, least_held: float, most_wrong: float
) -> None:
    held, wrong = odd_ones(times)
    assert held >= least_held
    assert wrong <= most_wrong
