from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from report_cases import BASELINE, EVERY_VERDICT, FAILED, FASTER, UNDECIDED, analysis, ratio, ratios

from bench.reports.json_report import Report, report_json, report_json_schema

PAGE = Path(__file__).parents[2] / "docs" / "report-json.md"


def test_numbers_keep_all_their_digits_and_units_are_named() -> None:
    row = report_json(analysis(BASELINE, FASTER))["rows"][1]
    assert row["verdict"] == "faster"
    assert row["ratios"]["epoch.seconds"] == {
        "value": 0.82,
        "low": 0.82 - 0.03,
        "high": 0.82 + 0.03,
        "rounds": 12,
        "launches": 2,
        "p_value": 0.004,
    }
    assert row["figures"]["memory.peak"] == {"unit": "B", "median": 629145600.0, "spread": None, "bursts": 2}
    assert row["figures"]["epoch.seconds"]["unit"] == "s"
    assert row["setup"]["zeal"] == 0.0


def test_one_off_costs_are_told_launch_by_launch() -> None:
    row = report_json(analysis(BASELINE, FASTER))["rows"][1]
    parts = ("ready", "compilation", "warm_up", "fresh_caches")
    assert {launch: [cost[part] for part in parts] for launch, cost in row["one_off"].items()} == {
        "first": [1.6, 17.4, 1.5, True],
        "later": [1.5, 0.5, 0.9, False],
    }
    assert row["one_off"]["first"]["total"] == pytest.approx(20.5)
    assert (row["pays_off_after"], row["pays_off_after_later"]) == (49.75, 1.66)
    assert report_json(analysis(BASELINE, UNDECIDED))["rows"][1]["one_off"] == {}


def test_what_is_not_available_is_null() -> None:
    rows = {row["label"]: row for row in report_json(EVERY_VERDICT)["rows"]}
    undecided = rows[UNDECIDED.label]["ratios"]["epoch.seconds"]
    assert (undecided["low"], undecided["high"], undecided["p_value"]) == (None, None, None)
    assert rows["baseline"]["reason"] is None
    assert rows["baseline"]["ratios"] == {}
    assert rows[FAILED.label]["reason"] == FAILED.reason


def test_the_report_survives_json_and_fits_its_own_model() -> None:
    report = report_json(EVERY_VERDICT)
    text = json.dumps(report, allow_nan=False)
    assert Report.model_validate_json(text).model_dump(mode="json") == report
    assert [row["label"] for row in report["rows"]] == [row.label for row in EVERY_VERDICT.rows]
    assert report["environment"] == EVERY_VERDICT.run.environment
    assert report["suite"] == EVERY_VERDICT.run.suite


def test_a_figure_that_is_no_number_is_refused() -> None:
    broken = dataclasses.replace(FASTER, ratios=ratios(ratio(float("nan"), 0.1)))
    with pytest.raises(ValidationError, match="finite"):
        report_json(analysis(BASELINE, broken))


def fields(node: dict[str, Any], schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and the description of every field of an object in a JSON Schema."""
    for name, inner in node.get("properties", {}).items():
        yield f"{path}{name}", inner["description"]
        yield from fields(*_object_in(inner, schema, f"{path}{name}"))


def _object_in(node: dict[str, Any], schema: dict[str, Any], path: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    if "items" in node:
        return _object_in(node["items"], schema, f"{path}[]")
    if isinstance(node.get("additionalProperties"), dict):
        return _object_in(node["additionalProperties"], schema, f"{path}.*")
    if "$ref" in node:
        return _object_in(schema["$defs"][node["$ref"].rpartition("/")[2]], schema, path)
    return node, schema, f"{path}."


def test_the_page_lists_the_models_fields_word_for_word() -> None:
    schema = report_json_schema()
    cells = [line.split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    documented = {name.strip("| `"): meaning.rstrip(" |") for name, meaning in cells}
    expected = dict(fields(schema, schema))
    assert documented == expected
    assert "rows[].ratios.*.p_value" in expected
