"""A side of its own for every batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from bench.optimizations.base import Card, Evidence, Optimization
from bench.probes.shapes import ShapesSeen, shapes_text
from bench.suite.model import Level


class MultiScale(Optimization):
    """Batches scaled at random on the device."""

    name = "multi_scale"
    card = Card(
        summary="scales every batch to a random side within this share of the image size, up or down; for accuracy, "
        "at a cost that varies from step to step",
        acts_on=("compute", "memory"),
        evidence="shapes of the batches after Ultralytics' preprocessing, against those that the loader gave",
        needs="the measurement epoch: forward_backward computes at the image size and shows nothing of it",
        cost="with compile: compiling for other shapes",
        source="https://docs.ultralytics.com/modes/train/#train-settings",
    )
    level_type = Annotated[
        float, Field(ge=0, lt=1, strict=True, description="a share of the image size: 0 for none, below 1")
    ]
    usual_levels = (0.0, 0.5)
    seen_by_fixed_batches = False

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Captured graphs take one shape."""
        if levels["multi_scale"] and levels.get("cuda_graphs") == "on":
            return "a captured graph takes one shape"
        return None

    def configure(self, settings: dict[str, Any]) -> None:
        """Set ``multi_scale``."""
        settings["multi_scale"] = self.level

    def observe(self, trainer: Any) -> None:
        """Count shapes before and after preprocessing."""
        self.observations["shapes"] = ShapesSeen(trainer)

    def evidence(self, trainer: Any) -> Evidence:
        """Expect several sides, none beyond the share (rounded up to the grid); or one, where there is no share."""
        shapes: ShapesSeen = self.observations["shapes"]
        sides = {max(shape) for shape in shapes.preprocessed}
        size, grid = trainer.args.imgsz, trainer.stride
        share = float(self.level)  # type: ignore[arg-type]
        if share:
            within = all(size * (1 - share) - grid < side < size * (1 + share) + grid for side in sides)
            in_force = within and len(sides) > 1
            expected = f"several sides of {size} px ± {share:.0%}"
        else:
            in_force = bool(sides) and shapes.preprocessed == shapes.loaded
            expected = "the shapes that the loader gave"
        return Evidence(in_force, f"batches of {shapes_text(shapes.preprocessed)}", expected)
