"""Drawn rectangles whose boxes can be read off the pixels again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIDE = 128
"""Height and width of a drawn picture, in pixels."""


def drawn(boxes: list[tuple[int, int, int, int]]) -> NDArray[np.uint8]:
    """Draw up to three boxes (left, top, right, bottom in pixels) on black: box n fills channel n alone."""
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    for channel, (left, top, right, bottom) in enumerate(boxes):
        picture[top:bottom, left:right, channel] = 230
    return picture


def seen(picture: NDArray[np.uint8], channel: int) -> tuple[float, float, float, float] | None:
    """Return left, top, right, bottom of what is bright in one channel alone, or None when nothing is."""
    values = picture.astype(np.float32)
    others = np.delete(values, channel, axis=2).max(axis=2)
    rows, columns = np.nonzero(values[..., channel] - others > 70)
    if not len(rows):
        return None
    return float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)
