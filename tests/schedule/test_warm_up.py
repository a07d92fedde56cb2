"""The warm-up rule against series whose transient is plain to see."""

from __future__ import annotations

from bench.schedule.warm_up import transient_length, warmed_up


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
