"""Boxes are cut at the picture's border; the lost and the thin are left out."""

from __future__ import annotations

import numpy as np

from bench.augmentation.boxes import cut_to_picture


def test_cut_boxes() -> None:
    boxes = np.array(
        [
            [10, 20, 30, 40],  # inside
            [-5, 10, 5, 30],  # over the left border
            [90, 40, 110, 60],  # over the right and the lower border
            [-9, 0, -1, 9],  # beyond the left border
            [10, 10, 12, 30],  # two pixels wide
            [10, 10, 12.5, 30],  # a little more
            [50, 50, 40, 40],  # turned inside out
            [98.5, 10, 140, 30],  # a sliver is left
        ],
        np.float32,
    )
    inside, kept = cut_to_picture(boxes, height=50, width=100)
    assert kept.tolist() == [0, 1, 2, 5]
    assert inside.tolist() == [[10, 20, 30, 40], [0, 10, 5, 30], [90, 40, 100, 50], [10, 10, 12.5, 30]]
    assert inside.dtype == np.float32


def test_no_boxes() -> None:
    inside, kept = cut_to_picture(np.zeros((0, 4), np.float32), height=50, width=100)
    assert inside.shape == (0, 4)
    assert kept.tolist() == []
