"""Pictures that Ultralytics draws of labels, batches and results."""

from __future__ import annotations

from typing import Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization


class Plots(Optimization):
    """Plots of the data and of the training."""

    name = "plots"
    card = Card(
        summary="draws labels, the first three batches and, when training ends, the results (on), or nothing (off)",
        acts_on=("epoch",),
        evidence="plots that Ultralytics registered, counted",
        cost="drawing the labels and the first three batches; later epochs draw nothing until the last",
        source="https://docs.ultralytics.com/modes/train/#train-settings",
    )
    level_type = Literal["off", "on"]
    usual_levels = ("off", "on")

    def configure(self, settings: dict[str, Any]) -> None:
        """Set ``plots``."""
        settings["plots"] = self.level == "on"

    def evidence(self, trainer: Any) -> Evidence:
        """Count what was drawn."""
        drawn = len(trainer.plots)
        return Evidence(
            in_force=(drawn > 0) == (self.level == "on"),
            observed=f"{drawn} plots drawn",
            expected="at least one plot" if self.level == "on" else "no plots",
        )
