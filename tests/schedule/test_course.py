"""How many epochs stand for combinations whose epochs are not alike, worked out by hand."""

from __future__ import annotations

import pytest

from bench.schedule.course import (
    MOST_EPOCHS_A_BURST,
    Course,
    course_of,
    epochs_a_burst,
    epochs_of_a_round,
    why_partial,
)
from bench.suite.model import MeasurementName


@pytest.mark.parametrize(
    ("cycles", "epochs"),
    [
        ([], 1),
        ([1, 1, 1], 1),
        ([1, 2], 2),
        ([1, 4, 6], 12),
        ([2, 3, 1], 6),
        # With 5 it would be 60, and 12 is the most: 3 and 4 fit in, in whatever order they come.
        ([1, 5, 4, 3], 12),
        ([1, 50], 1),
        # The baseline's comes first: 10 is 5 and 2, and 3 would make it 30.
        ([5, 3, 2], 10),
    ],
)
def test_a_burst_holds_whole_cycles_of_all_that_take_turns(cycles: list[int], epochs: int) -> None:
    assert epochs_a_burst(map(Course, cycles)) == epochs <= MOST_EPOCHS_A_BURST


def test_a_trial_tells_its_course_and_one_that_does_not_is_the_same_in_every_epoch() -> None:
    assert course_of({"repeats_after": 3, "settles_after": 4, "accumulate": 2, "batches": 6}) == Course(3, 4, 2, 6)
    assert course_of({"images": 6}) == Course(1, 0, 1, 1)
    assert course_of({"repeats_after": 0}) == Course(1, 0)


@pytest.mark.parametrize(
    ("accumulate", "batches", "epochs"),
    [
        (1, 7, 1),
        (4, 8, 1),
        # 4 of 6 batches make one step and leave two, which the next epoch's first two join: three steps in two epochs.
        (4, 6, 2),
        (4, 3, 4),
        (8, 2, 4),
        # 13 batches are 1 5/8 steps: whole again after 8 epochs, but 4 hold 6.5 and 3 hold 4.9.
        (8, 13, 4),
        # 80 batches are 5 steps; one more is left over by some epochs.
        (16, 81, 1),
        (16, 79, 2),
        # 5 batches an epoch make a step after 12.8 epochs: 12 hold none that is whole.
        (64, 5, 1),
    ],
)
def test_a_burst_holds_whole_steps_or_many(accumulate: int, batches: int, epochs: int) -> None:
    assert epochs_a_burst([Course(accumulate=accumulate, batches=batches)]) == epochs


def test_enough_steps_are_a_least_number_and_no_cycle() -> None:
    # 79 batches of 16 a step want 2 epochs or more, not a multiple of 2: with a cycle of 3 there are 3.
    assert epochs_a_burst([Course(), Course(accumulate=16, batches=79), Course(3)]) == 3
    # 13 of 8 want 4 or more; with a cycle of 3 these are 6.
    assert epochs_a_burst([Course(3), Course(accumulate=8, batches=13)]) == 6


def test_all_train_whole_cycles_of_all_in_a_round() -> None:
    courses = (Course(2), Course(3))
    assert epochs_of_a_round("epoch", courses) == 6
    assert epochs_of_a_round("memory", courses) == 6
    assert epochs_of_a_round("forward_backward", courses) == 1


@pytest.mark.parametrize(
    ("measurement", "course", "epochs", "trained", "why"),
    [
        ("epoch", Course(2, 3), 4, 3, ""),
        ("epoch", Course(50), 12, 9, "epochs repeat after 50, and a burst had 12"),
        ("memory_parts", Course(8), 12, 9, "epochs repeat after 8, and a burst had 12"),
        ("epoch", Course(1, 0, 8, 13), 4, 9, ""),
        ("epoch", Course(1, 0, 64, 5), 1, 9, "an optimizer step takes 64 batches (settings.nbs), and a burst had 5"),
        ("forward_backward", Course(50, 0, 64, 5), 1, 9, ""),
        ("forward_backward", Course(1, 20), 1, 19, "epochs change until 20 are trained, and 19 were"),
        ("forward_backward", Course(1, 20), 1, 20, ""),
        ("learning", Course(50, 20), 1, 0, ""),
    ],
)
def test_a_burst_of_a_part_says_so(
    measurement: MeasurementName, course: Course, epochs: int, trained: int, why: str
) -> None:
    assert why_partial(measurement, course, epochs, trained) == why
