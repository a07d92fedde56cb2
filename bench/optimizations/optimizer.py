"""The rule by which gradients change weights."""

from __future__ import annotations

from typing import Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization

STATE_TENSORS = {
    "SGD": 1,
    "MuSGD": 2,
    "RMSProp": 2,
    "Adam": 2,
    "AdamW": 2,
    "Adamax": 2,
    "NAdam": 2,
    "RAdam": 2,
}
"""Tensors as large as the weights that each optimizer keeps, with Ultralytics' momentum."""


class Optimizer(Optimization):
    """Optimizer class."""

    name = "optimizer"
    card = Card(
        summary="updates weights by this optimizer; all others keep twice the state of SGD and cost more a step",
        acts_on=("compute", "memory"),
        evidence="class of the optimizer and state tensors kept for each weight",
        source="https://docs.ultralytics.com/modes/train/#train-settings",
    )
    level_type = Literal["SGD", "MuSGD", "Adam", "AdamW", "Adamax", "NAdam", "RAdam", "RMSProp"]
    usual_levels = ("SGD", "Adam", "AdamW", "NAdam", "RMSProp", "MuSGD")

    def configure(self, settings: dict[str, Any]) -> None:
        """Set ``optimizer``; ``auto`` is no level, because it overrides the learning rate too."""
        settings["optimizer"] = self.level

    def evidence(self, trainer: Any) -> Evidence:
        """Read the optimizer's class and the state it has gathered."""
        # An optimizer with 8-bit state is the same rule in another number format.
        seen = type(trainer.optimizer).__name__.removesuffix("8bit")
        kept = _state_tensors(trainer.optimizer)
        return Evidence(
            in_force=seen.lower() == str(self.level).lower() and kept == STATE_TENSORS[str(self.level)],
            observed=f"{seen} with {kept} state tensors for each weight",
            expected=f"{self.level} with {STATE_TENSORS[str(self.level)]}",
        )


def _state_tensors(optimizer: Any) -> int:
    """Return the largest number of state tensors shaped like their weight that any weight has."""
    return max(
        (
            sum(getattr(value, "shape", None) == weight.shape and weight.ndim > 0 for value in state.values())
            for weight, state in optimizer.state.items()
        ),
        default=0,
    )
