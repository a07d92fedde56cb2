"""One level for every axis."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from bench.suite.model import Level

BASELINE_LABEL = "baseline"
"""What tables call the combination that all others are compared with."""


def canonical(level: Level) -> str:
    """Return the one spelling of a level: compact JSON with sorted keys."""
    return json.dumps(level, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def level_text(level: Level) -> str:
    """Return a level as a person writes it: words bare, parameters as ``name(key=value)``."""
    if isinstance(level, dict):
        inner = dict(level)
        head = inner.pop("method", None)
        body = ", ".join(f"{key}={level_text(value)}" for key, value in sorted(inner.items()))
        return f"{head}({body})" if head is not None else f"({body})"
    if isinstance(level, bool):
        return "true" if level else "false"
    return level if isinstance(level, str) else canonical(level)


@dataclass(frozen=True)
class Combination:
    """One level for every axis, in the suite's order of axes.

    Attributes:
        items: pairs of axis name and level, the level as its canonical JSON so that combinations hash.
        copy: 0, or which one of several identical trials this is, when a combination is compared with itself.
        revision: the side of a comparison of two commits that its code is from, such as ``head 1a2b3c4``; "" for the
            code that makes the run.
    """

    items: tuple[tuple[str, str], ...]
    copy: int = 0
    revision: str = ""

    @classmethod
    def of(cls, levels: Mapping[str, Level], copy: int = 0) -> Combination:
        """Build a combination from axis names and levels, keeping their order."""
        return cls(tuple((axis, canonical(level)) for axis, level in levels.items()), copy)

    @property
    def levels(self) -> dict[str, Level]:
        """Axis names and levels, in the suite's order."""
        return {axis: json.loads(text) for axis, text in self.items}

    @property
    def id(self) -> str:
        """Eight hexadecimal digits that name this combination in journals and file names."""
        copy = f"#{self.copy}" if self.copy else ""
        revision = f"@{self.revision}" if self.revision else ""
        return hashlib.sha256((json.dumps(self.items) + copy + revision).encode()).hexdigest()[:8]

    def difference(self, baseline: Combination) -> dict[str, Level]:
        """Return the levels in which this combination differs from ``baseline``."""
        base = dict(baseline.items)
        return {axis: json.loads(text) for axis, text in self.items if base.get(axis) != text}

    def label(self, baseline: Combination) -> str:
        """Return how tables name this combination: ``baseline``, or the levels that differ from it."""
        changed = self.difference(baseline)
        if not changed:
            return f"{BASELINE_LABEL}, copy {self.copy}" if self.copy else BASELINE_LABEL
        return ", ".join(f"{axis}={level_text(level)}" for axis, level in changed.items())
