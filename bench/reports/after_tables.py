"""The table of a report about what came out of training."""

from __future__ import annotations

from bench.analysis.result import Analysis, RowResult
from bench.reports.metrics import metric_name, unit_of
from bench.reports.numbers import NOT_AVAILABLE, figure_text
from bench.reports.tables import MEASURED, Table, ratio_cell

PREFIX = "after."
LATENCY = f"{PREFIX}latency_p50"
FIGURES = {
    "size": "size",
    "latency_p50": "latency p50",
    "latency_p95": "latency p95",
    "seconds_per_image": "per image in batches",
    "map50": "mAP50",
    "map50_95": "mAP50-95",
    "joules_per_image": "energy per image",
}
"""Values of the measurement to what stands above them."""

UNAVAILABLE = "unavailable"
"""What is said of energy where no meter tells."""


def after_table(analysis: Analysis) -> Table | None:
    """Return one row for each combination whose trained model was deployed; None where none was."""
    rows = [row for row in analysis.rows if row.verdict in MEASURED and LATENCY in row.figures]
    if not rows:
        return None
    return Table(
        ("combination", f"{metric_name(LATENCY)} ratio", *FIGURES.values()),
        tuple((row.label, ratio_cell(row, LATENCY), *(_cell(row, name) for name in FIGURES)) for row in rows),
    )


def _cell(row: RowResult, name: str) -> str:
    """Return one absolute figure; accuracies with three decimals, as Ultralytics prints them."""
    figure = row.figures.get(PREFIX + name)
    if figure is None:
        return UNAVAILABLE if name == "joules_per_image" else NOT_AVAILABLE
    if name.startswith("map"):
        spread = "" if figure.spread is None else f" ± {figure.spread:.3f}"
        return f"{figure.median:.3f}{spread}"
    return figure_text(figure, unit_of(PREFIX + name))
