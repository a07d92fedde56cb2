"""More or fewer repeated layers."""

from __future__ import annotations

from typing import Any

from bench.optimizations.base import Card, Evidence
from bench.optimizations.multiple import Multiple
from bench.probes.built_model import against_plain, plain_counts


class Depth(Multiple):
    """Factor of the model's depth multiple."""

    name = "depth"
    card = Card(
        summary="multiplies the depth multiple of the model's file, and with it the repeats of its repeated layers",
        acts_on=("compute", "memory", "after"),
        evidence="convolutions and parameters of the model as built, against the unscaled model built apart",
        needs="a model file with repeated layers; repeats are rounded, and at least 1",
        source="https://arxiv.org/abs/1905.11946, https://docs.ultralytics.com/guides/model-yaml-config/",
    )

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the numbers of convolutions; a factor that rounding swallows is not in force."""
        built, plain = self.observations["model"].built, plain_counts(trainer)
        more = len(built.channels) - len(plain.channels)
        in_force = more > 0 if self.factor > 1 else more < 0 if self.factor < 1 else more == 0
        expected = f"{'more' if self.factor > 1 else 'fewer' if self.factor < 1 else 'as many'} convolutions"
        return Evidence(in_force, against_plain(built, plain), expected)
