"""From estimates to verdicts, adjusted for the number of comparisons in a report."""

from __future__ import annotations

from collections.abc import Mapping

from bench.analysis.ratio import Estimate, as_ratio, equivalence_p_value
from bench.analysis.result import Verdict


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return p-values adjusted by Holm's step-down method (1979, Scandinavian Journal of Statistics 6)."""
    adjusted: dict[str, float] = {}
    largest = 0.0
    ordered = sorted(p_values.items(), key=lambda item: (item[1], item[0]))
    for rank, (name, p_value) in enumerate(ordered):
        largest = max(largest, min(1.0, (len(ordered) - rank) * p_value))
        adjusted[name] = largest
    return adjusted


def verdicts(
    estimates: Mapping[str, Estimate], margin: float, alpha_difference: float, alpha_equivalence: float
) -> dict[str, Verdict]:
    """Return a verdict for every combination.

    A combination is equivalent when it is shown to lie within the margin, even where it is also shown to differ;
    else faster or slower when it is shown to differ; else undecided.

    Args:
        estimates: log ratios of a report's combinations to the baseline.
        margin: relative difference that counts as none.
        alpha_difference: family-wise error of "faster" and "slower".
        alpha_equivalence: family-wise error of "equivalent".
    """
    differs: dict[str, float] = {}
    equal: dict[str, float] = {}
    for name, estimate in estimates.items():
        difference = as_ratio(estimate, 0.95).p_value
        equivalence = equivalence_p_value(estimate, margin)
        if difference is None or equivalence is None:
            continue
        # What was set aside after one launch can be shown to be slower; any good news takes a second launch.
        repeated = estimate.launches >= 2
        differs[name] = difference if repeated or estimate.mean > 0 else 1.0
        equal[name] = equivalence if repeated else 1.0
    differs, equal = holm(differs), holm(equal)
    result: dict[str, Verdict] = {}
    for name, estimate in estimates.items():
        if name in equal and equal[name] < alpha_equivalence:
            result[name] = Verdict.EQUIVALENT
        elif name in differs and differs[name] < alpha_difference:
            result[name] = Verdict.FASTER if estimate.mean < 0 else Verdict.SLOWER
        else:
            result[name] = Verdict.UNDECIDED
    return result
