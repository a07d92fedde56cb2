"""A comparison of two runs as programs read it."""

from __future__ import annotations

from typing import Any

from bench.analysis.result import Analysis, Ratio
from bench.compare.comparison import Comparison, RowChange
from bench.reports.json_parts import RatioPart
from bench.reports.json_report import report_json

FORMAT = 1
"""Version of this JSON; raised when a field changes its meaning or goes."""


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return plain JSON values; ``first`` and ``second`` of a row are rows of the runs' own ``report.json``.

    ``changes`` are the second run's ratios over the first's by metric, without unit; ``change`` is the verdict on the
    one in the deciding metric. ``null`` is "not available".
    """
    first, second = _rows(comparison.first), _rows(comparison.second)
    return {
        "format": FORMAT,
        "first": _head(comparison.first),
        "second": _head(comparison.second),
        "across": {aspect: list(texts) for aspect, texts in comparison.across.items()},
        "deciding": comparison.first.deciding,
        "confidence": comparison.first.confidence,
        "margin": comparison.first.suite.margin,
        "rows": [_row(row, first, second) for row in comparison.rows],
        "only_first": [first[row.combination] for row in comparison.only_first],
        "only_second": [second[row.combination] for row in comparison.only_second],
    }


def _head(analysis: Analysis) -> dict[str, Any]:
    run = analysis.run
    return {"run": run.run, "started": run.started, "environment": run.environment, "warnings": [*analysis.warnings]}


def _rows(analysis: Analysis) -> dict[str, Any]:
    """Return a report's rows by combination."""
    return {row["combination"]: row for row in report_json(analysis)["rows"]}


def _row(row: RowChange, first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return {
        "label": row.label,
        "change": row.change,
        "changes": {metric: _ratio(ratio) for metric, ratio in row.changes.items()},
        "first": first[row.first.combination],
        "second": second[row.second.combination],
    }


def _ratio(ratio: Ratio) -> dict[str, Any]:
    return RatioPart.of(ratio).model_dump(mode="json")
