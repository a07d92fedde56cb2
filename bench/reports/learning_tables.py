"""What a report's tables say of learning."""

from __future__ import annotations

from bench.analysis.learning import ACCURACIES, LOSSES, TRAINING_LOSS, VALIDATION_LOSS
from bench.analysis.result import Analysis, RowResult, Verdict
from bench.reports.metrics import metric_name
from bench.reports.numbers import NOT_AVAILABLE, difference_text, percentage_text
from bench.reports.tables import MEASURED, Column, Table, figure_cell, ratio_cell, table_of


def deciding_loss(analysis: Analysis) -> str:
    """Return the loss that combinations are compared by: on the validation split where the baseline has it."""
    return VALIDATION_LOSS if VALIDATION_LOSS in analysis.rows[0].figures else TRAINING_LOSS


def learning_columns(analysis: Analysis) -> tuple[Column, ...]:
    """Return the main table's columns about learning; none where it was not measured."""
    suite = analysis.suite
    if "learning" not in suite.measure:
        return ()
    loss = deciding_loss(analysis)
    interval = f"[{percentage_text(analysis.confidence)} interval]"
    heading = f"{metric_name(loss)} after {suite.learning.images} images, ratio {interval}"
    accuracies = ACCURACIES if suite.learning.accuracy else ()
    return (
        Column(heading, lambda row: ratio_cell(row, loss)),
        *(_difference_column(metric, interval) for metric in accuracies),
    )


def difference_cell(row: RowResult, metric: str) -> str:
    """Return a row's difference in one metric; the baseline's is 0 by definition."""
    if row.verdict is Verdict.BASELINE:
        return "0" if metric in row.figures else NOT_AVAILABLE
    return difference_text(row.differences.get(metric)) if row.verdict in MEASURED else NOT_AVAILABLE


def learning_table(analysis: Analysis) -> Table | None:
    """Return what each combination had learnt after the suite's number of images; None where nobody looked."""
    if not any(row.verdict in MEASURED and TRAINING_LOSS in row.figures for row in analysis.rows):
        return None
    accuracies = ACCURACIES if analysis.suite.learning.accuracy else ()
    columns = (
        Column("combination", lambda row: row.label),
        *(each for metric in LOSSES for each in _loss_columns(metric)),
        Column("growth since the first epoch", lambda row: figure_cell(row, "learning.growth")),
        *(each for metric in accuracies for each in _accuracy_columns(metric)),
        Column("seeds", _seeds_cell),
    )
    return table_of(columns, analysis)


def _loss_columns(metric: str) -> tuple[Column, Column]:
    name = metric_name(metric)
    return (
        Column(name, lambda row: figure_cell(row, metric)),
        Column(f"{name} ratio", lambda row: ratio_cell(row, metric)),
    )


def _accuracy_columns(metric: str) -> tuple[Column, Column]:
    name = metric_name(metric)
    return (
        Column(name, lambda row: figure_cell(row, metric)),
        Column(f"{name} difference", lambda row: difference_cell(row, metric)),
    )


def _difference_column(metric: str, interval: str) -> Column:
    return Column(f"{metric_name(metric)} difference {interval}", lambda row: difference_cell(row, metric))


def _seeds_cell(row: RowResult) -> str:
    figure = row.figures.get(TRAINING_LOSS)
    return NOT_AVAILABLE if figure is None or row.verdict not in MEASURED else str(figure.bursts)
