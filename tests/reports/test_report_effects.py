# ruff: noqa: RUF001 - the dash is what reports show
"""The section on levels and pairs of levels."""

from __future__ import annotations

import dataclasses

from report_cases import EVERY_VERDICT, ratio

from bench.analysis.effect_result import Effects, Interaction, MainEffect
from bench.analysis.result import Verdict
from bench.reports.json_report import report_json
from bench.reports.markdown import report_markdown

EFFECTS = Effects(
    main=(
        MainEffect("precision", "bf16", ratio(0.82, 0.03), Verdict.FASTER),
        MainEffect("batch", 8, ratio(1.2, None), Verdict.UNDECIDED),
    ),
    interactions=(
        Interaction(
            {"precision": "bf16", "image_cache": "ram"},
            {"precision": ratio(0.82, 0.03), "image_cache": ratio(0.9, 0.04)},
            ratio(0.7, 0.05),
            ratio(0.95, 0.06),
            Verdict.UNDECIDED,
        ),
        Interaction({"precision": "bf16", "batch": 8}, {}, None, ratio(1.3, 0.2), Verdict.SLOWER),
    ),
    left_out={"image_cache=ram with batch=8": "in no combination that could be compared"},
    trials=24,
    degrees=14,
)
TOLD = dataclasses.replace(EVERY_VERDICT, effects=EFFECTS)


def section() -> str:
    return report_markdown(TOLD).split("## Effects and interactions\n")[1].split("\n## ")[0]


def test_levels_and_pairs_have_a_row_each() -> None:
    lines = [line for line in section().splitlines() if line.startswith("| ")]
    assert [[cell.strip() for cell in line.strip("|").split("|")] for line in lines] == [
        ["level", "epoch time ratio [95 % interval], averaged over the other axes", "verdict"],
        ["precision=bf16", "0.82 [0.79, 0.85]", "faster"],
        ["batch=8", "1.2 [–]", "undecided"],
        [
            "first level",
            "second level",
            "first alone",
            "second alone",
            "both",
            "both over the product of each alone [95 % interval]",
            "verdict",
        ],
        [
            "precision=bf16",
            "image_cache=ram",
            "0.82 [0.79, 0.85]",
            "0.90 [0.86, 0.94]",
            "0.70 [0.65, 0.75]",
            "0.95 [0.89, 1.01]",
            "undecided",
        ],
        ["precision=bf16", "batch=8", "–", "–", "–", "1.3 [1.1, 1.5]", "slower"],
    ]


def test_it_says_what_it_is_of_and_what_is_left_out() -> None:
    text = section()
    assert "from 24 trials of all combinations that could be compared (14 degrees of freedom)" in text
    assert "equivalent is within ±2 %" in text
    assert "(../../../docs/statistics.md#effects-and-interactions)" in text
    assert text.endswith("Left out:\n\n- image_cache=ram with batch=8: in no combination that could be compared\n")


def test_it_stands_right_after_the_comparison() -> None:
    headings = [line for line in report_markdown(TOLD).splitlines() if line.startswith("## ")]
    assert headings[headings.index("## Comparison") + 1] == "## Effects and interactions"


def test_without_main_effects_there_are_only_pairs() -> None:
    text = report_markdown(dataclasses.replace(TOLD, effects=dataclasses.replace(EFFECTS, main=(), left_out={})))
    assert "averaged over the other axes" not in text
    assert "| first level" in text
    assert "Left out" not in text


def test_a_report_whose_combinations_tell_none_has_no_such_section() -> None:
    assert "Effects and interactions" not in report_markdown(EVERY_VERDICT)
    assert report_json(EVERY_VERDICT)["effects"] == {
        "trials": 0,
        "degrees": 0,
        "main": [],
        "interactions": [],
        "left_out": {},
    }


def test_programs_get_all_digits_and_null_for_what_cannot_be_told() -> None:
    effects = report_json(TOLD)["effects"]
    assert (effects["trials"], effects["degrees"], effects["left_out"]) == (24, 14, EFFECTS.left_out)
    first, second = effects["main"]
    assert (first["axis"], first["level"], first["verdict"]) == ("precision", "bf16", "faster")
    assert first["ratio"]["low"] == 0.82 - 0.03
    assert (second["level"], second["ratio"]["low"]) == (8, None)
    told, untold = effects["interactions"]
    assert told["levels"] == {"precision": "bf16", "image_cache": "ram"}
    assert (told["alone"]["image_cache"]["value"], told["both"]["value"], told["ratio"]["value"]) == (0.9, 0.7, 0.95)
    assert (untold["alone"], untold["both"], untold["verdict"]) == ({}, None, "slower")
