"""The main table on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

from tabulate import tabulate

from bench.analysis.result import Analysis, RowResult, Verdict
from bench.reports.after_tables import after_table
from bench.reports.learning_tables import deciding_loss, difference_cell
from bench.reports.memory_tables import memory_table
from bench.reports.model_tables import models_table
from bench.reports.numbers import ratio_parts
from bench.reports.summary import summary_sentences
from bench.reports.tables import (
    MEASURED,
    Column,
    Table,
    detail_metrics,
    evidence_or_reason,
    figure_cell,
    ratio_cell,
    table_of,
    verdict_cell,
)

NARROWEST = 12
"""Characters that a wrapped column gets at least, however narrow the terminal."""

GAP = 2
"""Spaces that tabulate puts between columns, and again beside every heading."""

_HEADINGS = {
    "epoch.seconds": "epoch",
    "data_loading.seconds_per_image": "load",
    "forward_backward.seconds_per_image": "step",
    "forward_backward.forward_per_image": "fwd",
    "forward_backward.backward_per_image": "bwd",
    "memory.peak": "mem",
    "after.latency_p50": "latency",
}


def terminal_table(analysis: Analysis, width: int) -> str:
    """Return the main table for a terminal of ``width`` characters, a line of verdicts and one of warnings.

    Intervals stand under their ratios, and the first and the last column are wrapped, so that it fits 100 characters
    and more; below that the table is wider than the terminal.
    """
    table = _wrapped(_stacked_table(analysis), width)
    text = tabulate(table.rows, table.headings, tablefmt="simple", disable_numparse=True)
    lines = [line.rstrip() for line in text.splitlines()]
    warnings = " ".join(analysis.warnings) or "none."
    return "\n".join(
        [
            *lines,
            *_turned(models_table(analysis), "model"),
            *_turned(memory_table(analysis), "MiB at the peak"),
            *_turned(after_table(analysis), "after training"),
            "",
            " ".join(summary_sentences(analysis)),
            f"Warnings: {warnings}",
        ]
    )


def _turned(table: Table | None, corner: str) -> list[str]:
    """Return a table with one line a heading and one numbered column a combination; nothing where there is none."""
    if table is None:
        return []
    columns = list(zip(table.headings, *table.rows, strict=True))
    labels = [f"[{number}] {label}" for number, label in enumerate(columns[0][1:], start=1)]
    headings = (corner, *(f"[{number}]" for number in range(1, len(labels) + 1)))
    text = tabulate(columns[1:], headings, tablefmt="simple", disable_numparse=True, stralign="right")
    return ["", *(line.rstrip() for line in text.splitlines()), *labels]


def _stacked_table(analysis: Analysis) -> Table:
    """Return the main table with shorter headings and two lines in a cell where that makes it narrower."""
    deciding = analysis.deciding
    return table_of(
        (
            Column("combination", lambda row: row.label),
            Column("ratio", lambda row: ratio_cell(row, deciding).replace(" ", "\n", 1)),
            Column("verdict", lambda row: verdict_cell(row, "\n")),
            Column(_heading(deciding), lambda row: figure_cell(row, deciding).replace(" ±", "\n±")),
            *(Column(_heading(metric), _narrow_ratio(metric)) for metric in detail_metrics(analysis)),
            *_narrow_learning(analysis),
            Column("evidence", evidence_or_reason),
        ),
        analysis,
    )


def _narrow_learning(analysis: Analysis) -> tuple[Column, ...]:
    """Return the columns about learning; none where it was not measured."""
    if "learning" not in analysis.suite.measure:
        return ()
    accuracies = ("learning.map50",) if analysis.suite.learning.accuracy else ()
    return (
        Column("loss", _narrow_ratio(deciding_loss(analysis))),
        *(Column("mAP50", _narrow_difference(metric)) for metric in accuracies),
    )


def _narrow_difference(metric: str) -> Callable[[RowResult], str]:
    """Return what gives a row's difference with its interval below it."""
    return lambda row: difference_cell(row, metric).replace(" ", "\n", 1)


def _heading(metric: str) -> str:
    return _HEADINGS.get(metric, metric)


def _narrow_ratio(metric: str) -> Callable[[RowResult], str]:
    """Return what gives a row's ratio with half its interval's width below it."""

    def cell(row: RowResult) -> str:
        if row.verdict is Verdict.BASELINE or row.verdict not in MEASURED or metric not in row.ratios:
            return ratio_cell(row, metric)
        parts = ratio_parts(row.ratios[metric])
        return f"{parts.value}\n{parts.half_width}"

    return cell


def _wrapped(table: Table, width: int) -> Table:
    """Wrap the first and the last column of ``table`` to what the others leave of ``width``."""
    columns = list(zip(*table.rows, strict=True))
    widths = [
        max(len(head) + GAP, *map(_cell_width, column)) for head, column in zip(table.headings, columns, strict=True)
    ]
    left = max(2 * NARROWEST, width - sum(widths[1:-1]) - GAP * (len(widths) - 1))
    first = max(NARROWEST, min(widths[0], left - NARROWEST))
    return Table(
        table.headings,
        tuple((_wrap(row[0], first), *row[1:-1], _wrap(row[-1], left - first)) for row in table.rows),
    )


def _cell_width(cell: str) -> int:
    return max(map(len, cell.split("\n")))


def _wrap(text: str, width: int) -> str:
    """Break ``text`` at spaces, its later lines indented so that rows stay apart."""
    return "\n".join(textwrap.wrap(text, width, subsequent_indent="  "))
