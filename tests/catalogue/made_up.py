"""Techniques made up for tests of what is said about techniques."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from bench.environment.machine import Machine
from bench.optimizations.base import Card, Optimization
from bench.suite.model import Level


class Paint(Optimization):
    """Conflicts with a level of another technique, and needs a GPU at one of its own."""

    name = "paint"
    card = Card(summary="paints", acts_on=("compute",), evidence="looks", source="https://example.org/paint")
    level_type = Literal["none", "red", "green", "gold"]
    usual_levels = ("none", "red", "green")

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Two levels do not go with water."""
        if levels["paint"] in ("red", "gold") and levels.get("wet") == "soaked":
            return "red runs"
        return "green fades" if levels["paint"] == "green" and levels.get("wet", "dry") != "dry" else None

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        """Two levels need a GPU."""
        return "needs CUDA" if level in ("red", "gold") and not machine.has_cuda else None


class Wet(Optimization):
    """Says nothing of conflicts itself, and comes after paint."""

    name = "wet"
    card = Card(summary="wets", acts_on=("data", "memory"), evidence="feels", source="https://example.org/wet")
    level_type = Literal["dry", "damp", "soaked"]
    usual_levels = ("dry", "damp", "soaked")
    applied_after = ("paint",)
