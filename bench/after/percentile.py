"""Percentiles of a few numbers."""

from __future__ import annotations

from collections.abc import Sequence


def percentile(values: Sequence[float], percent: float) -> float:
    """Return a percentile, interpolated linearly between the two nearest values in order.

    Definition 7 of Hyndman and Fan (1996), which numpy and spreadsheets use: the smallest value is percentile 0 and
    the largest percentile 100.

    Args:
        values: at least one, in any order.
        percent: 0 to 100.

    Raises:
        ValueError: there are no values, or ``percent`` is out of range.
    """
    if not values or not 0 <= percent <= 100:
        raise ValueError(f"percentile {percent} of {len(values)} values")
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
