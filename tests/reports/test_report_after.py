from __future__ import annotations

import dataclasses

from report_cases import BASELINE, FAILED, FASTER, analysis, ratio

from bench.analysis.result import Figure, RowResult
from bench.reports.after_tables import after_table
from bench.reports.json_report import report_json
from bench.reports.markdown import report_markdown
from bench.reports.terminal import terminal_table


def with_after(row: RowResult, **values: float) -> RowResult:
    figures = {f"after.{name}": Figure(value, None, 2) for name, value in values.items()}
    return dataclasses.replace(row, figures={**row.figures, **figures})


ON_PROCESSOR = with_after(
    BASELINE, size=3 * 2**20, latency_p50=0.02, latency_p95=0.03, seconds_per_image=0.015, map50=0.5, map50_95=0.25
)
ON_GPU = with_after(
    dataclasses.replace(FASTER, ratios={**FASTER.ratios, "after.latency_p50": ratio(0.5, 0.02)}),
    size=2**20,
    latency_p50=0.01,
    latency_p95=0.012,
    seconds_per_image=0.002,
    map50=0.4567,
    map50_95=0.2,
    joules_per_image=0.25,
)


def test_figures_stand_in_their_units() -> None:
    table = after_table(analysis(ON_PROCESSOR, ON_GPU, FAILED))
    assert table is not None
    assert table.headings == (
        "combination", "latency of the trained model ratio", "size", "latency p50", "latency p95",
        "per image in batches", "mAP50", "mAP50-95", "energy per image",
    )  # fmt: skip
    assert table.rows == (
        ("baseline", "1", "3.00 MiB", "20.0 ms", "30.0 ms", "15.0 ms", "0.500", "0.250", "unavailable"),
        (
            "precision=bf16",
            "0.50 [0.48, 0.52]",
            "1.00 MiB",
            "10.0 ms",
            "12.0 ms",
            "2.00 ms",
            "0.457",
            "0.200",
            "250 mJ",
        ),
    )


def test_every_format_has_it_where_it_was_measured_and_only_there() -> None:
    with_it, without = analysis(ON_PROCESSOR, ON_GPU), analysis(BASELINE, FASTER)
    assert "## After training" in report_markdown(with_it)
    assert "## After training" not in report_markdown(without)
    terminal = terminal_table(with_it, 100)
    assert "mAP50-95" in terminal
    assert "mAP50-95" not in terminal_table(without, 100)
    figures = report_json(with_it)["rows"][1]["figures"]
    assert figures["after.joules_per_image"] == {"unit": "J", "median": 0.25, "spread": None, "bursts": 2}
    assert figures["after.size"]["unit"] == "B"
    assert figures["after.map50"]["unit"] == "1"
    assert figures["after.latency_p95"]["unit"] == "s"
