"""The recipe written for albumentations (https://albumentations.ai/docs/)."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.augmentation.picture import Boxes, Indices, Pixels
from bench.augmentation.recipe import Recipe


class WithAlbumentations:
    """Albumentations' ``Compose`` of the recipe's transforms for pictures of one size."""

    def __init__(self, recipe: Recipe, height: int, width: int) -> None:
        import albumentations

        self._compose = albumentations.Compose(
            _transforms(recipe, height, width),
            bbox_params=albumentations.BboxParams(format="pascal_voc", label_fields=["origin"]),
        )

    def __call__(self, picture: Pixels, boxes: Boxes) -> tuple[Pixels, Boxes, Indices]:
        """Change a picture and move its boxes; albumentations itself drops those that leave the picture."""
        changed = self._compose(image=picture, bboxes=boxes, origin=np.arange(len(boxes)))
        moved = np.asarray(changed["bboxes"], np.float32).reshape(-1, 4)
        return changed["image"], moved, np.asarray(changed["origin"], np.int64)

    def seed(self, seed: int) -> None:
        """Start albumentations' random numbers anew."""
        self._compose.set_random_seed(seed)


def _transforms(recipe: Recipe, height: int, width: int) -> list[Any]:
    """Return the recipe's transforms in order."""
    import albumentations

    transforms: list[Any] = []
    if recipe.crop < 1:
        transforms += [albumentations.RandomCrop(*recipe.window(height, width)), albumentations.Resize(height, width)]
    if recipe.flip:
        transforms += [albumentations.HorizontalFlip(p=recipe.flip), albumentations.VerticalFlip(p=recipe.flip)]
    if recipe.turn:
        transforms.append(albumentations.RandomRotate90(p=1))
    if recipe.perspective:
        transforms.append(albumentations.Perspective(scale=(recipe.perspective, recipe.perspective), p=1))
    if recipe.elastic:
        strength, smoothing = recipe.elastic_field(max(height, width))
        transforms.append(
            albumentations.ElasticTransform(alpha=strength, sigma=smoothing, noise_distribution="uniform", p=1)
        )
    if recipe.blur:
        transforms.append(albumentations.GaussianBlur(sigma_limit=(0, recipe.blur), blur_limit=0, p=1))
    if recipe.jitter:
        factors = (1 - recipe.jitter, 1 + recipe.jitter)
        hue = (-recipe.jitter / 10, recipe.jitter / 10)
        transforms.append(
            albumentations.ColorJitter(brightness=factors, contrast=factors, saturation=factors, hue=hue, p=1)
        )
    return transforms
