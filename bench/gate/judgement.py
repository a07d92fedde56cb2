"""What the journal of a gate says: verdicts on gated metrics, notes on the others; a pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bench.analysis.gathered import Gathered, gather
from bench.analysis.pairs import figures, log_ratios, metrics
from bench.analysis.ratio import as_ratio, estimate_all
from bench.analysis.result import Figure, Ratio
from bench.errors import InputError
from bench.gate.decision import FINAL_CONFIDENCE, ExitCode, GateVerdict, discoveries, exit_code
from bench.gate.failures import head_failed
from bench.gate.looks import Judged, MetricRatios, both_looks, first_look
from bench.gate.looks import open_combinations as left_open
from bench.journal.bursts import measured_bursts
from bench.journal.records import (
    AnyRecord,
    BurstRecord,
    EndRecord,
    GatedRecord,
    GateRecord,
    RunRecord,
)
from bench.reports.metrics import Unit, unit_of
from bench.suite.load import suite_from_json
from bench.suite.model import Suite


@dataclass(frozen=True)
class GatedMetric:
    """One row of a gate's table.

    Attributes:
        judged: metric, combination, ratio and verdict.
        base: the metric's figure with base's code; None where nothing was measured.
        head: the metric's figure with head's code; None where nothing was measured.
        reason: why it could not be judged, or what failed where head cannot train; else "".
        head_failed: head cannot train where base can, whatever figures there are.
    """

    judged: Judged
    base: Figure | None
    head: Figure | None
    reason: str
    head_failed: bool = False


@dataclass(frozen=True)
class Note:
    """A change of a metric that is not gated.

    Attributes:
        combination: its label.
        metric: ``measurement.value``.
        ratio: of head to base.
    """

    combination: str
    metric: str
    ratio: Ratio


@dataclass(frozen=True)
class Judgement:
    """What a gate came to.

    Attributes:
        run: head of the journal.
        gate: what was compared.
        suite: the resolved suite.
        results: one for each gated metric of each combination.
        notes: changes of other metrics, the largest first.
        looked_at: how many other metrics the notes were picked from.
        seconds: how long the gate ran.
        code: the exit code.
    """

    run: RunRecord
    gate: GateRecord
    suite: Suite
    results: tuple[GatedMetric, ...]
    notes: tuple[Note, ...]
    looked_at: int
    seconds: float
    code: ExitCode


def judge(records: Sequence[AnyRecord]) -> Judgement:
    """Return what the journal of a gate says; the same records give the same judgement.

    Raises:
        InputError: the journal is not one of a gate.
    """
    run = next((record for record in records if isinstance(record, RunRecord)), None)
    gate = next((record for record in records if isinstance(record, GateRecord)), None)
    if run is None or gate is None:
        raise InputError("RUN", "a journal that compares no commits", "the journal of a gate")
    suite = suite_from_json(run.suite)
    bursts, gathered = measured_bursts(records), gather(records)
    by_label = {each.label: each for each in gate.gated}
    judged = both_looks(gated_ratios(suite, gate, bursts), suite.gate, suite.margin)
    results = tuple(_result(each, by_label[each.combination], records, gathered) for each in judged)
    notes, looked_at = _notes(suite, gate, bursts)
    last = max((record.at for record in records if isinstance(record, BurstRecord | EndRecord)), default=0.0)
    return Judgement(
        run=run,
        gate=gate,
        suite=suite,
        results=results,
        notes=notes,
        looked_at=looked_at,
        seconds=last,
        code=exit_code(result.judged.verdict for result in results),
    )


def is_gate(records: Sequence[AnyRecord]) -> bool:
    """Return whether a journal is one of a gate."""
    return any(isinstance(record, GateRecord) for record in records)


def combinations_left(suite: Suite, gate: GateRecord, records: Sequence[AnyRecord]) -> frozenset[str]:
    """Return the labels of the combinations that the first look leaves open, from the records so far."""
    return left_open(first_look(gated_ratios(suite, gate, measured_bursts(records)), suite.gate, suite.margin))


def gated_ratios(suite: Suite, gate: GateRecord, bursts: Sequence[BurstRecord]) -> MetricRatios:
    """Return the log ratios of head to base of every gated metric, by label and launch."""
    return {metric: _ratios(gate, bursts, metric) for metric in suite.gate.metrics}


def _ratios(gate: GateRecord, bursts: Sequence[BurstRecord], metric: str) -> dict[str, dict[int, list[float]]]:
    return {each.label: log_ratios(bursts, metric, each.base).get(each.head, {}) for each in gate.gated}


def _result(
    judged: Judged, gated: GatedRecord, records: Sequence[AnyRecord], gathered: Mapping[str, Gathered]
) -> GatedMetric:
    """Return a row of the table; what a trial did or showed may rule out the verdict that its figures give."""
    against = _objection(gated, records, gathered)
    broken = head_failed(gated, records)
    if broken:
        judged = replace(judged, verdict=GateVerdict.REGRESSION)
    elif against:
        judged = replace(judged, verdict=GateVerdict.NOT_JUDGED)
    reason = against or (_why_open(judged.ratio) if judged.verdict is GateVerdict.NOT_JUDGED else "")
    base, head = (figures(gathered[side].measured).get(judged.metric) for side in (gated.base, gated.head))
    return GatedMetric(judged, base, head, reason, broken)


def _objection(gated: GatedRecord, records: Sequence[AnyRecord], gathered: Mapping[str, Gathered]) -> str:
    """Return why nothing can be said of a combination, or ""."""
    sides = (("base", gated.base), ("head", gated.head))
    for side, name in sides:
        for failure in gathered[name].failures:
            return f"{side} failed: {failure.failure.value}: {failure.message}"
    for side, name in sides:
        for evidence in gathered[name].contradictions:
            return f"{side} not in force: {evidence.axis}: {evidence.observed}; expected {evidence.expected}"
    if not any(isinstance(record, EndRecord) for record in records):
        return "the gate was stopped before its end"
    return ""


def _why_open(ratio: Ratio | None) -> str:
    if ratio is None:
        return "nothing was measured at both commits"
    if ratio.low is None or ratio.high is None:
        return "too few launches or rounds for an interval"
    return "the interval is too wide to exclude a regression; a longer budget or a quieter machine narrows it"


def _notes(suite: Suite, gate: GateRecord, bursts: Sequence[BurstRecord]) -> tuple[tuple[Note, ...], int]:
    """Return the changes among metrics that are not gated, with the false discovery rate controlled, and their number.

    Figures in seconds or bytes only: the others are counts, rates of the same seconds, and losses.
    """
    ratios: dict[str, tuple[str, str, Ratio]] = {}
    p_values: dict[str, float] = {}
    for metric in metrics(bursts):
        if metric in suite.gate.metrics or unit_of(metric) not in {Unit.SECONDS, Unit.BYTES}:
            continue
        for label, estimate in estimate_all(_ratios(gate, bursts, metric)).items():
            ratio = as_ratio(estimate, FINAL_CONFIDENCE)
            if ratio.p_value is not None:
                key = f"{label}\n{metric}"
                ratios[key], p_values[key] = (label, metric, ratio), ratio.p_value
    found = [Note(*ratios[key]) for key in discoveries(p_values)]
    found.sort(key=lambda note: (-abs(note.ratio.value - 1), note.combination, note.metric))
    return tuple(found), len(p_values)
