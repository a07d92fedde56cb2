"""A technique as a user's file may hold one, by the name of ``blur``."""

TECHNIQUE = """\
from typing import Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization


class Blur(Optimization):
    name = "blur"
    card = Card(summary="Blurs.", acts_on=("data",), evidence="None worth a word.")
    level_type = Literal["off", "on"]
    usual_levels = ("off", "on")

    def evidence(self, trainer: Any) -> Evidence:
        return Evidence(True, "nothing", "nothing")
"""
