"""The table that every report has, of plain text: one row a combination."""

from __future__ import annotations

from bench.analysis.result import Analysis
from bench.reports.learning_tables import learning_columns
from bench.reports.metrics import metric_name
from bench.reports.numbers import percentage_text
from bench.reports.tables import (
    Column,
    Table,
    detail_metrics,
    evidence_or_reason,
    figure_cell,
    ratio_cell,
    table_of,
    verdict_cell,
)


def main_table(analysis: Analysis) -> Table:
    """Return one row a combination, in the design's order, with the reason where there are no figures."""
    deciding = analysis.deciding
    name = metric_name(deciding)
    columns = (
        Column("combination", lambda row: row.label),
        Column(
            f"{name} ratio [{percentage_text(analysis.confidence)} interval]", lambda row: ratio_cell(row, deciding)
        ),
        Column("verdict", lambda row: verdict_cell(row, " ")),
        Column(f"{name}, median ± spread", lambda row: figure_cell(row, deciding)),
        *(_detail_column(metric) for metric in detail_metrics(analysis)),
        *learning_columns(analysis),
        Column("evidence or reason", evidence_or_reason),
    )
    return table_of(columns, analysis)


def _detail_column(metric: str) -> Column:
    return Column(f"{metric_name(metric)} ratio", lambda row: ratio_cell(row, metric))
