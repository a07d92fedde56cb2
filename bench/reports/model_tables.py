"""The table of a report about the models that its combinations built."""

from __future__ import annotations

from pydantic import JsonValue

from bench.analysis.result import Analysis
from bench.reports.numbers import NOT_AVAILABLE
from bench.reports.tables import MEASURED, Table

COLUMNS = {
    "parameters": "parameters",
    "trainable_parameters": "trained",
    "layers": "layers",
    "gflops": "GFLOPs forward",
}
"""Fact to the heading above it."""


def models_table(analysis: Analysis) -> Table | None:
    """Return what each combination's model is made of; None where all are alike or nothing is known."""
    rows = [row for row in analysis.rows if row.verdict in MEASURED and row.facts]
    known = [fact for fact in COLUMNS if any(row.facts.get(fact) is not None for row in rows)]
    if len({tuple(row.facts.get(fact) for fact in known) for row in rows}) < 2:
        return None
    return Table(
        ("combination", *(COLUMNS[fact] for fact in known)),
        tuple((row.label, *(_cell(row.facts.get(fact)) for fact in known)) for row in rows),
    )


def _cell(value: JsonValue) -> str:
    """Return a count with its thousands apart, and operations to three digits."""
    if isinstance(value, float):
        return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"
    return NOT_AVAILABLE if value is None else f"{value:,}"
