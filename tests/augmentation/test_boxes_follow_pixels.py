"""Known shapes are drawn, augmented by Ultralytics and by every library, and found again where the boxes say."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from drawn import (
    BOXES,
    COLOURS,
    SIDE,
    by_batch,
    by_picture,
    composed,
    covered,
    drawn,
    drawn_in,
    lit,
    outcomes,
    seen,
)
from numpy.typing import NDArray

from bench.augmentation.boxes import SMALLEST_SIDE
from bench.augmentation.recipe import BASIC, FULL, Recipe

SEEDS, PICTURES = 4, 6


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small pictures are slowest on many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


BY_ALL = {
    "crop": Recipe(crop=0.8),
    "flip": Recipe(flip=0.5),
    "turn": Recipe(turn=True),
    "jitter": Recipe(jitter=0.2),
    "basic": BASIC,
}
BY_TWO = {
    "perspective": Recipe(perspective=0.05),
    "elastic": Recipe(elastic=0.01),
    "blur": Recipe(blur=1.0),
    "full": FULL,
}
EXACT = 1.0
"""Pixels that rounding may cost."""
TOLERANCES = {
    # The upright box around a slanted one touches it at points that may fall between pixels.
    "perspective": 2.0,
    # Albumentations bends masks in whole pixels, and thin tongues of a bent shape fade below what counts as seen.
    "elastic": 3.0,
    # A box around a bent shape around a slanted one.
    "full": 5.0,
}
STILL = ("jitter", "blur")
"""Recipes that move nothing."""

CASES = [
    *((library, name) for library in ("albumentations", "imgaug", "torchvision", "kornia") for name in BY_ALL),
    *((library, name) for library in ("albumentations", "imgaug") for name in BY_TWO),
]


@pytest.mark.parametrize(("library", "name"), CASES)
def test_boxes_are_where_the_pixels_are(library: str, name: str) -> None:
    if find_spec(library) is None:
        pytest.skip(f"needs {library}")
    tolerance = TOLERANCES.get(name, EXACT)
    recipe = {**BY_ALL, **BY_TWO}[name]
    unmoved = 0.0
    for outcome in outcomes(library, recipe, SEEDS, PICTURES):
        assert outcome.picture.shape == (SIDE, SIDE, 3)
        for number, before in enumerate(BOXES):
            pixels = seen(outcome.picture, number)
            box = outcome.boxes.get(number)
            if box is None:
                assert pixels is None or thin(pixels, SMALLEST_SIDE + tolerance)
                continue
            assert (box >= 0).all()
            assert (box <= SIDE).all()
            assert not thin(box, SMALLEST_SIDE)
            if pixels is None:
                assert thin(box, SMALLEST_SIDE + tolerance)
                continue
            assert np.abs(box - pixels).max() <= tolerance, f"{box} for pixels at {pixels}"
            unmoved = max(unmoved, float(np.abs(before - pixels).max()))
    # Boxes left where they were would have been found out.
    assert unmoved <= EXACT if name in STILL else unmoved > tolerance


@pytest.mark.parametrize("library", ["albumentations", "imgaug", "torchvision", "kornia"])
def test_boxes_are_cut_at_the_border_and_dropped_beyond_it(library: str) -> None:
    if find_spec(library) is None:
        pytest.skip(f"needs {library}")
    results = list(outcomes(library, Recipe(crop=0.7), SEEDS, PICTURES))
    # The box in the corner leaves the window often, and the one at the border is seldom whole.
    assert any(0 not in result.boxes for result in results)
    assert any(0 in result.boxes for result in results)
    whole = (BOXES[2][2] - BOXES[2][0]) / 0.7
    widths = [result.boxes[2][2] - result.boxes[2][0] for result in results if 2 in result.boxes]
    assert min(widths) < whole - 5


@pytest.mark.parametrize("library", ["albumentations", "imgaug", "torchvision", "kornia"])
def test_a_seed_gives_the_same_pictures_again_and_another_others(library: str) -> None:
    if find_spec(library) is None:
        pytest.skip(f"needs {library}")
    once, again = (list(outcomes(library, BASIC, 2, 3)) for _ in range(2))
    assert all((one.picture == other.picture).all() for one, other in zip(once, again, strict=True))
    assert not all((one.picture == other.picture).all() for one, other in zip(once[:3], once[3:], strict=True))
    assert not (once[0].picture == once[1].picture).all()


@pytest.mark.parametrize("library", ["albumentations", "imgaug", "torchvision", "kornia"])
def test_a_picture_without_boxes_is_augmented_too(library: str) -> None:
    if find_spec(library) is None:
        pytest.skip(f"needs {library}")
    recipe = BASIC if library in ("torchvision", "kornia") else FULL
    augment = by_batch(recipe) if library == "kornia" else by_picture(library, recipe)
    outcome = augment(drawn(), np.zeros((0, 4), np.float32))
    assert outcome.boxes == {}
    assert not (outcome.picture == drawn()).all()


OWN: dict[str, tuple[dict[str, float], int]] = {
    "flip": ({"fliplr": 0.5, "flipud": 0.5}, 1),
    "perspective": ({"translate": 0.1, "scale": 0.5}, 1),
    "mixup": ({"mixup": 1.0, "translate": 0.1, "scale": 0.5}, 2),
    # Made smaller, a mosaic shows its own border, where slivers of shapes lose their boxes.
    "mosaic": ({"mosaic": 1.0, "translate": 0.1, "scale": 0.35}, 3),
    "mosaic and mixup": ({"mosaic": 1.0, "mixup": 1.0, "fliplr": 0.5, "translate": 0.1, "scale": 0.35}, 3),
}
"""Settings of Ultralytics' own augmentation, and how many colours come together in a picture."""
BLURRED = 1.5
"""Pixels that a shape's edge fades over: one of the plain picture, made up to half as large again."""
LOST = 2320 / 3
"""Pixels of a shape that may have no box: Ultralytics drops what is left of one at the border, where that is less than
a tenth; the largest has 2320 pixels, and half as large again 522 in a tenth; the rest is the edge."""


@pytest.mark.parametrize(("settings", "colours"), list(OWN.values()), ids=list(OWN))
def test_boxes_of_ultralytics_itself_are_where_the_pixels_are(
    tmp_path: Path, settings: dict[str, float], colours: int
) -> None:
    moved = together = 0
    for drawn_as, outcome in composed(tmp_path, settings, rounds=4):
        moved += not (outcome.picture == drawn_in(drawn_as)).all()
        together = max(together, len(outcome.boxes))
        for channel in range(len(COLOURS)):
            pixels = lit(outcome.picture, channel)
            boxes = outcome.boxes.get(channel, np.zeros((0, 4), np.float32))
            assert not (covered(boxes, -BLURRED) & ~pixels).any(), f"nothing {COLOURS[channel]} fills {boxes}"
            without_box = (pixels & ~covered(boxes, BLURRED)).astype(np.uint8)
            for left, top, width, height, area in cv2.connectedComponentsWithStats(without_box)[2][1:]:
                at_border = min(left, top) == 0 or max(left + width, top + height) == SIDE
                assert at_border, f"{COLOURS[channel]} at {left}, {top} is in none of {boxes}"
                assert area <= LOST
    assert together == colours
    # Boxes left where they were would have been found out.
    assert moved


def thin(box: NDArray[np.float32], side: float) -> bool:
    """Return whether a box is not wider, or not higher, than so many pixels."""
    return bool((box[2:] - box[:2] <= side).any())
