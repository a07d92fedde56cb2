"""What changed between two runs: each combination's ratio to its own baseline, then and now.

Two runs are independent, so the log of (the second's ratio / the first's ratio) has the sum of both variances. Its
interval is Student's with the smaller of both degrees of freedom, which never covers too rarely (Scheffé 1970,
Practical solutions of the Behrens-Fisher problem, Journal of the American Statistical Association 65).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.analysis.analyse import analyse
from bench.analysis.pairs import log_ratios, metrics
from bench.analysis.policy import POLICY
from bench.analysis.ratio import Estimate, as_ratio, estimate_all
from bench.analysis.result import Analysis, Ratio, RowResult, Verdict
from bench.analysis.verdict import verdicts
from bench.compare.aspects import differences
from bench.errors import InputError
from bench.gate.judgement import is_gate
from bench.journal.bursts import measured_bursts
from bench.journal.records import AnyRecord
from bench.suite.combination import canonical

COMPARABLE = frozenset({Verdict.FASTER, Verdict.SLOWER, Verdict.EQUIVALENT, Verdict.UNDECIDED})


@dataclass(frozen=True)
class RowChange:
    """One combination in both runs.

    Attributes:
        label: how tables name it.
        first: what the first run said of it.
        second: what the second run said of it.
        changes: metric to the second's ratio over the first's, below 1 where the combination gained more in the
            second; empty for the baseline and where either run has no ratio.
        change: what is said of the change in the deciding metric; None where there is none.
    """

    label: str
    first: RowResult
    second: RowResult
    changes: dict[str, Ratio]
    change: Verdict | None


@dataclass(frozen=True)
class Comparison:
    """Everything said of two runs.

    Attributes:
        first: the earlier named run's analysis.
        second: the other's.
        across: aspect to what differs in it, where that was allowed.
        rows: combinations of both, in the first's order.
        only_first: combinations that only the first run has.
        only_second: combinations that only the second run has.
    """

    first: Analysis
    second: Analysis
    across: Mapping[str, tuple[str, ...]]
    rows: tuple[RowChange, ...]
    only_first: tuple[RowResult, ...]
    only_second: tuple[RowResult, ...]


def compare(first: Sequence[AnyRecord], second: Sequence[AnyRecord], across: frozenset[str]) -> Comparison:
    """Return what changed from one run to another.

    Args:
        first: a run's records.
        second: another's.
        across: aspects that may differ, of ``ASPECTS``.

    Raises:
        InputError: one compares two commits, or the runs are one, or differ in another aspect.
        BenchError: a run was stopped before it began.
    """
    if is_gate(first) or is_gate(second):
        raise InputError("RUN", "the journal of a gate, which compares two commits", "two runs of `bench run`")
    one, other = analyse(first), analyse(second)
    if (one.run.run, one.run.started) == (other.run.run, other.run.started):
        raise InputError("RUN", f"the run {one.run.run} twice", "two runs")
    found = differences(first, second)
    refused = {aspect: texts for aspect, texts in found.items() if aspect not in across}
    if refused:
        text = "; ".join(f"{aspect} ({', '.join(texts)})" for aspect, texts in refused.items())
        expected = f"runs that agree in that, or --across {','.join(found)} to compare them all the same"
        raise InputError("RUN", f"runs that differ in {text}", expected)
    pairs, only_first, only_second = _paired(one, other)
    return Comparison(one, other, found, _rows(one, other, pairs, first, second), only_first, only_second)


def change_of(first: Estimate, second: Estimate) -> Estimate:
    """Return the log of the second ratio over the first, of two independent runs."""
    known = first.variance is not None and second.variance is not None
    return Estimate(
        mean=second.mean - first.mean,
        variance=(first.variance or 0.0) + (second.variance or 0.0) if known else None,
        degrees=min(first.degrees, second.degrees),
        rounds=first.rounds + second.rounds,
        launches=first.launches + second.launches,
        bounded=first.bounded + second.bounded,
    )


def _rows(
    one: Analysis,
    other: Analysis,
    pairs: Sequence[tuple[RowResult, RowResult]],
    first: Sequence[AnyRecord],
    second: Sequence[AnyRecord],
) -> tuple[RowChange, ...]:
    """Return the rows of both runs with what changed in each metric."""
    estimates = [_estimates(records, run.rows[0].combination) for records, run in ((first, one), (second, other))]
    # Against a baseline that failed or is not what it says, a ratio means nothing.
    sound = one.rows[0].verdict is other.rows[0].verdict is Verdict.BASELINE and one.deciding == other.deciding
    changes: dict[str, dict[str, Estimate]] = {}
    for before, after in pairs:
        if sound and before.verdict in COMPARABLE and after.verdict in COMPARABLE:
            for metric in before.ratios:
                if metric in after.ratios:
                    two = (estimates[0][metric][before.combination], estimates[1][metric][after.combination])
                    changes.setdefault(metric, {})[before.combination] = change_of(*two)
    judged = verdicts(
        changes.get(one.deciding, {}), one.suite.margin, POLICY.alpha_difference, POLICY.alpha_equivalence
    )
    return tuple(
        RowChange(
            label=before.label,
            first=before,
            second=after,
            changes={
                metric: as_ratio(by[before.combination], one.confidence)
                for metric, by in changes.items()
                if before.combination in by
            },
            change=judged.get(before.combination),
        )
        for before, after in pairs
    )


def _estimates(records: Sequence[AnyRecord], baseline: str) -> dict[str, dict[str, Estimate]]:
    """Return metric to combination to its log ratio."""
    bursts = measured_bursts(records)
    return {metric: estimate_all(log_ratios(bursts, metric, baseline)) for metric in metrics(bursts)}


def _paired(
    one: Analysis, other: Analysis
) -> tuple[list[tuple[RowResult, RowResult]], tuple[RowResult, ...], tuple[RowResult, ...]]:
    """Return the rows that both runs have, and those of either alone.

    Rows are the same that depart from their baselines in the same levels, whatever the order of the axes. Several
    copies of one baseline are paired by their order.
    """
    before, after = _by_departure(one), _by_departure(other)
    pairs = [(row, after[key]) for key, row in before.items() if key in after]
    only_first = tuple(row for key, row in before.items() if key not in after)
    return pairs, only_first, tuple(row for key, row in after.items() if key not in before)


def _by_departure(analysis: Analysis) -> dict[tuple[str, int], RowResult]:
    baseline = analysis.rows[0].levels
    found: dict[tuple[str, int], RowResult] = {}
    for row in analysis.rows:
        key = canonical({axis: level for axis, level in row.levels.items() if baseline.get(axis) != level})
        copy = sum(seen == key for seen, _ in found)
        found[key, copy] = row
    return found
