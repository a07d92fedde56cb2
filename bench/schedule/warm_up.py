"""When a trial has reached its steady state: a rule, not a number of steps.

MSER, the marginal standard error rule (White 1997, Simulation 69; recommended for automatic use by Hoad, Robinson &
Davies 2010, Journal of the Operational Research Society 61): the transient is the run of first steps whose removal
makes the standard error of the mean of the rest smallest. A rule that wants to remove half of the steps or more has
not seen enough of the steady state yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from bench.schedule.course import MOST_EPOCHS_TO_SETTLE, Course

FEWEST_STEPS = 4
MOST_EPOCHS = 3
"""Warm-up bursts after which measuring begins all the same, and the report says so; each is an epoch, or a whole cycle
where epochs are not alike."""


def transient_length(seconds: Sequence[float]) -> int:
    """Return how many of the first steps are transient, from 0 to half of them."""

    def squared_standard_error(removed: int) -> float:
        rest = seconds[removed:]
        mean = fmean(rest)
        return sum((x - mean) ** 2 for x in rest) / len(rest) ** 2

    return min(range(len(seconds) // 2 + 1), key=squared_standard_error)


def warmed_up(seconds: Sequence[float]) -> bool:
    """Return whether the steps so far, in order, end in a steady state."""
    return len(seconds) >= FEWEST_STEPS and transient_length(seconds) < len(seconds) // 2


def is_cold(seconds: Sequence[float], bursts: int, trained: int, course: Course) -> bool:
    """Return whether a trial needs another warm-up burst.

    Args:
        seconds: its steps so far, in order.
        bursts: warm-up bursts that it had.
        trained: epochs that it had in them, at least.
        course: how its epochs differ: what still changes is not measured, unless that lasts too long.
    """
    if trained < min(course.settles_after, MOST_EPOCHS_TO_SETTLE):
        return True
    return bursts < MOST_EPOCHS and not warmed_up(seconds)
