"""Side of the network's input."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StrictInt

from bench.optimizations.base import Card, Evidence, Optimization
from bench.probes.shapes import ShapesSeen, shapes_text


class ImageSize(Optimization):
    """Image size, in place of the workload's."""

    name = "image_size"
    card = Card(
        summary="scales pictures to this side instead of the workload's image_size; fewer pixels teach less",
        acts_on=("data", "compute", "memory"),
        evidence="shapes of the batches that the loader gave the training loop",
        needs="a multiple of 32, the coarsest grid of the usual models",
        source="https://docs.ultralytics.com/modes/train/#train-settings",
    )
    level_type = Annotated[
        StrictInt, Field(ge=32, le=4096, multiple_of=32, description="a side in pixels: a multiple of 32 up to 4096")
    ]
    usual_levels = (160, 96, 224, 320)

    def configure(self, settings: dict[str, Any]) -> None:
        """Set ``imgsz``."""
        settings["imgsz"] = self.level

    def observe(self, trainer: Any) -> None:
        """Count the shapes that the loader gives, before anything scales them on the device."""
        self.observations["shapes"] = ShapesSeen(trainer)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the longer sides with the side asked for; rectangles may have shorter ones."""
        loaded = self.observations["shapes"].loaded
        return Evidence(
            in_force={max(shape) for shape in loaded} == {self.level},
            observed=f"batches of {shapes_text(loaded)}",
            expected=f"{self.level} px",
        )
