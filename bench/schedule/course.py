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
        repeats_after: epochs after which what its techniques do begins again; 1 where they do the same in all.
        settles_after: epochs before the first from which on that holds.
        accumulate: batches of an optimizer step.
        batches: batches of an epoch.
    """

    repeats_after: int = 1
    settles_after: int = 0
    accumulate: int = 1
    batches: int = 1

    def has_steps(self, epochs: int) -> bool:
        """Return whether so many epochs hold whole optimizer steps, or so many that one more or less is no matter.

        Ultralytics takes a step after every ``nbs`` images; batches that are left over at an epoch's end wait for the
        next epoch's. With few images an epoch then holds a step more than another, or only some epochs hold one.
        """
        trained = epochs * self.batches
        return trained % self.accumulate == 0 or trained >= STEPS_THAT_STAND_FOR_ALL * self.accumulate

    def is_whole(self, epochs: int) -> bool:
        """Return whether so many epochs in a row stand for all that follow, wherever they begin."""
        return epochs % self.repeats_after == 0 and self.has_steps(epochs)


def course_of(facts: Mapping[str, Level]) -> Course:
    """Return what a trial tells of its epochs; they are all alike where it tells nothing."""

    def positive(name: str) -> int:
        value = facts.get(name)
        return value if isinstance(value, int) and value > 0 else 1

    settles = facts.get("settles_after")
    return Course(
        repeats_after=positive("repeats_after"),
        settles_after=settles if isinstance(settles, int) else 0,
        accumulate=positive("accumulate"),
        batches=positive("batches"),
    )


def epochs_a_burst(courses: Iterable[Course]) -> int:
    """Return how many epochs each trial has in a burst, the same for all that take turns.

    They are the fewest that stand for all of them. Courses with which they would exceed ``MOST_EPOCHS_A_BURST`` are
    left out: the first trial's, which is the baseline's, is taken in before all others, short ones before long ones.
    """
    first, *others = dict.fromkeys(courses) or (Course(),)
    taken: tuple[Course, ...] = ()
    for course in (first, *sorted(others, key=lambda each: _fewest_epochs((each,)) or math.inf)):
        if _fewest_epochs((*taken, course)) is not None:
            taken = (*taken, course)
    return _fewest_epochs(taken) or 1


def _fewest_epochs(courses: tuple[Course, ...]) -> int | None:
    """Return the fewest epochs of a burst that stand for all ``courses``; None where a burst cannot hold so many."""
    possible = range(1, MOST_EPOCHS_A_BURST + 1)
    return next((epochs for epochs in possible if all(course.is_whole(epochs) for course in courses)), None)


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
    if measurement in OF_EPOCHS and not course.has_steps(epochs):
        batches = epochs * course.batches
        return f"an optimizer step takes {course.accumulate} batches (settings.nbs), and a burst had {batches}"
    return ""
