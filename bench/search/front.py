"""The front of two aims: the combinations that no other beats in both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bench.analysis.result import Ratio


class Standing(StrEnum):
    """Where a combination stands to the front: by its estimates, and whether the intervals leave that open."""

    ON = "on"
    ON_UNDECIDED = "on, undecided"
    BEHIND_UNDECIDED = "behind, undecided"
    BEHIND = "behind"


@dataclass(frozen=True)
class Point:
    """Two ratios of one combination; less is better in both."""

    time: Ratio
    loss: Ratio


def standings(points: Mapping[str, Point]) -> dict[str, Standing]:
    """Return where each point stands among all.

    It is behind where another is no worse in both ratios and better in one, else on the front. That is undecided where
    the ends of the intervals would say otherwise: behind, and no other surely beats it; on the front, and another may
    be no worse in both. A ratio without an interval may be anything.
    """
    return {
        name: _standing(point, [other for key, other in points.items() if key != name])
        for name, point in points.items()
    }


def _standing(point: Point, others: list[Point]) -> Standing:
    own = _estimate(point)
    if any(_beats(_estimate(other), own) for other in others):
        sure = any(_beats(_worst(other), _best(point)) for other in others)
        return Standing.BEHIND if sure else Standing.BEHIND_UNDECIDED
    doubt = any(_no_worse(_best(other), _worst(point)) for other in others)
    return Standing.ON_UNDECIDED if doubt else Standing.ON


def _beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return _no_worse(one, other) and one != other


def _no_worse(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[0] and one[1] <= other[1]


def _estimate(point: Point) -> tuple[float, float]:
    return point.time.value, point.loss.value


def _best(point: Point) -> tuple[float, float]:
    """Return the lower ends of both intervals."""
    return _low(point.time), _low(point.loss)


def _worst(point: Point) -> tuple[float, float]:
    """Return the upper ends of both intervals."""
    return _high(point.time), _high(point.loss)


def _low(ratio: Ratio) -> float:
    return 0.0 if ratio.low is None else ratio.low


def _high(ratio: Ratio) -> float:
    return math.inf if ratio.high is None else ratio.high
