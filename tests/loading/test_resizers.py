"""Resizers keep colours in order, give the size asked for and average what they shrink."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bench.loading.resizers import (
    ModuleWithResize,
    Resize,
    resize_with_opencv_area,
    resize_with_pillow,
    resize_with_torchvision,
)

RESIZERS = [resize_with_opencv_area, resize_with_pillow, resize_with_torchvision]


@pytest.mark.parametrize("resize", RESIZERS)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_size_is_width_and_height_and_channels_keep_their_order(resize: Resize, channels: int) -> None:
    picture = np.empty((40, 60, channels), np.uint8)
    picture[:] = [10, 20, 30, 40][:channels]
    resized = np.atleast_3d(resize(picture, (30, 25), interpolation=cv2.INTER_LINEAR))
    assert resized.shape == (25, 30, channels)
    assert resized.dtype == np.uint8
    assert (resized == [10, 20, 30, 40][:channels]).all()


@pytest.mark.parametrize("resize", RESIZERS)
def test_a_chequerboard_shrinks_to_grey(resize: Resize) -> None:
    chequers = np.indices((64, 64)).sum(axis=0) % 2 * 200
    picture = np.repeat(chequers[..., None], 3, axis=2).astype(np.uint8)
    resized = resize(picture, (16, 16))
    assert np.abs(resized[2:-2, 2:-2].astype(int) - 100).max() <= 2


def test_area_is_the_mean_of_what_a_pixel_covers() -> None:
    picture = np.array([[0, 10, 100, 100], [20, 30, 100, 104]], np.uint8)[..., None].repeat(3, axis=2)
    # (0 + 10 + 20 + 30) / 4 = 15; (100 + 100 + 100 + 104) / 4 = 101
    assert resize_with_opencv_area(picture, (2, 1))[..., 0].tolist() == [[15, 101]]


@pytest.mark.parametrize("resize", [resize_with_pillow, resize_with_torchvision])
def test_antialiased_bilinear_by_hand(resize: Resize) -> None:
    # Half the size: a triangle as wide as four pixels weighs 1, 3, 3, 1, and at the edge 3, 3, 1 is what is left.
    picture = np.array([[0, 70, 140, 210]], np.uint8)[..., None].repeat(3, axis=2).repeat(2, axis=0)
    left, right = resize(picture, (2, 1))[0, :, 0].tolist()
    assert left == (3 * 0 + 3 * 70 + 140) / 7 == 50
    assert right == (70 + 3 * 140 + 3 * 210) / 7 == 160


def test_stand_in_changes_nothing_else() -> None:
    stand_in = ModuleWithResize(cv2, resize_with_pillow)
    assert stand_in.resize is resize_with_pillow
    assert stand_in.INTER_LINEAR == cv2.INTER_LINEAR
    assert stand_in.imdecode is cv2.imdecode
