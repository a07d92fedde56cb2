"""A noise model fitted to the bursts of a real run of identical trials."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, median, pstdev

from bench.analysis.noise import noise_floor
from bench.analysis.pairs import log_ratios
from bench.analysis.robust import pairwise_scale
from bench.analysis.simulation import Noise
from bench.errors import InputError
from bench.journal.bursts import measured_bursts
from bench.journal.records import AnyRecord, BurstRecord, RowRecord

OUTLIER_DEVIATIONS = 4.0


def fit_noise(records: Sequence[AnyRecord]) -> Noise:
    """Return the noise model that a run of identical trials suggests.

    A burst's log seconds are taken as launch + mood of its round + its own deviation. Moods are the medians of
    rounds; deviations beyond four of the bursts' own are outliers.

    Raises:
        InputError: no trial's epochs can be held against the baseline's, or not often enough to tell what launches
            and bursts differ by.
        BenchError: the run has no noise floor.
    """
    bursts = [burst for burst in measured_bursts(records) if burst.measurement == "epoch"]
    baseline = next((record.combination for record in records if isinstance(record, RowRecord)), "")
    ratios = log_ratios(bursts, "epoch.seconds", baseline)
    if not ratios:
        found = "no rounds with epochs of both the baseline and another trial"
        raise InputError("RUN", found, "a run of identical trials, as `bench noise` makes")
    floor = noise_floor(records)
    if floor.launch_deviation is None or floor.burst_deviation is None:
        found = "one launch" if floor.launch_deviation is None else "one round in each launch"
        raise InputError("RUN", found, "a run of identical trials with two launches at least, of two rounds each")
    deviations: list[float] = []
    steps: list[float] = []
    for launch in sorted({burst.launch for burst in bursts}):
        moods, own = _launch([burst for burst in bursts if burst.launch == launch])
        deviations += own
        steps += [(after - before) for before, after in pairwise(moods)]
    # A log ratio holds the deviations of two bursts, and of no mood.
    burst = pairwise_scale([logs for launches in ratios.values() for logs in launches.values()]) / math.sqrt(2)
    outliers = [d for d in deviations if d > OUTLIER_DEVIATIONS * burst]
    trials = len({burst.combination for burst in bursts if burst.launch == bursts[0].launch})
    # A random walk of one step a burst moves by the square root of the trials between two rounds.
    drift = pstdev(steps) / math.sqrt(trials) if len(steps) > 1 else 0.0
    return Noise(
        launch=floor.launch_deviation / math.sqrt(2),
        burst=burst,
        drift=drift,
        outlier_share=len(outliers) / len(deviations),
        outlier_size=fmean(outliers) if outliers else burst,
    )


def _launch(bursts: Sequence[BurstRecord]) -> tuple[list[float], list[float]]:
    """Return the moods of a launch's rounds, and the deviations of its bursts from launch and mood."""
    logs = {(burst.combination, burst.round): math.log(burst.values["seconds"]) for burst in bursts}
    names = sorted({name for name, _ in logs})
    rounds = sorted({number for _, number in logs})
    levels = {name: median(value for (each, _), value in logs.items() if each == name) for name in names}
    centered = {key: value - levels[key[0]] for key, value in logs.items()}
    moods = {number: median(value for (_, each), value in centered.items() if each == number) for number in rounds}
    return [moods[number] for number in rounds], [value - moods[number] for (_, number), value in centered.items()]
