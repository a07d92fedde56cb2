"""Epochs that stand for a combination whose epochs are not all alike: whole cycles, once only cycles are left."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.suite.model import Level, MeasurementName

MOST_EPOCHS_A_BURST = 12
"""Epochs of one burst at most. Cycles of 2, 3, 4, 6 and 12 epochs fit in it together."""

MOST_EPOCHS_TO_SETTLE = 12
"""Epochs that a trial gets at most before it is measured, for what it does to stop changing."""

STEPS_THAT_STAND_FOR_ALL = 5
"""Optimizer steps of a burst from which on one more or less makes no other burst of it, where batches accumulate."""

OF_EPOCHS: frozenset[MeasurementName] = frozenset({"epoch", "memory", "memory_parts"})
"""Measurements that are of whole epochs of the training loop, and depend on which."""


@dataclass(frozen=True)
class Course:
    """How the epochs of a trial differ.

    Attributes:
        repeats_after: epochs after which they begin again; 1 where all are alike.
        settles_after: epochs before the first from which on that holds.
    """

    repeats_after: int = 1
    settles_after: int = 0


def course_of(facts: Mapping[str, Level]) -> Course:
    """Return what a trial tells of its epochs; they are all alike where it tells nothing."""
    repeats, settles = facts.get("repeats_after"), facts.get("settles_after")
    return Course(
        repeats if isinstance(repeats, int) and repeats > 0 else 1,
        settles if isinstance(settles, int) else 0,
    )


def steps_repeat_after(accumulate: int, batches: int) -> int:
    """Return how many epochs hold whole optimizer steps, or so many that one which falls apart is no matter.

    Ultralytics takes a step after every ``nbs`` images; batches that are left over at an epoch's end wait for the next
    epoch's. With few images an epoch then holds a step more than another, or only some epochs hold one.

    Args:
        accumulate: batches of a step.
        batches: of an epoch.
    """
    whole = accumulate // math.gcd(accumulate, batches)
    many = math.ceil(STEPS_THAT_STAND_FOR_ALL * accumulate / batches)
    return min(whole, many)


def epochs_a_burst(courses: Iterable[Course]) -> int:
    """Return how many epochs each trial has in a burst, the same for all that take turns.

    It is the least common multiple of their cycles, so that a burst holds whole ones wherever it begins. Cycles with
    which it would exceed ``MOST_EPOCHS_A_BURST`` are left out: the first trial's, which is the baseline's, is taken in
    before all others, and short ones are before long ones.
    """
    cycles = [course.repeats_after for course in courses]
    epochs = 1
    for cycle in cycles[:1] + sorted(cycles[1:]):
        together = math.lcm(epochs, cycle)
        if together <= MOST_EPOCHS_A_BURST:
            epochs = together
    return epochs


def epochs_of_a_round(measurement: MeasurementName, courses: Iterable[Course]) -> int:
    """Return how many epochs every trial has in a round, of warming up too: whole cycles of all of them."""
    return epochs_a_burst(courses) if measurement in OF_EPOCHS else 1


def why_partial(measurement: MeasurementName, course: Course, epochs: int, trained: int) -> str:
    """Return why a burst does not stand for its combination; "" where it does.

    Args:
        measurement: what was measured; learning is of a number of images, wherever a schedule is by then.
        course: how the trial's epochs differ.
        epochs: the burst's.
        trained: epochs that the trial had at least before the burst.
    """
    if measurement != "learning" and trained < course.settles_after:
        return f"epochs change until {course.settles_after} are trained, and {trained} were"
    if measurement in OF_EPOCHS and epochs % course.repeats_after:
        return f"epochs repeat after {course.repeats_after}, and a burst had {epochs}"
    return ""
