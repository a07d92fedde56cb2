"""The two looks of a gate: after the first launches, and after the last where the first left something open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.analysis.ratio import LogRatios, as_ratio, estimate_all
from bench.analysis.result import Ratio
from bench.gate.decision import FINAL_CONFIDENCE, INTERIM_CONFIDENCE, GateVerdict, metric_verdict
from bench.suite.model import Gate

MetricRatios = Mapping[str, Mapping[str, LogRatios]]
"""Metric to gated combination to the log ratios of head to base, by launch."""


@dataclass(frozen=True)
class Judged:
    """What was found of one gated metric of one combination.

    Attributes:
        metric: ``measurement.value``.
        combination: the gated combination.
        ratio: of head to base, with the interval that decided; None where nothing was measured.
        confidence: of that interval.
        verdict: what that says.
    """

    metric: str
    combination: str
    ratio: Ratio | None
    confidence: float
    verdict: GateVerdict


def look(ratios: MetricRatios, margin: float, regression: float, confidence: float) -> tuple[Judged, ...]:
    """Return what is to be said of every metric of every combination in ``ratios`` at one confidence."""
    judged: list[Judged] = []
    for metric, by_combination in ratios.items():
        estimates = estimate_all(by_combination)
        for combination in by_combination:
            ratio = as_ratio(estimates[combination], confidence) if combination in estimates else None
            verdict = metric_verdict(ratio, margin, regression)
            judged.append(Judged(metric, combination, ratio, confidence, verdict))
    return tuple(judged)


def first_look(ratios: MetricRatios, gate: Gate, margin: float) -> tuple[Judged, ...]:
    """Return what the first launches of every combination say, whatever came after them."""
    first = {
        metric: {
            name: {launch: launches[launch] for launch in sorted(launches)[: gate.first_launches]}
            for name, launches in by_combination.items()
        }
        for metric, by_combination in ratios.items()
    }
    return look(first, margin, gate.regression, INTERIM_CONFIDENCE)


def open_combinations(judged: tuple[Judged, ...]) -> frozenset[str]:
    """Return the combinations with a metric that could not be judged yet, which more launches are worth making of."""
    return frozenset(each.combination for each in judged if each.verdict is GateVerdict.NOT_JUDGED)


def both_looks(ratios: MetricRatios, gate: Gate, margin: float) -> tuple[Judged, ...]:
    """Return what a gate that is over says: combinations that the first look closed keep what it said of them."""
    first = first_look(ratios, gate, margin)
    still_open = open_combinations(first)
    last = look(ratios, margin, gate.regression, FINAL_CONFIDENCE)
    return tuple(
        after if after.combination in still_open else before for before, after in zip(first, last, strict=True)
    )
