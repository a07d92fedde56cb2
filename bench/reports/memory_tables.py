"""The tables of a report about what memory is made of."""

from __future__ import annotations

from bench.analysis.result import Analysis, Figure, RowResult
from bench.probes.parts import Moment, Part
from bench.reports.numbers import NOT_AVAILABLE
from bench.reports.tables import MEASURED, WARNING_MARK, Table

PREFIX = "memory_parts."
MEBIBYTE = 2**20
UNEXPLAINED_ON_HOST = 0.05
UNEXPLAINED_ON_DEVICE = 0.02
"""Shares of the peak that its parts may miss it by, where the kernel counts and where torch's allocator does."""


def memory_table(analysis: Analysis) -> Table | None:
    """Return each combination's parts at the peak in MiB, their sum and the peak; None where no row has them."""
    rows = [row for row in analysis.rows if row.verdict in MEASURED and f"{PREFIX}peak" in row.figures]
    parts = [part for part in Part if any(PREFIX + part.value in row.figures for row in rows)]
    if not rows:
        return None
    return Table(
        ("combination (MiB)", *(_heading(part) for part in parts), "sum", "peak", "unexplained"),
        tuple(
            (
                row.label,
                *(_mebibytes(_figure(row, part.value)) for part in parts),
                _sum_cell(row),
                _mebibytes(_figure(row, "peak")),
                _unexplained_cell(row),
            )
            for row in rows
        ),
    )


def memory_steps_table(analysis: Analysis) -> Table | None:
    """Return the baseline's parts in MiB after each phase of a step, and all that is held; None where not measured."""
    baseline = analysis.rows[0]
    if baseline.verdict not in MEASURED:
        return None
    moments = [moment for moment in Moment if _figure(baseline, f"total_after_{moment.value}") is not None]
    parts = [part for part in Part if any(_bytes_after(baseline, part, moment) for moment in moments)]
    if not moments:
        return None
    return Table(
        ("after (MiB)", *(_heading(part) for part in parts), "held in all"),
        tuple(
            (
                moment.value,
                *(_mebibytes(_figure(baseline, f"{part.value}_after_{moment.value}")) for part in parts),
                _mebibytes(_figure(baseline, f"total_after_{moment.value}")),
            )
            for moment in moments
        ),
    )


def unexplained_share(row: RowResult) -> float | None:
    """Return the part of the peak that no part explains, as a fraction of 1; below 0 where the parts sum to more."""
    unexplained, peak = _figure(row, "unexplained"), _figure(row, "peak")
    return None if unexplained is None or peak is None else unexplained.median / peak.median


def _sum_cell(row: RowResult) -> str:
    unexplained, peak = _figure(row, "unexplained"), _figure(row, "peak")
    if unexplained is None or peak is None:
        return NOT_AVAILABLE
    return f"{(peak.median - unexplained.median) / MEBIBYTE:.1f}"


def _unexplained_cell(row: RowResult) -> str:
    share = unexplained_share(row)
    if share is None:
        return NOT_AVAILABLE
    # Resident memory has a process in it; what a device's allocator handed out has none.
    on_host = _figure(row, Part.PROCESS.value) is not None
    mark = f" {WARNING_MARK}" if abs(share) > (UNEXPLAINED_ON_HOST if on_host else UNEXPLAINED_ON_DEVICE) else ""
    return f"{100 * share:.1f} %{mark}"


def _bytes_after(row: RowResult, part: Part, moment: Moment) -> float:
    figure = _figure(row, f"{part.value}_after_{moment.value}")
    return 0.0 if figure is None else figure.median


def _figure(row: RowResult, name: str) -> Figure | None:
    return row.figures.get(PREFIX + name)


def _mebibytes(figure: Figure | None) -> str:
    return NOT_AVAILABLE if figure is None else f"{figure.median / MEBIBYTE:.1f}"


def _heading(part: Part) -> str:
    return part.value.replace("_", " ")
