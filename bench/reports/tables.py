"""The tables of a report as cells of plain text, which each format escapes and lays out in its own way."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from bench.analysis.result import Analysis, OneOff, RowResult, Verdict
from bench.analysis.warnings import SUM_TOLERANCE
from bench.probes.phases import Phase
from bench.reports.metrics import DETAIL_METRICS, PARTS_SHARE, unit_of
from bench.reports.numbers import NOT_AVAILABLE, figure_text, ratio_text, seconds_text

MEASURED = frozenset({Verdict.BASELINE, Verdict.FASTER, Verdict.SLOWER, Verdict.EQUIVALENT, Verdict.UNDECIDED})
"""Verdicts of rows whose figures are those of the combination that the row names."""

WARNING_MARK = "⚠"

SETUP_PARTS = ("preload", "start", "import", "view", "construct", "data", "cache fill", "model", "rest", "ready")
"""One-off parts before the first epoch, in the order they happen. ``preload`` is what the fork server imported once for
all trials; ``ready`` is all that follow it, together."""


@dataclass(frozen=True)
class Table:
    """Cells of plain text.

    Attributes:
        headings: one a column.
        rows: one cell a column.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Column:
    """One column of the main table.

    Attributes:
        heading: what stands above it.
        cell: gives a row's cell.
    """

    heading: str
    cell: Callable[[RowResult], str]


def table_of(columns: tuple[Column, ...], analysis: Analysis) -> Table:
    """Return the table that ``columns`` make of an analysis' rows."""
    return Table(
        tuple(column.heading for column in columns),
        tuple(tuple(column.cell(row) for column in columns) for row in analysis.rows),
    )


def detail_metrics(analysis: Analysis) -> tuple[str, ...]:
    """Return the metrics that have a column beside the deciding one: those that the suite measures."""
    return tuple(
        metric
        for metric in DETAIL_METRICS
        if metric != analysis.deciding and metric.partition(".")[0] in analysis.suite.measure
    )


def ratio_cell(row: RowResult, metric: str) -> str:
    """Return a row's ratio in one metric; the baseline's is 1 by definition."""
    if row.verdict is Verdict.BASELINE:
        return "1" if metric in row.figures else NOT_AVAILABLE
    return ratio_text(row.ratios.get(metric)) if row.verdict in MEASURED else NOT_AVAILABLE


def figure_cell(row: RowResult, metric: str) -> str:
    """Return a row's absolute figure in one metric."""
    return figure_text(row.figures.get(metric), unit_of(metric)) if row.verdict in MEASURED else NOT_AVAILABLE


def verdict_cell(row: RowResult, gap: str) -> str:
    """Return a row's verdict, and after ``gap`` what is wrong with how it learns."""
    flagged = row.flag is not None and row.verdict in MEASURED
    return f"{row.verdict.value}{gap}{WARNING_MARK} {row.flag}" if flagged else row.verdict.value


def evidence_or_reason(row: RowResult) -> str:
    """Return why a row has no figures, or what its trials showed."""
    if row.verdict not in MEASURED:
        return first_line(row.reason)
    against = [f"{each.axis}: {each.observed}; expected {each.expected}" for each in row.evidence if not each.in_force]
    shown = "; ".join(against) or ("in force" if row.evidence else NOT_AVAILABLE)
    return f"{shown}; {row.reason}" if row.reason else shown


def first_line(text: str) -> str:
    """Return the first line of ``text`` that is not blank, or ""."""
    return next(iter(text.strip().splitlines()), "")


def phase_table(analysis: Analysis) -> Table | None:
    """Return the median seconds of each phase of an epoch, or None where no row has them."""
    rows = [row for row in analysis.rows if row.verdict in MEASURED and PARTS_SHARE in row.figures]
    if not rows:
        return None
    return Table(
        ("combination", *(phase.value for phase in Phase), "sum of parts / epoch"),
        tuple((row.label, *(_phase_cell(row, phase) for phase in Phase), sum_cell(row)) for row in rows),
    )


def sum_cell(row: RowResult) -> str:
    """Return the median over bursts of the sum of an epoch's phases over the epoch, marked where it is off."""
    share = row.figures[PARTS_SHARE].median
    mark = f" {WARNING_MARK}" if abs(share - 1) > SUM_TOLERANCE else ""
    return f"{share:.3f}{mark}"


def setup_table(analysis: Analysis) -> Table | None:
    """Return the seconds of each one-off part, or None where no row has any.

    Those before the first epoch are medians over launches, those after it of the first launch and of later ones.
    """
    rows = [row for row in analysis.rows if row.verdict in MEASURED and row.setup]
    seen = {part for row in rows for part in row.setup}
    if not seen:
        return None
    parts = [*(part for part in SETUP_PARTS if part in seen), *sorted(seen.difference(SETUP_PARTS))]
    return Table(
        ("combination", *parts, "compilation", "warm-up", "all", "pays off after"),
        tuple(
            (
                row.label,
                *(seconds_text(row.setup.get(part)) for part in parts),
                _launches_cell(row, lambda cost: cost.compilation),
                _launches_cell(row, lambda cost: cost.warm_up),
                _launches_cell(row, lambda cost: cost.total),
                _pay_off_cell(row),
            )
            for row in rows
        ),
    )


def _launches_cell(row: RowResult, part: Callable[[OneOff], float | None]) -> str:
    """Return a part of what the first launch cost, and of what later ones did where that differs."""
    first = None if row.one_off is None else part(row.one_off)
    later = None if row.one_off_later is None else part(row.one_off_later)
    return seconds_text(first) if later in {None, first} else f"{seconds_text(first)}, later {seconds_text(later)}"


def _pay_off_cell(row: RowResult) -> str:
    """Return the epochs after which a row has paid for its first launch, and for one with warm caches if told apart."""
    if row.pays_off_after is None:
        return NOT_AVAILABLE
    later = row.pays_off_after_later
    warm = "" if later is None else f", {math.ceil(later)} with warm caches"
    return f"{epochs_text(row.pays_off_after)}{warm}"


def epochs_text(epochs: float) -> str:
    """Return the whole epochs that are needed to reach ``epochs``."""
    whole = math.ceil(epochs)
    return "1 epoch" if whole == 1 else f"{whole} epochs"


def evidence_table(analysis: Analysis) -> Table | None:
    """Return what every combination's trials showed of each axis, or None where none showed anything."""
    rows = tuple(
        (row.label, each.axis, each.observed, each.expected, "yes" if each.in_force else "no")
        for row in analysis.rows
        for each in row.evidence
    )
    return Table(("combination", "axis", "observed", "expected", "in force"), rows) if rows else None


def _phase_cell(row: RowResult, phase: Phase) -> str:
    figure = row.figures.get(f"epoch.{phase.value}")
    return NOT_AVAILABLE if figure is None else seconds_text(figure.median, figure.spread)
