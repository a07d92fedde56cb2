"""Estimates, intervals and p-values against values worked out by hand."""

from __future__ import annotations

import math

import pytest

from bench.analysis.ratio import (
    Estimate,
    as_ratio,
    between_launches,
    equivalence_p_value,
    estimate_all,
)
from bench.analysis.robust import Located


def estimate(mean: float, variance: float | None, degrees: float = 4.0) -> Estimate:
    return Estimate(mean, variance, degrees, rounds=6, launches=2, bounded=0)


def two_launches(first: float, second: float) -> Located:
    return Located(centers=(first, second), variance=0.012, degrees=4, bounded=0)


THREE_ROUNDS = {0: [0.0] * 3, 1: [0.0] * 3}


def test_between_takes_out_what_rounds_explain() -> None:
    # Launch locations 0 and 0.2: mean 0.1, spread (0.01 + 0.01) / 1 = 0.02. Rounds explain 0.012 / 3 = 0.004 of it.
    between = between_launches({"a": two_launches(0.0, 0.2)}, {"a": THREE_ROUNDS})
    assert between.variance == pytest.approx(0.02 - 0.004)
    assert between.degrees == pytest.approx(1.0)


def test_between_is_never_negative() -> None:
    assert between_launches({"a": two_launches(0.0, 0.0)}, {"a": THREE_ROUNDS}).variance == 0.0


def test_a_shift_that_two_combinations_share_is_their_baselines() -> None:
    # Both move by 0.2. With k = 2 the inverse of I + J is I - J / 3. Deviations from means are -0.1, -0.1 and 0.1, 0.1;
    # each launch gives 0.02 - 0.04 / 3 = 0.00667, both 0.01333, over 2 degrees: s^2 = 0.00667 and twice that between,
    # less 0.004 that rounds explain.
    both = {"a": two_launches(0.0, 0.2), "b": two_launches(0.0, 0.2)}
    between = between_launches(both, dict.fromkeys(both, THREE_ROUNDS))
    assert between.degrees == pytest.approx(2.0)
    assert between.variance == pytest.approx(0.04 / 3 - 0.004)


def test_opposite_shifts_are_the_combinations_own() -> None:
    # Deviations -0.1, 0.1 and 0.1, -0.1 sum to 0 in each launch: 0.02 each, 0.04 over 2 degrees, twice that.
    opposite = {"a": two_launches(0.0, 0.2), "b": two_launches(0.2, 0.0)}
    between = between_launches(opposite, dict.fromkeys(opposite, THREE_ROUNDS))
    assert between.variance == pytest.approx(0.04 - 0.004)


def test_combinations_of_different_blocks_share_nothing() -> None:
    apart = {"a": two_launches(0.0, 0.2), "b": two_launches(0.0, 0.2)}
    between = between_launches(apart, {"a": THREE_ROUNDS, "b": {2: [0.0] * 3, 3: [0.0] * 3}})
    assert (between.variance, between.degrees) == (pytest.approx(0.02 - 0.004), pytest.approx(2.0))


def test_one_launch_borrows_the_variance_between_launches_of_others() -> None:
    result = estimate_all({"a": {0: [0.0, 0.0], 1: [0.2, 0.2]}, "once": {0: [1.0, 1.0]}})["once"]
    assert (result.variance, result.degrees, result.launches) == (pytest.approx(0.02), pytest.approx(1.0), 1)


def test_one_launch_gives_no_interval() -> None:
    ratio = as_ratio(estimate_all({"a": {0: [0.1, 0.1, 0.2]}})["a"], 0.95)
    assert (ratio.low, ratio.high, ratio.p_value) == (None, None, None)
    assert ratio.launches == 1


def test_estimate_of_two_launches() -> None:
    # Launch 0: -1, 0, 1 around 0; launch 1: 1, 2, 3 around 2; within 1, between max(0, 2 - 1/3), over two launches.
    result = estimate_all({"a": {0: [-1.0, 0.0, 1.0], 1: [1.0, 2.0, 3.0]}})["a"]
    assert result.mean == pytest.approx(1.0)
    assert result.variance == pytest.approx((2 - 1 / 3) / 2 + (1 / 3 + 1 / 3) / 4)
    assert result.degrees == pytest.approx(1.0)
    assert (result.rounds, result.launches) == (6, 2)


def test_a_combination_whose_launches_differ_more_keeps_its_own_variance() -> None:
    # "a" differs by a spread of 0.02 between launches, nine others not at all. Deviations -0.1 and 0.1 in a block of
    # ten: (I - J / 11) gives 0.01 - 0.01 / 11 twice, 0.1 / 5.5, over 10 degrees, twice that: 0.2 / 55 between.
    calm = {f"n{number}": {0: [0.0, 0.0], 1: [0.0, 0.0]} for number in range(9)}
    result = estimate_all({"a": {0: [0.0, 0.0], 1: [0.2, 0.2]}, **calm})
    assert result["a"].variance == pytest.approx(0.02 / 2)
    assert result["n0"].variance == pytest.approx(0.2 / 55 / 2)


def test_two_rounds_that_happen_to_agree_prove_little() -> None:
    # "a" had one round in either launch and "lucky" two that agree; the others' rounds have the variance
    # (0.1^2 + 0.1^2) / 1 = 0.02 in each launch, and their launches do not differ.
    noisy = {f"n{number}": {0: [-0.1, 0.1], 1: [0.1, -0.1]} for number in range(5)}
    result = estimate_all({"a": {0: [0.3], 1: [0.3]}, "lucky": {0: [0.3, 0.3], 1: [0.3, 0.3]}, **noisy})
    assert result["a"].variance == pytest.approx(0.02 * 2 / 4)
    assert result["lucky"].variance == pytest.approx(0.02 * (1 / 2 + 1 / 2) / 4)


def test_one_disturbed_burst_among_single_rounds_decides_nothing() -> None:
    # 31 combinations, four launches of one round each; one burst of one combination took twice as long.
    quiet = {f"n{number}": {launch: [0.001 * (-1) ** launch] for launch in range(4)} for number in range(30)}
    disturbed = {"a": {0: [math.log(2)], 1: [-0.001], 2: [0.001], 3: [-0.001]}}
    result = estimate_all({**disturbed, **quiet})["a"]
    ratio = as_ratio(result, 0.95)
    assert ratio.p_value is not None
    assert ratio.p_value > 0.3


def test_one_round_a_launch_lets_launches_speak_for_both() -> None:
    result = estimate_all({"a": {0: [0.0], 1: [0.2]}})["a"]
    # spread 0.02 over two launches
    assert result.variance == pytest.approx(0.01)


def test_interval_is_students() -> None:
    # t(0.975, 4) = 2.776445; log ratio 0.1 with standard error 0.02
    ratio = as_ratio(estimate(0.1, 0.0004), 0.95)
    assert ratio.value == pytest.approx(math.exp(0.1))
    assert ratio.low == pytest.approx(math.exp(0.1 - 2.776445 * 0.02), rel=1e-6)
    assert ratio.high == pytest.approx(math.exp(0.1 + 2.776445 * 0.02), rel=1e-6)


def test_p_value_is_two_sided() -> None:
    # 2.776445 standard errors from 0 with 4 degrees of freedom
    assert as_ratio(estimate(2.776445 * 0.02, 0.0004), 0.95).p_value == pytest.approx(0.05, rel=1e-5)


def test_equivalence_is_judged_by_the_nearer_limit() -> None:
    # limit log 1.02 = 0.019803; the mean lies 0.009803 below it, 2.131847 standard errors: one-sided 5 % at 4 degrees
    mean = 0.01
    error = (math.log(1.02) - mean) / 2.131847
    assert equivalence_p_value(estimate(mean, error**2), 0.02) == pytest.approx(0.05, rel=1e-5)
    assert equivalence_p_value(estimate(-mean, error**2), 0.02) == pytest.approx(0.05, rel=1e-5)


def test_exact_repetition_is_certain() -> None:
    assert as_ratio(estimate(0.1, 0.0), 0.95).p_value == 0.0
    assert as_ratio(estimate(0.0, 0.0), 0.95).p_value == 1.0
