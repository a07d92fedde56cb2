"""What of a row is not compared, because what was measured does not show what the row's name says."""

from __future__ import annotations

from dataclasses import replace

from bench.analysis.effect_model import departures
from bench.analysis.gathered import Gathered
from bench.analysis.result import RowResult, Verdict
from bench.journal.records import RowRecord

FIXED_BATCHES = "forward_backward."
"""How the metrics begin that are of pictures as they are in the data set, neither augmented nor scaled."""


def withhold(result: RowResult, row: RowRecord, baseline: RowRecord, own: Gathered, of_baseline: str) -> RowResult:
    """Return a row's result without the ratios that show nothing of it, its reason saying what is not compared.

    Args:
        result: of the row; one without figures keeps the reason that it has.
        row: as it was designed.
        baseline: the row that it is compared with.
        own: what the journal holds of the row's combination.
        of_baseline: which measurements of the baseline were only of a part, and why; "" for none.
    """
    if result.verdict in {Verdict.NOT_RUN, Verdict.FAILED, Verdict.NOT_IN_FORCE}:
        return result
    ratios, notes = result.ratios, [result.reason, why_not_compared(own, "its")]
    if row.combination != baseline.combination:
        notes.append(of_baseline)
    unseen = unseen_axes(own, row, baseline)
    if unseen and any(metric.startswith(FIXED_BATCHES) for metric in result.figures):
        notes.append(f"forward_backward does not see {', '.join(unseen)}: its batches are fixed")
    if unseen and len(unseen) == len(departures(row.levels, baseline.levels)):
        ratios = {metric: ratio for metric, ratio in ratios.items() if not metric.startswith(FIXED_BATCHES)}
    return replace(result, ratios=ratios, reason="; ".join(note for note in notes if note))


def unseen_axes(own: Gathered, row: RowRecord, baseline: RowRecord) -> tuple[str, ...]:
    """Return the axes in which a row departs from the baseline unseen by fixed batches; () where its trials told none.

    Journals of before trials told it have none.

    Args:
        own: what the journal holds of the row's combination.
        row: as it was designed.
        baseline: the row that it is compared with.
    """
    unseen = own.facts.get("unseen_by_fixed_batches")
    departed = departures(row.levels, baseline.levels)
    return tuple(str(axis) for axis in unseen if axis in departed) if isinstance(unseen, list) else ()


def why_not_compared(own: Gathered, whose: str) -> str:
    """Return which measurements of a combination were only of a part of its schedule, and why; "" for none.

    Args:
        own: what the journal holds of the combination.
        whose: how the text calls it, such as ``its``.
    """
    whole = {burst.measurement for burst in own.bursts if not burst.partial_because}
    parts = {each.measurement: each.partial_because for each in own.bursts if each.measurement not in whole}
    return f"{', '.join(parts)} not compared: {whose} {next(iter(parts.values()))}" if parts else ""
