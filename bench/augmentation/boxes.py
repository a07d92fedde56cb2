"""Boxes after a picture was changed: cut at its border, the lost ones left out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SMALLEST_SIDE = 2.0
"""Pixels that a box must be wide and high to be kept; Ultralytics' own transforms ask for as many."""


def cut_to_picture(
    boxes: NDArray[np.float32], height: int, width: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the parts of boxes that lie inside a picture, without those that are gone or too thin.

    Args:
        boxes: (N, 4) left, top, right, bottom in pixels.
        height: of the picture, in pixels.
        width: of the picture, in pixels.

    Returns:
        The boxes kept, (M, 4), and their indices into ``boxes``, (M,).
    """
    inside = boxes.clip(0, np.array([width, height, width, height], np.float32)).astype(np.float32)
    kept = np.flatnonzero(((inside[:, 2:] - inside[:, :2]) > SMALLEST_SIDE).all(axis=1))
    return inside[kept], kept
