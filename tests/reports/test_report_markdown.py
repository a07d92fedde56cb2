# ruff: noqa: RUF001 - the dash is what reports show
from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from report_cases import (
    BASELINE,
    EQUIVALENT,
    EVERY_VERDICT,
    FAILED,
    FASTER,
    NOT_IN_FORCE,
    NOT_RUN,
    SLOWER,
    UNDECIDED,
    analysis,
    figures,
)

from bench.analysis.result import OneOff
from bench.errors import InputError
from bench.reports.markdown import report_markdown


def main_rows(text: str) -> dict[str, list[str]]:
    """Return the main table's cells, headings included, by their first cell."""
    section = text.split("## Comparison", 1)[1].split("## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.replace(r"\|", "\0").strip("|").split("|")] for line in lines]
    return {row[0]: [cell.replace("\0", r"\|") for cell in row[1:]] for row in cells}


ROWS = main_rows(report_markdown(EVERY_VERDICT))
NO_FIGURES = ["–"] * 4


def test_headings_name_what_is_compared() -> None:
    assert ROWS["combination"] == [
        "epoch time ratio [95 % interval]",
        "verdict",
        "epoch time, median ± spread",
        "data loading per image ratio",
        "forward per image ratio",
        "backward per image ratio",
        "memory ratio",
        "evidence or reason",
    ]


def test_rows_stand_in_the_designs_order() -> None:
    assert list(ROWS)[1:] == [row.label for row in EVERY_VERDICT.rows]


def test_baseline() -> None:
    assert ROWS[BASELINE.label] == ["1", "baseline", "2.01 ± 0.03 s", "1", "1", "1", "1", "in force"]


def test_faster() -> None:
    assert ROWS[FASTER.label] == [
        "0.82 [0.79, 0.85]",
        "faster",
        "1.65 ± 0.03 s",
        "1.01 [0.97, 1.05]",
        "0.76 [0.74, 0.77]",
        "0.8 [0.7, 0.9]",
        "1.250 [1.250, 1.250]",
        "in force",
    ]


def test_slower_and_equivalent() -> None:
    assert ROWS[SLOWER.label][:3] == ["1.3 [1.1, 1.5]", "slower", "2.60 ± 0.03 s"]
    assert ROWS[EQUIVALENT.label][:3] == ["1.000 [0.996, 1.004]", "equivalent", "2.00 ± 0.03 s"]


def test_undecided_without_an_interval() -> None:
    assert ROWS[UNDECIDED.label][:2] == ["0.97 [–]", "undecided"]


def test_not_in_force_shows_the_reason_and_never_its_figures() -> None:
    assert ROWS[NOT_IN_FORCE.label] == ["–", "not in force", "–", *NO_FIGURES, NOT_IN_FORCE.reason]
    assert "1.00 ± 0.03 s" not in report_markdown(EVERY_VERDICT)


def test_failed_shows_its_message_with_markup_made_literal() -> None:
    assert ROWS[FAILED.label] == ["–", "failed", "–", *NO_FIGURES, r"exception: RuntimeError: a \| b &lt;tag>"]


def test_failure_is_shown_in_full_in_a_fence_that_its_own_backticks_cannot_close() -> None:
    text = report_markdown(EVERY_VERDICT)
    assert f"### compile=default\n\n````text\n{FAILED.reason}\n````\n" in text


def test_not_run() -> None:
    assert ROWS[NOT_RUN.label] == ["–", "not run", "–", *NO_FIGURES, "needs CUDA"]


def test_evidence_against_a_row_that_has_figures_is_shown() -> None:
    contradicted = dataclasses.replace(BASELINE, evidence=NOT_IN_FORCE.evidence)
    row = main_rows(report_markdown(analysis(contradicted)))["baseline"]
    assert row[-1] == "image_cache: 0 of 64 pictures in memory; expected 64 of 64"


def test_every_row_of_a_table_has_as_many_cells_as_the_heading() -> None:
    assert {len(cells) for cells in ROWS.values()} == {8}


def test_only_sums_off_by_more_than_one_percent_are_marked() -> None:
    within = dataclasses.replace(SLOWER, label="within", figures=figures(2.6, parts_share=0.9901))
    below = dataclasses.replace(SLOWER, label="below", figures=figures(2.6, parts_share=0.9899))
    above = dataclasses.replace(SLOWER, label="above", figures=figures(2.6, parts_share=1.0101))
    section = report_markdown(analysis(BASELINE, within, below, above)).split("## Epoch taken apart")[1].split("## ")[0]
    ends = {line.split("|")[1].strip(): line.split("|")[-2].strip() for line in section.splitlines() if "|" in line}
    assert ends["baseline"] == "1.000"
    assert ends["within"] == "0.990"
    assert ends["below"] == "0.990 ⚠"
    assert ends["above"] == "1.010 ⚠"


def one_off_rows(text: str) -> list[list[str]]:
    section = text.split("## One-off costs")[1].split("## ")[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines() if line.startswith("| ")]


def test_one_off_costs_keep_their_order_and_tell_nothing_from_zero() -> None:
    assert one_off_rows(report_markdown(EVERY_VERDICT)) == [
        ["combination", "start", "model", "ready", "zeal", "compilation", "warm-up", "all", "pays off after"],
        [
            "baseline",
            "400 ms",
            "250 ms",
            "1.50 s",
            "–",
            "0 ms",
            "1.00 s, later 900 ms",
            "2.50 s, later 2.30 s",
            "–",
        ],
        [
            "precision=bf16",
            "400 ms",
            "300 ms",
            "1.60 s",
            "0 ms",
            "17.4 s, later 500 ms",
            "1.50 s, later 900 ms",
            "20.5 s, later 2.90 s",
            "50 epochs, 2 with warm caches",
        ],
    ]


def test_one_launch_tells_nothing_of_later_ones() -> None:
    once = dataclasses.replace(FASTER, one_off_later=None, pays_off_after_later=None)
    cells = one_off_rows(report_markdown(analysis(BASELINE, once)))[2]
    assert cells[-4:] == ["17.4 s", "1.50 s", "20.5 s", "50 epochs"]


def test_one_off_costs_that_are_not_known_are_a_dash() -> None:
    unsteady = dataclasses.replace(FASTER, one_off=OneOff(1.6, 17.4, None), one_off_later=None, pays_off_after=None)
    assert one_off_rows(report_markdown(analysis(BASELINE, unsteady)))[2][-4:] == ["17.4 s", "–", "–", "–"]
    unknown = dataclasses.replace(unsteady, one_off=None)
    assert one_off_rows(report_markdown(analysis(BASELINE, unknown)))[2][-4:] == ["–"] * 4


def test_the_report_says_whether_first_launches_found_caches_empty() -> None:
    first = OneOff(1.6, 17.4, 1.5, fresh_caches=None)
    shared = dataclasses.replace(FASTER, one_off=first, one_off_later=first)
    known, unknown = report_markdown(analysis(BASELINE, FASTER)), report_markdown(analysis(BASELINE, shared))
    empty, outlived = "finds the caches of compilers empty", "Caches of compilers outlived runs"
    assert [text in known for text in (empty, outlived)] == [True, False]
    assert [text in unknown for text in (empty, outlived)] == [False, True]


def test_a_suite_without_epochs_is_compared_by_its_deciding_metric() -> None:
    text = report_markdown(
        analysis(
            BASELINE,
            FASTER,
            deciding="forward_backward.seconds_per_image",
            measure=("forward_backward", "data_loading"),
        )
    )
    rows = main_rows(text)
    assert rows["combination"] == [
        "step time per image ratio [95 % interval]",
        "verdict",
        "step time per image, median ± spread",
        "data loading per image ratio",
        "forward per image ratio",
        "backward per image ratio",
        "evidence or reason",
    ]
    assert rows["precision=bf16"][:3] == ["0.79 [0.77, 0.81]", "faster", "350 ± 10 ms"]


def test_memory_as_the_deciding_metric_has_no_second_column() -> None:
    rows = main_rows(report_markdown(analysis(BASELINE, FASTER, deciding="memory.peak", measure=("memory",))))
    assert rows["combination"] == [
        "memory ratio [95 % interval]",
        "verdict",
        "memory, median ± spread",
        "evidence or reason",
    ]
    assert rows["precision=bf16"][:3] == ["1.250 [1.250, 1.250]", "faster", "600 MiB"]


def test_sections_without_content_are_left_out() -> None:
    text = report_markdown(analysis(dataclasses.replace(BASELINE, figures={}, setup={}, evidence=()), NOT_RUN))
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == ["## Where and how", "## Comparison"]


def test_the_same_analysis_gives_the_same_text_with_one_line_end_at_its_end() -> None:
    text = report_markdown(EVERY_VERDICT)
    assert text == report_markdown(EVERY_VERDICT)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_a_record_of_the_environment_that_is_none_is_refused() -> None:
    broken = dataclasses.replace(
        EVERY_VERDICT, run=EVERY_VERDICT.run.model_copy(update={"environment": {"cores_used": 2}})
    )
    with pytest.raises(InputError, match="environment"):
        report_markdown(broken)


def test_golden() -> None:
    golden = Path(__file__).with_name("small_report.md").read_text()
    assert report_markdown(analysis(BASELINE, FASTER, NOT_RUN, warnings=("Read `this` first.",))) == golden
