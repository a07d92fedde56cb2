"""Batches of pictures of like shape, without square padding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization
from bench.probes.shapes import ShapesSeen, shapes_text
from bench.suite.model import Level, ShapesData, TreesData, Workload

if TYPE_CHECKING:
    from bench.environment import Machine


class Rect(Optimization):
    """Rectangular training."""

    name = "rect"
    card = Card(
        summary="groups pictures of like shape and pads each batch only to its own rectangle, not to a square (on)",
        acts_on=("data", "compute", "memory"),
        evidence="shapes of the batches in the loop against the rectangles of the dataset that gave them",
        needs="data of your own with pictures that are not square: those of shapes and trees are; mosaic and mixup are "
        "left out, and pictures of several shapes are not shuffled",
        source="https://docs.ultralytics.com/modes/train/#train-settings",
    )
    level_type = Literal["off", "on"]
    usual_levels = ("off", "on")

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Ultralytics composes no pictures in rectangles, and captured graphs take one shape."""
        if levels["rect"] != "on":
            return None
        composed = next((name for name in ("mosaic", "mixup") if switched_on(levels.get(name))), None)
        if composed:
            return f"Ultralytics switches {composed} off for rectangles"
        return "a captured graph takes one shape" if levels.get("cuda_graphs") == "on" else None

    @classmethod
    def idle(cls, levels: Mapping[str, Level], workload: Workload, machine: Machine) -> str | None:
        """Squares stay squares; and a baseline that composes pictures does other work, so it has to leave that out."""
        if levels["rect"] != "on":
            return None
        if isinstance(workload.data, ShapesData | TreesData):
            return f"all pictures of {workload.data.kind} are squares of one size: needs workload.data of other shapes"
        for name, usual in (("mosaic", 1.0), ("mixup", 0.0)):
            if name not in levels and workload.settings.get(name, usual):
                return f"Ultralytics switches {name} off for rectangles: compare with workload.settings.{name}: 0.0"
        return None

    def configure(self, settings: dict[str, Any]) -> None:
        """Set ``rect``."""
        settings["rect"] = self.level == "on"

    def observe(self, trainer: Any) -> None:
        """Count the shapes that the loader gives."""
        self.observations["shapes"] = ShapesSeen(trainer)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the shapes given with the dataset's rectangles."""
        loaded = self.observations["shapes"].loaded
        dataset = trainer.train_loader.dataset
        grouped = bool(getattr(dataset, "rect", False))
        if self.level == "on":
            rectangles = {(int(height), int(width)) for height, width in dataset.batch_shapes} if grouped else set()
            # Where every rectangle is a square, nothing is padded less than without.
            in_force = set(loaded) <= rectangles and any(height != width for height, width in loaded)
        else:
            in_force = bool(loaded) and not grouped and all(height == width for height, width in loaded)
        return Evidence(
            in_force=in_force,
            observed=f"batches of {shapes_text(loaded)}, pictures {'' if grouped else 'not '}grouped by shape",
            expected="the rectangles of pictures grouped by shape, not all square" if self.level == "on" else "squares",
        )


def switched_on(level: Level | None) -> bool:
    """Return whether a level of an augmentation, if there is one, lets it act."""
    return level is not None and level not in ("off", "none", False, 0)
