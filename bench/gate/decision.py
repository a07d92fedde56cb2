"""From ratios of head to base to verdicts and an exit code; pure functions.

A metric regressed when the whole interval of its ratio lies above 1 + margin: slower (or larger) by more than what
counts as none. It is clean when the whole interval lies below 1 + regression, the slowdown that a gate has to be able
to exclude. An interval that does neither is too wide to judge by. The first look, after the first launches, uses a
wider interval than the last: a decision that is taken early is taken on stronger evidence, so that looking twice
hardly adds to the errors of the last look (Haybittle 1971, British Journal of Radiology 44; Peto et al. 1976, British
Journal of Cancer 34).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum

from bench.analysis.result import Ratio

INTERIM_CONFIDENCE = 0.99
"""Of the intervals that may end a gate before its last launch."""

FINAL_CONFIDENCE = 0.95
"""Of the intervals that decide at the end."""

FALSE_DISCOVERY_RATE = 0.05
"""Share of wrong ones at most among the changes that are noted of metrics that are not gated."""


class GateVerdict(StrEnum):
    """What is said of head against base in one metric."""

    REGRESSION = "regression"
    CLEAN = "no regression"
    IMPROVED = "improved"
    NOT_JUDGED = "could not judge"


class ExitCode(IntEnum):
    """What the command returns."""

    CLEAN = 0
    REGRESSION = 1
    NOT_JUDGED = 2


def metric_verdict(ratio: Ratio | None, margin: float, regression: float) -> GateVerdict:
    """Return the verdict on one metric.

    Args:
        ratio: head's figure over base's with the interval of the look; None where nothing was measured.
        margin: relative change that counts as none.
        regression: relative slowdown that has to be excluded before a metric is clean.
    """
    if ratio is None or ratio.low is None or ratio.high is None:
        return GateVerdict.NOT_JUDGED
    if ratio.low > 1 + margin:
        return GateVerdict.REGRESSION
    if ratio.high < 1 / (1 + margin):
        return GateVerdict.IMPROVED
    return GateVerdict.CLEAN if ratio.high < 1 + regression else GateVerdict.NOT_JUDGED


def exit_code(verdicts: Iterable[GateVerdict]) -> ExitCode:
    """Return 1 for any regression, whatever else could not be judged; else 2 for any that could not, or for none."""
    seen = set(verdicts)
    if GateVerdict.REGRESSION in seen:
        return ExitCode.REGRESSION
    return ExitCode.NOT_JUDGED if not seen or GateVerdict.NOT_JUDGED in seen else ExitCode.CLEAN


def discoveries(p_values: Mapping[str, float], rate: float = FALSE_DISCOVERY_RATE) -> frozenset[str]:
    """Return the names whose p-values the step-up procedure of Benjamini & Hochberg (1995) calls discoveries.

    With the m p-values in order, these are the first k, for the largest k whose p-value is at most k / m * rate
    (Journal of the Royal Statistical Society B 57).
    """
    ordered = sorted(p_values.items(), key=lambda item: (item[1], item[0]))
    below = [rank for rank, (_, p_value) in enumerate(ordered, 1) if p_value <= rank / len(ordered) * rate]
    return frozenset(name for name, _ in ordered[: max(below, default=0)])
