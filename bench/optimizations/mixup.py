"""Two pictures, one shining through the other."""

from __future__ import annotations

from bench.augmentation.composites import Composites
from bench.optimizations.base import Card


class Mixup(Composites):
    """Ultralytics' mixup, always, never or with a probability."""

    name = "mixup"
    card = Card(
        summary="blends a second picture, prepared like the first, into a training picture and keeps the boxes of "
        "both (off is Ultralytics' default); close_mosaic is held at 0, so that no epoch does without",
        acts_on=("data",),
        evidence="share of the training pictures blended, counted in trial and workers, against the binomial "
        "distribution",
        source="https://docs.ultralytics.com/guides/yolo-data-augmentation/#mixup-mixup",
    )
    usual_levels = ("off", 0.5, "on")
    transform = "MixUp"
