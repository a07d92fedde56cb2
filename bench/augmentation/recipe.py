"""What a picture undergoes, in figures that every library is given alike."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Recipe:
    """Random changes of a picture, in the order of application; the defaults change nothing.

    Attributes:
        crop: side of a window at a random place as a share of the picture's side; it is resized to fill the picture.
        flip: probability of a horizontal flip, and of a vertical one.
        turn: turn by 0, 90, 180 or 270 degrees, each as likely as the others.
        perspective: standard deviation of a corner's shift as a share of the picture's side.
        elastic: standard deviation of a pixel's shift as a share of the picture's side.
        blur: largest standard deviation of a Gaussian blur in pixels.
        jitter: brightness, contrast and saturation change by a factor of up to 1 ± jitter; the hue by a tenth
            of it, as a share of the circle.
    """

    crop: float = 1.0
    flip: float = 0.0
    turn: bool = False
    perspective: float = 0.0
    elastic: float = 0.0
    blur: float = 0.0
    jitter: float = 0.0

    def window(self, height: int, width: int) -> tuple[int, int]:
        """Return height and width of the cropped window in pixels, at least one each."""
        return max(1, round(self.crop * height)), max(1, round(self.crop * width))

    def elastic_field(self, side: int) -> tuple[float, float]:
        """Return strength and smoothing, both in pixels, of a field that shifts pixels of a picture so far.

        Libraries draw shifts uniformly from -1 to 1 (deviation 1/√3), smooth them by a Gaussian of deviation s (which
        divides the deviation by 2·√π·s) and multiply by the strength.
        """
        smoothing = ELASTIC_SMOOTHING * side
        strength = self.elastic * side * 2 * (3 * math.pi) ** 0.5 * smoothing
        return strength, smoothing


ELASTIC_SMOOTHING = 1 / 20
"""Deviation of the Gaussian that smooths an elastic field, as a share of the picture's side."""

BASIC = Recipe(crop=0.8, flip=0.5, turn=True, jitter=0.2)
"""What every library can do."""

FULL = replace(BASIC, perspective=0.05, elastic=0.01, blur=1.0)
"""What albumentations and imgaug can do besides."""
