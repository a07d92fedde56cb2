"""The recipe's figures mean the same in every library."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from bench.augmentation.recipe import Recipe
from bench.augmentation.with_albumentations import WithAlbumentations
from bench.augmentation.with_imgaug import CUT_GAUSSIAN, WithImgaug, imgaug_augmenters


def test_window_is_a_share_of_either_side() -> None:
    assert Recipe(crop=0.8).window(100, 64) == (80, 51)
    assert Recipe(crop=0.001).window(100, 64) == (1, 1)


def test_strength_of_an_elastic_field() -> None:
    # Side 100: smoothing 5 px; 1 px of shift x 2 x sqrt(3 pi) = 3.0700 x 5.
    strength, smoothing = Recipe(elastic=0.01).elastic_field(100)
    assert smoothing == pytest.approx(5)
    assert strength == pytest.approx(30.700, abs=0.001)


def test_how_much_further_a_gaussian_cut_off_lets_pixels_shift() -> None:
    assert pytest.approx(math.erf(1.3) / math.erf(1.3 / math.sqrt(2)) ** 2, abs=0.005) == CUT_GAUSSIAN


@pytest.mark.parametrize("make", [WithAlbumentations, WithImgaug])
def test_pixels_shift_as_far_as_the_recipe_says(make: Callable[..., Any]) -> None:
    if find_spec("albumentations" if make is WithAlbumentations else "imgaug") is None:
        pytest.skip("needs the library")
    side = 128
    augmenter = make(Recipe(elastic=0.04), side, side)
    augmenter.seed(1)
    # Every pixel says which column it came from.
    columns = np.tile(np.arange(side, dtype=np.uint8)[None, :, None], (side, 1, 3))
    inner = slice(24, -24)
    squares = []
    for _ in range(20):
        bent, _, _ = augmenter(columns, np.zeros((0, 4), np.float32))
        squares.append(np.square(bent[inner, inner, 0].astype(float) - columns[inner, inner, 0]).mean())
    assert math.sqrt(np.mean(squares)) == pytest.approx(0.04 * side, rel=0.15)


def test_numpy_is_itself_again_once_imgaug_is_imported() -> None:
    if find_spec("imgaug") is None:
        pytest.skip("needs imgaug")
    before = hasattr(np, "sctypes")
    assert imgaug_augmenters().Sequential
    assert hasattr(np, "sctypes") == before
