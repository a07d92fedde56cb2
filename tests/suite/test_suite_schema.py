from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.optimizations.registry import Registry, registry
from bench.suite.load import suite_json
from bench.suite.model import Suite, Workload
from bench.suite.schema import schema_text, suite_schema

COMMITTED = Path(__file__).parents[2] / "suites" / "suite.schema.json"
SMALL: dict[str, Any] = {"workload": {"model": "yolo26n.yaml"}, "axes": {"compile": ["off", "default"]}}


def built_in() -> Registry:
    """The harness's own optimizations, without those of other packages installed beside it."""
    return Registry(each for each in registry().values() if each.__module__.startswith("bench.optimizations."))


def test_the_committed_schema_is_the_one_generated() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == schema_text(built_in()), (
        "the committed schema is out of date: bench schema > suites/suite.schema.json"
    )


def test_each_axis_is_described_by_its_optimization(known: Registry) -> None:
    axes = suite_schema(known)["properties"]["axes"]
    assert axes["additionalProperties"] is False
    assert list(axes["properties"]) == ["compile", "precision", "workers"]
    assert axes["properties"]["precision"]["description"] == known["precision"].card.summary
    assert axes["properties"]["precision"]["items"] == {"$ref": "#/$defs/precision.level"}


def test_every_reference_leads_somewhere(known: Registry) -> None:
    text = schema_text(known)
    schema = json.loads(text)
    references = {part.split('"')[0] for part in text.split('"$ref": "#/$defs/')[1:]}
    assert references
    assert references <= set(schema["$defs"])


GOOD: list[dict[str, Any]] = [
    SMALL,
    {**SMALL, "name": "x", "budget": "10m", "margin": "2%", "timeout": 30},
    {**SMALL, "budget": {"rounds": 3}, "design": [{"compile": "default"}]},
    {**SMALL, "budget": 90, "workload": {"model": "m.yaml", "data": "trees"}},
    {**SMALL, "workload": {"model": "m.yaml", "data": {"kind": "shapes", "images": 4}}},
    {**SMALL, "exclude": [{"when": {"compile": "default"}, "reason": "slow"}]},
    {"extend": "other.yaml", "workload": {"batch": 4}},
    suite_json(Suite(name="x", workload=Workload(model="yolo26n.yaml"), axes={"workers": (0, 2)})),
]
BAD: list[dict[str, Any]] = [
    {"axes": SMALL["axes"]},
    {**SMALL, "desing": "full"},
    {**SMALL, "axes": {"compiled": ["off"]}},
    {**SMALL, "axes": {"compile": ["on"]}},
    {**SMALL, "axes": {"compile": []}},
    {**SMALL, "axes": {}},
    {**SMALL, "design": []},
    {**SMALL, "design": [{"compile": "on"}]},
    {**SMALL, "budget": "10 minutes"},
    {**SMALL, "budget": -1},
    {**SMALL, "exclude": [{"when": {"compile": "on"}}]},
    {**SMALL, "workload": {"model": "m.yaml", "batch": 0}},
    {**SMALL, "workload": {"model": "m.yaml", "data": {"kind": "tree"}}},
]


@pytest.mark.parametrize("suite", GOOD)
def test_a_validator_accepts(suite: dict[str, Any], known: Registry) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(suite_schema(known)).validate(suite)


@pytest.mark.parametrize("suite", BAD)
def test_a_validator_refuses(suite: dict[str, Any], known: Registry) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    assert not jsonschema.Draft202012Validator(suite_schema(known)).is_valid(suite)


def test_the_schema_is_a_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(suite_schema())
