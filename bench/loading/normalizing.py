"""Pixels from 0 to 255 to what the network takes: scaled to 0..1, or standardised on top of that."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

MEAN = (0.485, 0.456, 0.406)
"""Mean of red, green and blue over ImageNet's training pictures, on a scale from 0 to 1.

Source: https://docs.pytorch.org/vision/stable/models.html (the pre-processing of its classifiers).
"""
DEVIATION = (0.229, 0.224, 0.225)
"""Standard deviation beside ``MEAN``, from the same source."""

Batch = dict[str, Any]


def scale(images: torch.Tensor) -> torch.Tensor:
    """Return integer ``images``, from 0 to 255, as 32-bit floats from 0 to 1, by Ultralytics' own formula."""
    return images.float() / 255


def standardize(images: torch.Tensor) -> torch.Tensor:
    """Return ``images``, batch x 3 x height x width, red first, from 0 to 1, less the mean and over the deviation.

    Raises:
        ValueError: the pictures have other than three channels.
    """
    import torch

    if images.shape[1] != len(MEAN):
        raise ValueError(f"mean and deviation are known for 3 channels, not for {images.shape[1]}")
    options: Any = {"dtype": images.dtype, "device": images.device}
    mean, deviation = (torch.tensor(values, **options).view(1, -1, 1, 1) for values in (MEAN, DEVIATION))
    return (images - mean) / deviation


def normalizing_collate(collate: Callable[[Any], Batch], normalize: Callable[[Any], Any]) -> Callable[[Any], Batch]:
    """Return ``collate`` with its images normalized, wherever the loader runs it."""

    def collate_normalized(samples: Any) -> Batch:
        batch = collate(samples)
        return batch | {"img": normalize(batch["img"])}

    return collate_normalized


class Normalized:
    """Stands in for a batch's images while Ultralytics would scale them, when that is done already.

    Its preprocessing does more than scaling; in this way the rest of it stays.
    """

    def __init__(self, images: torch.Tensor) -> None:
        self._images = images

    def float(self) -> Normalized:
        """Keep 32-bit floats as they are."""
        return self

    def half(self) -> Normalized:
        """Keep half of the bits."""
        return Normalized(self._images.half())

    def __truediv__(self, divisor: int) -> torch.Tensor:
        """Return the images themselves in place of a quotient."""
        return self._images


def without_scaling(preprocess: Callable[[Any, Batch], Batch]) -> Callable[[Any, Batch], Batch]:
    """Return an Ultralytics ``preprocess`` method that takes batches whose images are normalized."""

    def preprocess_normalized(self: Any, batch: Batch) -> Batch:
        images = batch["img"].to(self.device, non_blocking=self.device.type == "cuda")
        return preprocess(self, batch | {"img": Normalized(images)})

    return preprocess_normalized


def standardizing(preprocess: Callable[[Any, Batch], Batch]) -> Callable[[Any, Batch], Batch]:
    """Return an Ultralytics ``preprocess`` method that standardises what it has scaled."""

    def preprocess_standardized(self: Any, batch: Batch) -> Batch:
        batch = preprocess(self, batch)
        return batch | {"img": standardize(batch["img"])}

    return preprocess_standardized
