"""The analysis of a run: a pure function of its journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bench.analysis.deciding import EPOCH, deciding_metric
from bench.analysis.effects import estimate_effects
from bench.analysis.gathered import Gathered, gather
from bench.analysis.learning import LOSSES, Learnt, accuracy_differences, estimate_over_seeds, learning_flag, learnt
from bench.analysis.one_off import is_clearly_cheaper, one_off_costs, pays_off_after, setup_seconds
from bench.analysis.pairs import figures, log_ratios, metrics
from bench.analysis.policy import POLICY, Policy
from bench.analysis.ratio import Estimate, as_ratio, estimate_all
from bench.analysis.result import Analysis, Ratio, RowResult, Verdict
from bench.analysis.verdict import verdicts
from bench.analysis.warnings import warnings_of
from bench.analysis.withheld import FIXED_BATCHES, unseen_axes, why_not_compared, withhold
from bench.analysis.work import other_work
from bench.errors import BenchError
from bench.journal.bursts import measured_bursts
from bench.journal.head import head_of
from bench.journal.records import AnyRecord, BurstRecord, EndRecord, EvidenceRecord, FailureRecord, RowRecord
from bench.suite.load import suite_from_json


def analyse(records: Sequence[AnyRecord], policy: Policy = POLICY) -> Analysis:
    """Return what a journal's records say.

    Raises:
        BenchError: the journal ends before the design was written.
    """
    run = head_of(records)
    rows = [record for record in records if isinstance(record, RowRecord)]
    if not rows:
        raise BenchError("the run was stopped before it began: its journal holds no rows")
    suite = suite_from_json(run.suite)
    bursts = measured_bursts(records)
    gathered = gather(records)
    baseline = rows[0].combination
    of_baseline = gathered[baseline]
    deciding = deciding_metric(suite)
    logs = {
        metric: log_ratios(bursts, metric, baseline)
        for metric in metrics(bursts)
        if metric in LOSSES or not metric.startswith("learning.")
    }
    estimates = {
        metric: (estimate_over_seeds if metric in LOSSES else estimate_all)(ratios) for metric, ratios in logs.items()
    }
    # Against a baseline that is not what it says, nothing is faster or slower.
    comparable = {} if of_baseline.contradictions else estimates.get(deciding, {})
    unseen = {row.combination for row in rows if unseen_axes(gathered[row.combination], row, rows[0])}
    blind = unseen if deciding.startswith(FIXED_BATCHES) else set()
    other = other_work(gathered, baseline)
    believed = {
        name: estimate
        for name, estimate in comparable.items()
        if name not in blind and not gathered[name].contradictions and not other[name]
    }
    judged = verdicts(believed, suite.margin, policy.alpha_difference, policy.alpha_equivalence)
    lessons = learnt(of_baseline.measured)
    results = tuple(
        _row(row, gathered[row.combination], estimates, judged, other, baseline, lessons, policy.confidence)
        for row in rows
    )
    note = why_not_compared(of_baseline, "the baseline's")
    results = tuple(
        withhold(result, row, rows[0], gathered[row.combination], note)
        for result, row in zip(results, rows, strict=True)
    )
    results = tuple(_with_pay_off(result, results[0]) for result in results)
    compared = {name: logs[deciding][name] for name in believed if not gathered[name].failures}
    end = next((record for record in reversed(records) if isinstance(record, EndRecord)), None)
    last = max((record.at for record in records if isinstance(record, BurstRecord | EndRecord)), default=0.0)
    return Analysis(
        run=run,
        suite=suite,
        deciding=deciding,
        confidence=policy.confidence,
        rows=results,
        warnings=warnings_of(records, results, estimates.get(deciding, {}), end),
        seconds=last,
        complete=end is not None,
        effects=estimate_effects({row.combination: row.levels for row in rows}, compared, suite.margin, policy),
    )


def _row(
    row: RowRecord,
    own: Gathered,
    estimates: Mapping[str, Mapping[str, Estimate]],
    judged: Mapping[str, Verdict],
    other: Mapping[str, str],
    baseline: str,
    lessons: Learnt,
    confidence: float,
) -> RowResult:
    """Return the result of one row of the design.

    Args:
        row: as it was designed.
        own: what the journal holds of its combination.
        estimates: metric to combination to log ratio.
        judged: combination to verdict.
        other: combination to why its work is not the baseline's.
        baseline: the combination that it is compared with.
        lessons: what the baseline learnt.
        confidence: of every interval.
    """
    name = row.combination
    against = own.contradictions
    if row.not_run is not None:
        verdict, reason = Verdict.NOT_RUN, row.not_run
    elif own.failures:
        verdict, reason = Verdict.FAILED, _failure_text(own.failures[0])
    elif against:
        verdict = Verdict.NOT_IN_FORCE
        reason = f"{against[0].axis}: {against[0].observed}; expected {against[0].expected}"
    elif name == baseline:
        verdict, reason = Verdict.BASELINE, ""
    else:
        verdict = judged.get(name, Verdict.UNDECIDED)
        reason = (other[name] or _why_set_aside(own)) if verdict is Verdict.UNDECIDED else ""
    measured = own.measured
    absolute, learned = figures(measured), learnt(measured)
    epoch = absolute.get(EPOCH)
    first, later = one_off_costs(own, epoch.median if epoch else None)
    ratios = _ratios(estimates, name, confidence)
    return RowResult(
        combination=name,
        label=row.label,
        levels=row.levels,
        verdict=verdict,
        reason=reason,
        ratios=ratios,
        figures=absolute,
        setup=setup_seconds(own),
        one_off=first,
        one_off_later=later,
        facts=own.facts,
        evidence=_evidence(own),
        differences={} if name == baseline else accuracy_differences(learned, lessons, confidence),
        flag=learning_flag(learned, lessons, ratios),
    )


def _why_set_aside(own: Gathered) -> str:
    """Return why a combination was not pursued; "" where it was."""
    return next((f"set aside: {record.reason}" for record in own.set_aside), "")


def _with_pay_off(row: RowResult, baseline: RowResult) -> RowResult:
    """Return the row with the epoch at which it has paid for itself, where it is faster by the epoch."""
    ratio, epoch = row.ratios.get(EPOCH), baseline.figures.get(EPOCH)
    if row.verdict is not Verdict.FASTER or not ratio or not epoch:
        return row
    seconds = epoch.median * ratio.value, epoch.median
    first = pays_off_after(row.one_off, baseline.one_off, *seconds)
    later = pays_off_after(row.one_off_later, baseline.one_off_later, *seconds)
    cheaper = is_clearly_cheaper(row.one_off_later, row.one_off)
    return replace(row, pays_off_after=first, pays_off_after_later=later if cheaper else None)


def _failure_text(record: FailureRecord) -> str:
    """Return a failure in one line, and its detail below."""
    return f"{record.failure.value}: {record.message}\n{record.detail}".strip()


def _ratios(estimates: Mapping[str, Mapping[str, Estimate]], combination: str, confidence: float) -> dict[str, Ratio]:
    return {metric: as_ratio(by[combination], confidence) for metric, by in estimates.items() if combination in by}


def _evidence(own: Gathered) -> tuple[EvidenceRecord, ...]:
    """Return one record for each axis: a contradiction where there is one, else the last launch's word."""
    by_axis = {record.axis: record for record in own.evidence}
    by_axis |= {record.axis: record for record in reversed(own.contradictions)}
    return tuple(sorted(by_axis.values(), key=lambda record: (record.in_force, record.axis)))
