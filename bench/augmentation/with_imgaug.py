"""The recipe written for imgaug (https://imgaug.readthedocs.io), which was made for numpy 1."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from bench.augmentation.picture import Boxes, Indices, Pixels
from bench.augmentation.recipe import Recipe

CUT_GAUSSIAN = 1.44
"""How much further pixels shift because imgaug cuts its Gaussian off at 1.3 deviations: erf(1.3) / erf(1.3 / √2)²."""


def imgaug_augmenters() -> ModuleType:
    """Import ``imgaug.augmenters``, lending numpy 2 the one name that the import still asks for.

    ``numpy.sctypes`` listed numpy's types by kind until numpy 2. It is taken away again after the import, so that
    nothing else is told of a numpy that is not there.
    """
    lent = not hasattr(np, "sctypes")
    if lent:
        np.sctypes = {  # type: ignore[attr-defined]
            "float": [np.float16, np.float32, np.float64, np.longdouble],
            "int": [np.int8, np.int16, np.int32, np.int64],
            "uint": [np.uint8, np.uint16, np.uint32, np.uint64],
        }
    try:
        import imgaug.augmenters
    finally:
        if lent:
            del np.sctypes  # type: ignore[attr-defined]
    module: ModuleType = imgaug.augmenters
    return module


class WithImgaug:
    """The recipe's augmenters for pictures of one size: what moves boxes by their corners, what bends, what colours."""

    def __init__(self, recipe: Recipe, height: int, width: int) -> None:
        iaa = imgaug_augmenters()
        self._move = iaa.Sequential(_moving(recipe, height, width))
        self._bend = _bending(recipe, height, width)
        self._colour = iaa.Sequential(_colouring(recipe))

    def __call__(self, picture: Pixels, boxes: Boxes) -> tuple[Pixels, Boxes, Indices]:
        """Change a picture and move its boxes."""
        from imgaug.augmentables.bbs import BoundingBoxesOnImage

        on_picture = BoundingBoxesOnImage.from_xyxy_array(boxes, shape=picture.shape)
        changed, moved = self._move(image=picture, bounding_boxes=on_picture)
        corners = moved.to_xyxy_array(np.float32)
        if self._bend is not None:
            changed, corners = _bend_with_boxes(self._bend, changed, corners)
        return self._colour(image=changed), corners, np.arange(len(boxes))

    def seed(self, seed: int) -> None:
        """Start imgaug's random numbers anew."""
        for offset, augmenter in enumerate((self._move, self._bend, self._colour)):
            if augmenter is not None:
                augmenter.seed_(seed + offset)


def _bend_with_boxes(bend: Any, picture: Pixels, boxes: Boxes) -> tuple[Pixels, Boxes]:
    """Bend a picture and its boxes, these as masks: imgaug would bend four corners, which say little of the sides.

    A box of which nothing is left in the picture becomes an empty one at its origin.
    """
    from imgaug.augmentables.segmaps import SegmentationMapsOnImage

    if not len(boxes):
        return bend(image=picture), boxes
    masks = np.zeros((*picture.shape[:2], len(boxes)), np.uint8)
    for place, (left, top, right, bottom) in enumerate(boxes.round().clip(0).astype(int)):
        masks[top:bottom, left:right, place] = 1
    changed, bent = bend(image=picture, segmentation_maps=SegmentationMapsOnImage(masks, shape=picture.shape))
    present = bent.get_arr() > 0
    moved = np.zeros((len(boxes), 4), np.float32)
    for place in range(len(boxes)):
        rows = np.flatnonzero(present[..., place].any(axis=1))
        columns = np.flatnonzero(present[..., place].any(axis=0))
        if len(rows):
            moved[place] = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    return changed, moved


def _moving(recipe: Recipe, height: int, width: int) -> list[Any]:
    """Return the augmenters under which straight lines stay straight, in order."""
    iaa = imgaug_augmenters()
    augmenters: list[Any] = []
    if recipe.crop < 1:
        window_height, window_width = recipe.window(height, width)
        augmenters += [
            iaa.CropToFixedSize(width=window_width, height=window_height),
            iaa.Resize({"height": height, "width": width}, interpolation="linear"),
        ]
    if recipe.flip:
        augmenters += [iaa.Fliplr(recipe.flip), iaa.Flipud(recipe.flip)]
    if recipe.turn:
        augmenters.append(iaa.Rot90((0, 3)))
    if recipe.perspective:
        augmenters.append(iaa.PerspectiveTransform(scale=recipe.perspective))
    return augmenters


def _bending(recipe: Recipe, height: int, width: int) -> Any:
    """Return the augmenter that bends lines, or None."""
    if not recipe.elastic:
        return None
    strength, smoothing = recipe.elastic_field(max(height, width))
    return imgaug_augmenters().ElasticTransformation(alpha=strength / CUT_GAUSSIAN, sigma=smoothing)


def _colouring(recipe: Recipe) -> list[Any]:
    """Return the augmenters that move nothing, in order."""
    iaa = imgaug_augmenters()
    augmenters: list[Any] = []
    if recipe.blur:
        augmenters.append(iaa.GaussianBlur(sigma=(0, recipe.blur)))
    if recipe.jitter:
        factors = (1 - recipe.jitter, 1 + recipe.jitter)
        # imgaug counts the circle of hues as 255.
        hue = round(recipe.jitter / 10 * 255)
        augmenters += [
            iaa.Multiply(factors),
            iaa.LinearContrast(factors),
            iaa.MultiplySaturation(factors),
            iaa.AddToHue((-hue, hue)),
        ]
    return augmenters
