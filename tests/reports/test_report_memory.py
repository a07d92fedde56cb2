from __future__ import annotations

import dataclasses

from report_cases import BASELINE, FAILED, FASTER, analysis

from bench.analysis.result import Figure, RowResult
from bench.reports.json_report import report_json
from bench.reports.markdown import report_markdown
from bench.reports.memory_tables import memory_steps_table, memory_table
from bench.reports.terminal import terminal_table

MEBIBYTE = 2**20


def with_parts(row: RowResult, **mebibytes: float) -> RowResult:
    figures = {f"memory_parts.{name}": Figure(size * MEBIBYTE, None, 2) for name, size in mebibytes.items()}
    return dataclasses.replace(row, figures={**row.figures, **figures})


HOST = with_parts(
    BASELINE,
    peak=196,
    watched_peak=200,
    most_activations=61,
    parameters=30,
    activations=60,
    process=106,
    unexplained=4,
    total_after_forward=199,
    parameters_after_forward=30,
    activations_after_forward=60.5,
    gradients_after_forward=0,
    total_after_backward=190,
    parameters_after_backward=30,
    activations_after_backward=0,
    gradients_after_backward=0,
)
LIGHTER = with_parts(
    FASTER,
    peak=101,
    watched_peak=100,
    most_activations=21,
    parameters=30,
    activations=20,
    process=56,
    unexplained=-6,
)


def test_parts_sum_beside_the_peak_and_a_miss_is_marked() -> None:
    table = memory_table(analysis(HOST, LIGHTER, FAILED))
    assert table is not None
    assert table.headings == (
        "combination (MiB)", "parameters", "activations", "process", "sum", "peak", "unexplained",
        "peak unwatched", "most activations",
    )  # fmt: skip
    assert table.rows == (
        ("baseline", "30.0", "60.0", "106.0", "196.0", "200.0", "2.0 %", "196.0", "61.0"),
        ("precision=bf16", "30.0", "20.0", "56.0", "106.0", "100.0", "-6.0 % ⚠", "101.0", "21.0"),
    )


def test_a_device_is_held_to_less() -> None:
    table = memory_table(analysis(with_parts(BASELINE, peak=100, watched_peak=100, parameters=97, unexplained=3)))
    assert table is not None
    assert table.rows[0][-3] == "3.0 % ⚠"


def test_step_of_the_baseline_moment_by_moment() -> None:
    table = memory_steps_table(analysis(HOST, LIGHTER))
    assert table is not None
    # Gradients are 0 throughout, and have no column.
    assert table.headings == ("after (MiB)", "parameters", "activations", "held in all")
    assert [row[0] for row in table.rows] == ["forward", "backward"]
    by_heading = [dict(zip(table.headings, row, strict=True)) for row in table.rows]
    assert [row["activations"] for row in by_heading] == ["60.5", "0.0"]
    assert [row["held in all"] for row in by_heading] == ["199.0", "190.0"]


def test_every_format_has_it_where_it_was_measured_and_only_there() -> None:
    with_it, without = analysis(HOST, LIGHTER), analysis(BASELINE, FASTER)
    assert "## Memory by part" in report_markdown(with_it)
    assert "## Memory along a step of the baseline" in report_markdown(with_it)
    assert "## Memory" not in report_markdown(without)
    terminal = terminal_table(with_it, 100)
    assert "MiB at the peak" in terminal
    assert "[2] precision=bf16" in terminal
    assert "MiB at the peak" not in terminal_table(without, 100)
    figure = report_json(with_it)["rows"][0]["figures"]["memory_parts.activations"]
    assert figure == {"unit": "B", "median": 60.0 * MEBIBYTE, "spread": None, "bursts": 2}
