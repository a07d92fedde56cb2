"""Four pictures in one."""

from __future__ import annotations

from bench.augmentation.composites import Composites
from bench.optimizations.base import Card


class Mosaic(Composites):
    """Ultralytics' mosaic, always, never or with a probability."""

    name = "mosaic"
    card = Card(
        summary="puts four pictures together into each training picture (on is Ultralytics' default); "
        "close_mosaic is held at 0, so that no epoch does without",
        acts_on=("data",),
        evidence="share of the training pictures composed of four, counted in trial and workers, against the binomial "
        "distribution",
        source="https://docs.ultralytics.com/guides/yolo-data-augmentation/#mosaic-mosaic",
    )
    usual_levels = ("on", 0.5, "off")
    transform = "Mosaic"
