"""Algorithms that give the same bits each time, or the fastest ones."""

from __future__ import annotations

from typing import Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization


class Deterministic(Optimization):
    """Deterministic algorithms, which Ultralytics asks for unless told otherwise."""

    name = "deterministic"
    card = Card(
        summary="insists on algorithms that repeat to the bit, as Ultralytics does by itself (on), or allows all (off)",
        acts_on=("compute",),
        evidence="torch.are_deterministic_algorithms_enabled and cudnn.deterministic, read during training steps",
        source="https://docs.pytorch.org/docs/stable/notes/randomness.html",
    )
    level_type = Literal["on", "off"]
    usual_levels = ("on", "off")

    def configure(self, settings: dict[str, Any]) -> None:
        """Set ``deterministic``."""
        settings["deterministic"] = self.level == "on"

    def observe(self, trainer: Any) -> None:
        """Note both flags at every step."""
        import torch

        def note(*_: object) -> None:
            self.observations["algorithms"] = torch.are_deterministic_algorithms_enabled()
            self.observations["cudnn"] = torch.backends.cudnn.deterministic

        trainer.loss_watchers.append(note)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the flags seen with the level."""
        algorithms, cudnn = self.observations.get("algorithms"), self.observations.get("cudnn")
        on = self.level == "on"
        return Evidence(
            in_force=algorithms is on and cudnn is on,
            observed=f"deterministic algorithms {algorithms}, cuDNN deterministic {cudnn}",
            expected=f"both {on}",
        )
