"""A comparison of two runs as people read it."""

from __future__ import annotations

from collections.abc import Callable

from tabulate import tabulate

from bench.analysis.result import Analysis, RowResult
from bench.compare.comparison import Comparison, RowChange
from bench.environment import Environment
from bench.reports.escape import escaped
from bench.reports.metrics import metric_name
from bench.reports.numbers import NOT_AVAILABLE, percentage_text, ratio_text
from bench.reports.tables import detail_metrics, figure_cell, first_line, ratio_cell

_HOW_TO_READ = (
    "A ratio is a combination's figure over that of the baseline in its own run, below 1 where it takes less. The "
    "change is the second run's ratio over the first's, below 1 where the combination gains more in the second, and "
    "what is said of it is adjusted for the number of rows."
)
_ABSOLUTE_NOTE = (
    "For reading only. Machines drift between two runs, by more than most changes are worth, and nothing here tells "
    "that from a change; `bench gate` compares two commits within one run."
)


def comparison_markdown(comparison: Comparison) -> str:
    """Return the comparison as a Markdown page.

    Raises:
        InputError: a run's record of its environment is not one.
    """
    parts = [
        f"# {escaped(_title(comparison))}",
        _across(comparison),
        _runs(comparison),
        f"## Change\n\n{_HOW_TO_READ}\n\n{_change_table(comparison)}",
        f"## Absolute figures\n\n{_ABSOLUTE_NOTE}\n\n{_figure_table(comparison)}",
        _only(comparison),
        _warnings(comparison),
    ]
    return "\n\n".join(part for part in parts if part)


def _title(comparison: Comparison) -> str:
    names = dict.fromkeys((comparison.first.suite.name, comparison.second.suite.name))
    return f"{' and '.join(names)}: two runs compared"


def _across(comparison: Comparison) -> str:
    """Say in what the runs differ that are compared all the same."""
    lines = [f"> - {aspect}: {escaped(', '.join(texts))}" for aspect, texts in comparison.across.items()]
    warning = "> The runs differ in more than what was to be compared, and every change below may come from that:"
    return "\n".join([warning, ">", *lines]) if lines else ""


def _runs(comparison: Comparison) -> str:
    sides = (("first", comparison.first), ("second", comparison.second))
    lines = (f"- {name}: run {side.run.run} of {side.run.started}; {escaped(_where(side))}" for name, side in sides)
    return "\n".join(lines)


def _where(side: Analysis) -> str:
    return Environment.from_json(side.run.environment).describe()


def _change_table(comparison: Comparison) -> str:
    deciding, interval = comparison.first.deciding, f"[{percentage_text(comparison.first.confidence)} interval]"
    across = f", across {', '.join(comparison.across)}" if comparison.across else ""
    details = [metric for metric in detail_metrics(comparison.first) if metric in _changed_metrics(comparison)]
    columns: list[tuple[str, Callable[[RowChange], str]]] = [
        ("combination", lambda row: row.label),
        (f"first: {metric_name(deciding)} ratio {interval}", lambda row: ratio_cell(row.first, deciding)),
        (f"second: {metric_name(deciding)} ratio {interval}", lambda row: ratio_cell(row.second, deciding)),
        (f"change {interval}{across}", lambda row: ratio_text(row.changes.get(deciding))),
        ("second against first", lambda row: NOT_AVAILABLE if row.change is None else row.change.value),
        ("verdict", _verdicts),
        *((f"{metric_name(metric)} change{across}", _detail(metric)) for metric in details),
    ]
    rows = [[escaped(cell(row)) for _, cell in columns] for row in comparison.rows]
    return tabulate(rows, [escaped(heading) for heading, _ in columns], tablefmt="github", disable_numparse=True)


def _changed_metrics(comparison: Comparison) -> set[str]:
    return {metric for row in comparison.rows for metric in row.changes}


def _detail(metric: str) -> Callable[[RowChange], str]:
    return lambda row: ratio_text(row.changes.get(metric))


def _verdicts(row: RowChange) -> str:
    """Return a verdict that stayed, or both, with the reasons of rows without figures."""
    before, after = _verdict(row.first), _verdict(row.second)
    return before if before == after else f"{before} → {after}"


def _verdict(row: RowResult) -> str:
    reason = first_line(row.reason)
    return f"{row.verdict.value} ({reason})" if reason else row.verdict.value


def _figure_table(comparison: Comparison) -> str:
    deciding = comparison.first.deciding
    name = f"{metric_name(deciding)}, median ± spread"
    rows = [[row.label, figure_cell(row.first, deciding), figure_cell(row.second, deciding)] for row in comparison.rows]
    headings = ["combination", f"first: {name}", f"second: {name}"]
    cells = [list(map(escaped, row)) for row in rows]
    return tabulate(cells, headings, tablefmt="github", disable_numparse=True)


def _only(comparison: Comparison) -> str:
    """Name the combinations that only one run has."""
    sides = (("first", comparison.only_first), ("second", comparison.only_second))
    lines = [f"- {name}: {escaped(row.label)}, {escaped(_verdict(row))}" for name, rows in sides for row in rows]
    return "\n".join(["## In one run only", "", *lines]) if lines else ""


def _warnings(comparison: Comparison) -> str:
    sides = (("first", comparison.first), ("second", comparison.second))
    lines = [f"- {name}: {escaped(warning)}" for name, side in sides for warning in side.warnings]
    return "\n".join(["## Warnings of the runs", "", *lines]) if lines else ""
