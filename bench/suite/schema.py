"""The JSON Schema of suites, for editors: the typed model, with the optimizations that are installed.

Editors see one file at a time, so what only the whole suite can tell (a workload taken over from an
extended suite, a level outside its axis) is left to loading.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bench.optimizations.base import Optimization, level_adapter
from bench.optimizations.registry import Registry, registry
from bench.suite.model import Suite

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def suite_schema(known: Registry | None = None) -> Schema:
    """Return the JSON Schema (draft 2020-12) of a suite's file.

    Args:
        known: the optimizations an axis may name; all installed ones where it is None.
    """
    known = registry() if known is None else known
    schema = Suite.model_json_schema()
    definitions, properties = schema["$defs"], schema["properties"]
    levels = {name: _level_schema(optimization, definitions) for name, optimization in known.items()}

    properties["extend"] = {"type": "string", "description": "another suite's file, which this one changes"}
    properties["budget"]["anyOf"] = [{"$ref": properties["budget"].pop("$ref")}, *_time_forms(definitions)]
    properties["axes"] = _only(properties["axes"], {name: _axis(known[name], levels[name]) for name in known})
    explicit = next(each for each in properties["design"]["oneOf"] if each["type"] == "array")
    explicit["items"] = _only(explicit["items"], levels)
    when = definitions["Exclusion"]["properties"]
    when["when"] = _only(when["when"], levels)

    schema["anyOf"] = [{"required": ["workload", "axes"]}, {"required": ["extend"]}]
    del schema["required"], definitions["Workload"]["required"]
    return {"$schema": DIALECT, **schema}


def schema_text(known: Registry | None = None) -> str:
    """Return the schema as the text of its file."""
    return json.dumps(suite_schema(known), indent=2, ensure_ascii=False) + "\n"


def _level_schema(optimization: type[Optimization], definitions: Schema) -> Schema:
    """Put the schema of one optimization's levels into ``definitions`` and return a reference to it."""
    template = f"#/$defs/{optimization.name}.{{model}}"
    schema = level_adapter(optimization).json_schema(ref_template=template)
    for name, definition in schema.pop("$defs", {}).items():
        definitions[f"{optimization.name}.{name}"] = definition
    definitions[f"{optimization.name}.level"] = schema
    return {"$ref": f"#/$defs/{optimization.name}.level"}


def _axis(optimization: type[Optimization], level: Schema) -> Schema:
    """Return the schema of one axis: levels of one optimization, each once, the baseline first."""
    return {
        "type": "array",
        "description": optimization.card.summary,
        "items": level,
        "minItems": 1,
        "uniqueItems": True,
        "examples": [list(optimization.usual_levels)],
    }


def _only(mapping: Schema, properties: Mapping[str, Schema]) -> Schema:
    """Return the schema of a free mapping narrowed to the optimizations there are."""
    kept = {key: value for key, value in mapping.items() if key not in {"patternProperties", "propertyNames"}}
    return {**kept, "properties": dict(properties), "additionalProperties": False}


def _time_forms(definitions: Schema) -> list[Schema]:
    """Return the schemas of what stands alone for a budget of that time, as in ``budget: 10m``."""
    return [each for each in definitions["Budget"]["properties"]["time"]["anyOf"] if each["type"] != "null"]
