"""The recipe written for torchvision's second transforms (https://docs.pytorch.org/vision/stable/transforms.html)."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.augmentation.picture import Boxes, Indices, Pixels
from bench.augmentation.recipe import Recipe


class WithTorchvision:
    """torchvision's ``Compose`` of the recipe's transforms for pictures of one size."""

    def __init__(self, recipe: Recipe, height: int, width: int) -> None:
        from torchvision.transforms import v2

        self._compose = v2.Compose(_transforms(recipe, height, width))

    def __call__(self, picture: Pixels, boxes: Boxes) -> tuple[Pixels, Boxes, Indices]:
        """Change a picture and move its boxes; torchvision cuts them at the border and keeps them all."""
        import torch
        from torchvision import tv_tensors

        image = tv_tensors.Image(torch.from_numpy(picture).permute(2, 0, 1))
        on_picture = tv_tensors.BoundingBoxes(
            torch.from_numpy(boxes),
            format="XYXY",
            canvas_size=picture.shape[:2],
        )
        changed, moved = self._compose(image, on_picture)
        pixels = np.ascontiguousarray(changed.permute(1, 2, 0).numpy())
        return pixels, moved.numpy(), np.arange(len(boxes))

    def seed(self, seed: int) -> None:
        """Do nothing: torchvision draws from torch's random numbers, which every loader worker has its own of."""


def _transforms(recipe: Recipe, height: int, width: int) -> list[Any]:
    """Return the recipe's transforms in order."""
    from torchvision.transforms import v2

    transforms: list[Any] = []
    if recipe.crop < 1:
        transforms += [v2.RandomCrop(recipe.window(height, width)), v2.Resize((height, width))]
    if recipe.flip:
        transforms += [v2.RandomHorizontalFlip(recipe.flip), v2.RandomVerticalFlip(recipe.flip)]
    if recipe.turn:
        turns = [v2.RandomRotation((degrees, degrees)) for degrees in (90, 180, 270)]
        transforms.append(v2.RandomChoice([v2.Identity(), *turns]))
    if recipe.jitter:
        strength = recipe.jitter
        transforms.append(
            v2.ColorJitter(brightness=strength, contrast=strength, saturation=strength, hue=strength / 10)
        )
    return transforms
