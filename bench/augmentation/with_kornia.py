"""The recipe written for kornia (https://kornia.readthedocs.io/en/latest/augmentation.html): a batch at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bench.augmentation.boxes import cut_to_picture
from bench.augmentation.recipe import Recipe

if TYPE_CHECKING:
    import torch


class AugmentBatch:
    """Changes a batch where it lies, on a processor or an accelerator.

    The transforms are made for the first batch's height and width, and again when these change.
    """

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._sequence: Any = None
        self._made_for: tuple[int, int] | None = None

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Return the batch with its pictures changed and its boxes moved, cut and dropped.

        Args:
            batch: a preprocessed batch of Ultralytics': ``img`` (B, 3, H, W) from 0 to 1; ``bboxes`` (N, 4), centre,
                width and height as shares of the picture; ``cls`` (N, 1); ``batch_idx`` (N,), the picture of each.
        """
        import torch

        height, width = batch["img"].shape[-2:]
        scale = torch.tensor([width, height, width, height], dtype=torch.float32)
        # Boxes lie on the processor until the loss; so few numbers are quickest there.
        index = batch["batch_idx"].cpu().long()
        # Kornia counts from the centre of the first pixel, boxes from its edge.
        edges = _corners(batch["bboxes"].cpu().float()) * scale
        boxes, slots = _by_picture(edges - 0.5, index, len(batch["img"]))
        with torch.no_grad():
            pictures, moved = self._for(height, width)(batch["img"], boxes.to(batch["img"].device))
        moved = (moved.cpu()[index, slots] + 0.5).numpy()
        inside, kept = cut_to_picture(np.asarray(moved, np.float32), height, width)
        chosen = torch.from_numpy(kept)
        shares = _centres(torch.from_numpy(inside)) / scale
        return {
            **batch,
            "img": pictures,
            "bboxes": shares.to(batch["bboxes"]),
            "cls": batch["cls"][chosen.to(batch["cls"].device)],
            "batch_idx": batch["batch_idx"][chosen.to(batch["batch_idx"].device)],
        }

    def _for(self, height: int, width: int) -> Any:
        """Return kornia's sequence for pictures of this size."""
        import kornia.augmentation as kornia

        if self._made_for != (height, width):
            self._sequence = kornia.AugmentationSequential(
                *_transforms(self._recipe, height, width), data_keys=["input", "bbox_xyxy"]
            )
            self._made_for = height, width
        return self._sequence


def _transforms(recipe: Recipe, height: int, width: int) -> list[Any]:
    """Return the recipe's transforms in order."""
    import kornia.augmentation as kornia

    transforms: list[Any] = []
    if recipe.crop < 1:
        transforms += [kornia.RandomCrop(recipe.window(height, width)), kornia.Resize((height, width))]
    if recipe.flip:
        transforms += [kornia.RandomHorizontalFlip(p=recipe.flip), kornia.RandomVerticalFlip(p=recipe.flip)]
    if recipe.turn:
        transforms.append(kornia.RandomRotation90(times=(0, 3), p=1.0))
    if recipe.jitter:
        strength = recipe.jitter
        transforms.append(
            kornia.ColorJitter(brightness=strength, contrast=strength, saturation=strength, hue=strength / 10, p=1.0)
        )
    return transforms


def _by_picture(boxes: torch.Tensor, index: torch.Tensor, pictures: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return boxes (N, 4) as (pictures, most, 4), empty places zero, and each box's place (N,) in its picture."""
    import torch

    slots = torch.zeros_like(index)
    for picture in range(pictures):
        mine = index == picture
        slots[mine] = torch.arange(int(mine.sum()))
    padded = torch.zeros(pictures, int(slots.max()) + 1 if len(slots) else 1, 4)
    padded[index, slots] = boxes
    return padded, slots


def _corners(boxes: torch.Tensor) -> torch.Tensor:
    """Return left, top, right, bottom of boxes given by centre, width and height."""
    import torch

    half = boxes[:, 2:] / 2
    return torch.cat((boxes[:, :2] - half, boxes[:, :2] + half), dim=1)


def _centres(boxes: torch.Tensor) -> torch.Tensor:
    """Return centre, width and height of boxes given by left, top, right, bottom."""
    import torch

    return torch.cat(((boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]), dim=1)
