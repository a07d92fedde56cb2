"""A library's augmentation as a step of Ultralytics' own pipeline of transforms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bench.augmentation.boxes import cut_to_picture

Pixels = NDArray[np.uint8]
Boxes = NDArray[np.float32]
Indices = NDArray[np.int64]


class Augmenter(Protocol):
    """A library that changes one picture."""

    def __call__(self, picture: Pixels, boxes: Boxes) -> tuple[Pixels, Boxes, Indices]:
        """Change a picture and move its boxes.

        Args:
            picture: (H, W, 3), red, green, blue, 0 to 255.
            boxes: (N, 4) left, top, right, bottom in pixels, all inside the picture.

        Returns:
            The picture, of the same shape; the boxes, (M, 4), which may reach beyond it; for each of these its index
            into ``boxes``.
        """

    def seed(self, seed: int) -> None:
        """Start the library's random numbers anew."""


class AugmentPicture:
    """Changes the picture of Ultralytics' labels and moves, cuts and drops its boxes.

    The library is made for the first picture's height and width, and again when these change.
    """

    def __init__(self, make: Callable[[int, int], Augmenter]) -> None:
        self._make = make
        self._augmenter: Augmenter | None = None
        self._made_for: tuple[int, int, int] | None = None

    def __call__(self, labels: dict[str, Any]) -> dict[str, Any]:
        """Return the labels with ``img``, ``cls`` and ``instances`` changed."""
        import cv2
        from ultralytics.utils.instance import Instances

        height, width = labels["img"].shape[:2]
        instances = labels["instances"]
        instances.convert_bbox("xyxy")
        instances.denormalize(width, height)
        boxes, present = cut_to_picture(instances.bboxes, height, width)
        picture = cv2.cvtColor(labels["img"], cv2.COLOR_BGR2RGB)
        picture, moved, origin = self._for(height, width)(picture, boxes)
        labels["img"] = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
        moved, kept = cut_to_picture(moved, height, width)
        labels["cls"] = labels["cls"][present[origin[kept]]]
        labels["instances"] = Instances(moved, bbox_format="xyxy", normalized=False)
        return labels

    def _for(self, height: int, width: int) -> Augmenter:
        """Return the library, made for this size and seeded as this process's torch is.

        Loader workers are forked with the same state; each has a seed of its own.
        """
        import torch

        wanted = (height, width, torch.initial_seed())
        if self._augmenter is None or wanted != self._made_for:
            self._augmenter = self._make(height, width)
            self._augmenter.seed(wanted[2] % 2**31)
            self._made_for = wanted
        return self._augmenter
