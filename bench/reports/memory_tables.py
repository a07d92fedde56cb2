"""The tables of a report about what memory is made of."""

from __future__ import annotations

from bench.analysis.memory_sum import sum_misses, unexplained_share
from bench.analysis.result import Analysis, Figure, RowResult
from bench.probes.parts import Moment, Part
from bench.reports.numbers import NOT_AVAILABLE
from bench.reports.tables import MEASURED, WARNING_MARK, Table

PREFIX = "memory_parts."
MEBIBYTE = 2**20
LAST_HEADINGS = ("peak unwatched", "most activations")


def memory_table(analysis: Analysis) -> Table | None:
    """Return each combination's parts at the peak in MiB and what they sum to; None where no row has them.

    Beside them: the peak, the peak of an epoch that nobody watched, and the most activations along the step.
    """
    rows = [row for row in analysis.rows if row.verdict in MEASURED and f"{PREFIX}peak" in row.figures]
    parts = [part for part in Part if any(PREFIX + part.value in row.figures for row in rows)]
    if not rows:
        return None
    return Table(
        ("combination (MiB)", *(_heading(part) for part in parts), "sum", "peak", "unexplained", *LAST_HEADINGS),
        tuple(
            (
                row.label,
                *(_mebibytes(_figure(row, part.value)) for part in parts),
                _sum_cell(row),
                _mebibytes(_figure(row, "watched_peak")),
                _unexplained_cell(row),
                _mebibytes(_figure(row, "peak")),
                _mebibytes(_figure(row, "most_activations")),
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


def _sum_cell(row: RowResult) -> str:
    values = _values(row)
    if unexplained_share(values) is None:
        return NOT_AVAILABLE
    return f"{(values['watched_peak'] - values['unexplained']) / MEBIBYTE:.1f}"


def _unexplained_cell(row: RowResult) -> str:
    values = _values(row)
    share = unexplained_share(values)
    if share is None:
        return NOT_AVAILABLE
    return f"{100 * share:.1f} %{f' {WARNING_MARK}' if sum_misses(values) else ''}"


def _values(row: RowResult) -> dict[str, float]:
    return {name.removeprefix(PREFIX): each.median for name, each in row.figures.items() if name.startswith(PREFIX)}


def _bytes_after(row: RowResult, part: Part, moment: Moment) -> float:
    figure = _figure(row, f"{part.value}_after_{moment.value}")
    return 0.0 if figure is None else figure.median


def _figure(row: RowResult, name: str) -> Figure | None:
    return row.figures.get(PREFIX + name)


def _mebibytes(figure: Figure | None) -> str:
    return NOT_AVAILABLE if figure is None else f"{figure.median / MEBIBYTE:.1f}"


def _heading(part: Part) -> str:
    return part.value.replace("_", " ")
