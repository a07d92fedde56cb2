"""The levels of an optimization that can be listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bench.optimizations.base import Optimization, level_adapter
from bench.suite.combination import canonical, level_text
from bench.suite.model import Level

# Every pair of techniques is gone through, and a schema takes its time.
_found: dict[type[Optimization], tuple[Level, ...]] = {}


def known_levels(optimization: type[Optimization]) -> tuple[Level, ...]:
    """Return the usual levels, the baseline first, and after them all others that have a name."""
    if optimization not in _found:
        levels = {canonical(level): level for level in optimization.usual_levels}
        for level in _named(level_adapter(optimization).json_schema()):
            levels.setdefault(canonical(level), level)
        _found[optimization] = tuple(levels.values())
    return _found[optimization]


def levels_list(optimization: type[Optimization]) -> str:
    """Return the usual levels as text, and then those that are not usual."""
    usual = len(optimization.usual_levels)
    levels = [level_text(level) for level in known_levels(optimization)]
    further = f"; further: {', '.join(levels[usual:])}" if levels[usual:] else ""
    return ", ".join(levels[:usual]) + further


def _named(schema: Mapping[str, Any]) -> Iterator[Level]:
    """Yield the single values that a JSON Schema allows by name."""
    yield from schema.get("enum", ())
    if "const" in schema:
        yield schema["const"]
    for choice in schema.get("anyOf", ()):
        yield from _named(choice)
