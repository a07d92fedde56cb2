"""Wider or narrower layers."""

from __future__ import annotations

from typing import Any

from bench.optimizations.base import Card, Evidence
from bench.optimizations.multiple import Multiple
from bench.probes.built_model import Counts, against_plain, plain_counts


class Width(Multiple):
    """Factor of the model's width multiple."""

    name = "width"
    card = Card(
        summary="multiplies the width multiple of the model's file, and with it the channels of its layers",
        acts_on=("compute", "memory", "after"),
        evidence="channels and parameters of the model as built, against the unscaled model built apart",
        needs="a model file whose layers take Ultralytics' width multiple; channels are rounded up to multiples of 8",
        source="https://arxiv.org/abs/1905.11946, https://docs.ultralytics.com/guides/model-yaml-config/",
    )

    def evidence(self, trainer: Any) -> Evidence:
        """Expect the share of channels to be nearer to the factor than to 1; rounding moves it."""
        built, plain = self.observations["model"].built, plain_counts(trainer)
        share, factor = share_of_channels(built, plain), self.factor
        in_force = (
            share == 1 if self.factor == 1 else share not in (0, 1) and abs(share - self.factor) <= abs(share - 1)
        )
        return Evidence(
            in_force, f"{share:.2f} times the channels: {against_plain(built, plain)}", f"about {factor:g} times"
        )


def share_of_channels(built: Counts, plain: Counts) -> float:
    """Return the channels of ``built`` over those of ``plain``, of the convolutions that both have; 0 without any."""
    common = built.channels.keys() & plain.channels.keys()
    before = sum(plain.channels[name] for name in common)
    return sum(built.channels[name] for name in common) / before if before else 0.0
