"""Log ratios to the baseline, round by round, out of a journal's bursts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import median, quantiles

from bench.analysis.result import Figure
from bench.journal.records import BurstRecord

QUARTILES_NEED = 4


def metrics(bursts: Iterable[BurstRecord]) -> tuple[str, ...]:
    """Return the names of all metrics, ``measurement.value``, in order of first appearance."""
    return tuple(dict.fromkeys(f"{burst.measurement}.{value}" for burst in bursts for value in burst.values))


def log_ratios(bursts: Sequence[BurstRecord], metric: str, baseline: str) -> dict[str, dict[int, list[float]]]:
    """Return combination to launch to the log ratios of its rounds.

    Only rounds in which both the combination and the baseline had their burst count, and only figures above 0.
    """
    measurement, _, value = metric.partition(".")
    seen: dict[tuple[int, int], dict[str, float]] = {}
    for burst in bursts:
        if burst.measurement == measurement and burst.values.get(value, 0.0) > 0.0:
            seen.setdefault((burst.launch, burst.round), {})[burst.combination] = burst.values[value]
    ratios: dict[str, dict[int, list[float]]] = {}
    for (launch, _), figures in sorted(seen.items()):
        if baseline not in figures:
            continue
        for combination, figure in figures.items():
            if combination != baseline:
                log = math.log(figure / figures[baseline])
                ratios.setdefault(combination, {}).setdefault(launch, []).append(log)
    return ratios


def figures(bursts: Iterable[BurstRecord]) -> dict[str, Figure]:
    """Return the absolute figure of every metric of one combination, from its bursts."""
    values: dict[str, list[float]] = {}
    for burst in bursts:
        for name, value in burst.values.items():
            values.setdefault(f"{burst.measurement}.{name}", []).append(value)
    return {metric: figure(seen) for metric, seen in values.items()}


def figure(values: Sequence[float]) -> Figure:
    """Return the median and half the distance between the quartiles."""
    spread = None
    if len(values) >= QUARTILES_NEED:
        lower, _, upper = quantiles(values, n=4, method="inclusive")
        spread = (upper - lower) / 2
    return Figure(median(values), spread, len(values))
