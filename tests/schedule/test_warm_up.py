"""The warm-up rule against series whose transient is plain to see."""

from __future__ import annotations

from bench.schedule.course import Course
from bench.schedule.warm_up import is_cold, transient_length, warmed_up


def test_transient_is_what_makes_the_standard_error_smallest() -> None:
    # removed 0: squares about the mean 3.25: 6.75² + 3 * 2.25² = 60.75, over 16 = 3.80; removed 1: 0; removed 2: 0.
    assert transient_length([10.0, 1.0, 1.0, 1.0]) == 1


def test_a_slow_first_step_leaves_the_rest_steady() -> None:
    assert warmed_up([9.0, 1.0, 1.1, 0.9, 1.0, 1.1, 0.9, 1.0])


def test_a_series_that_still_falls_is_not_steady() -> None:
    assert not warmed_up([8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0])


def test_three_steps_are_too_few_to_tell() -> None:
    assert not warmed_up([1.0, 1.0, 1.0])


def test_a_level_series_is_steady() -> None:
    assert warmed_up([1.0, 1.1, 0.9, 1.0, 1.1, 0.9])


def test_a_trial_is_cold_until_it_is_steady_or_has_had_three_bursts() -> None:
    level, falling = [1.0, 1.0, 1.0, 1.0], [4.0, 3.0, 2.0, 1.0]
    assert is_cold([], 0, 0, Course())
    assert is_cold(falling, 2, 2, Course())
    assert not is_cold(falling, 3, 3, Course())
    assert not is_cold(level, 1, 1, Course())


def test_what_changes_with_epochs_is_warmed_up_until_it_does_not_but_not_for_ever() -> None:
    level = [1.0, 1.0, 1.0, 1.0]
    assert is_cold(level, 4, 4, Course(settles_after=5))
    assert not is_cold(level, 5, 5, Course(settles_after=5))
    assert is_cold(level, 11, 11, Course(settles_after=20))
    assert not is_cold(level, 12, 12, Course(settles_after=20))
