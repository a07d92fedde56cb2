"""Ultralytics' pipeline of transforms without its own augmentation."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.augmentation.picture import AugmentPicture


def augment_only_with(step: AugmentPicture | None, dataset: Any, settings: Any) -> None:
    """Make a training data set fit its pictures to the network's size, then change them by ``step`` alone.

    Whatever builds the transforms anew gets them so, too; pictures asked for unaugmented stay as they were.

    Args:
        step: the only augmentation, or None for none.
        dataset: Ultralytics' YOLODataset.
        settings: the trainer's, in Ultralytics' namespace; left as they are.
    """
    build = dataset.build_transforms

    def build_with_step(hyp: Any) -> Any:
        augmented, dataset.augment = dataset.augment, False
        try:
            transforms = build(hyp)
        finally:
            dataset.augment = augmented
        if augmented and step is not None:
            transforms.insert(-1, step)
        return transforms

    dataset.build_transforms = build_with_step
    dataset.transforms = build_with_step(copy(settings))
