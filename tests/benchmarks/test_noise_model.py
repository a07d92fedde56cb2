"""A noise model fitted to bursts drawn from a known one comes out near it."""

from __future__ import annotations

import math
import random

import pytest
from journals import burst, head, row

from bench.benchmarks.noise_model import fit_noise
from bench.errors import InputError
from bench.journal.records import AnyRecord


def drawn(launch: float, spread: float, drift: float, outliers: float) -> list[AnyRecord]:
    rng = random.Random(5)
    names = ["base", *(f"copy{n}" for n in range(7))]
    records: list[AnyRecord] = [head(), *map(row, names)]
    for number in range(12):
        offsets = {name: rng.gauss(0, launch) for name in names}
        mood = 0.0
        for each in range(20):
            for name in names:
                mood += rng.gauss(0, drift)
                extra = rng.expovariate(1 / 0.5) if rng.random() < outliers else 0.0
                seconds = math.exp(mood + offsets[name] + rng.gauss(0, spread) + extra)
                records.append(burst(name, number, each, seconds))
    return records


def test_burst_and_launch_deviations_are_found_again() -> None:
    noise = fit_noise(drawn(launch=0.05, spread=0.02, drift=0.0, outliers=0.0))
    assert noise.burst == pytest.approx(0.02, rel=0.15)
    assert noise.launch == pytest.approx(0.05, rel=0.3)
    assert noise.outlier_share < 0.005


def test_drift_is_told_from_bursts() -> None:
    noise = fit_noise(drawn(launch=0.0, spread=0.02, drift=0.02, outliers=0.0))
    assert noise.drift == pytest.approx(0.02, rel=0.35)


def test_outliers_are_counted() -> None:
    noise = fit_noise(drawn(launch=0.0, spread=0.02, drift=0.0, outliers=0.1))
    # An outlier of less than four deviations (0.08 of a mean of 0.5) passes for an ordinary burst.
    assert noise.outlier_share == pytest.approx(0.1 * math.exp(-0.08 / 0.5), rel=0.3)
    assert noise.outlier_size > 0.3


def test_a_run_without_epochs_to_compare_is_bad_input() -> None:
    beginnings: list[list[AnyRecord]] = [
        [head()],
        [head(), row("base"), row("copy")],
        [head(), row("base"), row("copy"), burst("base", 0, 0, 1.0)],
        [head(), row("base"), row("copy"), *(burst(name, 0, 0, 1.0, "memory", "peak") for name in ("base", "copy"))],
    ]
    for records in beginnings:
        with pytest.raises(InputError, match="a run of identical trials, as `bench noise` makes"):
            fit_noise(records)


@pytest.mark.parametrize(
    ("launches", "rounds", "found"), [(1, 2, "found one launch;"), (2, 1, "found one round in each launch;")]
)
def test_a_run_that_tells_no_launches_from_bursts_is_bad_input(launches: int, rounds: int, found: str) -> None:
    bursts = [
        burst(name, launch, number, 1.0)
        for launch in range(launches)
        for number in range(rounds)
        for name in ("base", "copy")
    ]
    with pytest.raises(InputError, match=found):
        fit_noise([head(), row("base"), row("copy"), *bursts])
