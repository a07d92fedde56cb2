"""Locations and spreads against values worked out by hand."""

from __future__ import annotations

import pytest

from bench.analysis.robust import NORMAL_MEDIAN_OF_DIFFERENCES, huber_location, locate, pairwise_scale


def test_scale_is_the_median_difference_within_groups() -> None:
    # differences: 1, 4, 3 in the first group and 2 in the second; their median is 2.5
    assert pairwise_scale([[0.0, 1.0, 4.0], [10.0, 12.0]]) == pytest.approx(2.5 / 0.9538725524)


def test_scale_of_single_observations_is_zero() -> None:
    assert pairwise_scale([[3.0], [5.0]]) == 0.0


def test_location_without_outliers_is_the_mean() -> None:
    assert huber_location([1.0, 2.0, 6.0], scale=10.0) == pytest.approx(3.0)


def test_location_counts_an_outlier_as_one_and_a_half_scales() -> None:
    # With scale 1 and limit 1.5: (-c) + (1 - c) + 1.5 = 0 gives c = 1.25, and 100 - c is beyond the limit.
    assert huber_location([0.0, 1.0, 100.0], scale=1.0) == pytest.approx(1.25, abs=1e-6)


def test_location_does_not_depend_on_how_far_out_an_outlier_is() -> None:
    near, far = ([0.0, 1.0, 2.0, end] for end in (50.0, 5000.0))
    assert huber_location(near, 1.0) == pytest.approx(huber_location(far, 1.0), abs=1e-6)


def test_variance_without_outliers_is_the_pooled_one() -> None:
    # Residuals -1, 0, 1 and -1, 0, 1 with 6 - 2 degrees of freedom: 4 / 4 = 1. The scale is 1 / 0.954, so the limit
    # is 1.57 and nothing is bounded.
    located = locate([[1.0, 2.0, 3.0], [11.0, 12.0, 13.0]])
    assert located.centers == pytest.approx((2.0, 12.0))
    assert located.variance == pytest.approx(1.0)
    assert (located.degrees, located.bounded) == (4, 0)


def test_variance_with_an_outlier_is_bounded_and_corrected() -> None:
    # Differences of 0, 1, 2, 100: 1, 2, 100, 1, 99, 98, median 50, scale 52.4, limit 78.6. All but 100 are within
    # it; the center c solves 3 - 3c + 78.6 = 0, and 100 - c = 72.8 is then within it too: the mean, 25.75.
    located = locate([[0.0, 1.0, 2.0, 100.0]])
    assert located.centers[0] == pytest.approx(25.75)
    # Nine values around 0 and one at 100: differences within the nine are 0 or 1.
    values = [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 100.0]
    bounded = locate([values])
    # Of 45 differences 16 are 0 (10 among five zeros, 6 among four ones), 20 are 1, 9 are about 100: median 1.
    limit = 1.5 / NORMAL_MEDIAN_OF_DIFFERENCES
    # 4 - 9c + limit = 0
    center = (4 + limit) / 9
    assert bounded.centers[0] == pytest.approx(center, abs=1e-6)
    assert bounded.bounded == 1
    inside = 0.9
    clipped = (5 * center**2 + 4 * (1 - center) ** 2 + limit**2) / 9
    correction = 1 + 1 / 10 * (1 - inside) / inside
    assert bounded.variance == pytest.approx(correction**2 * clipped / inside**2)


def test_one_observation_a_group_has_no_variance() -> None:
    located = locate([[1.0], [2.0]])
    assert (located.centers, located.variance, located.degrees) == ((1.0, 2.0), None, 0)


def test_equal_observations_have_variance_zero() -> None:
    assert locate([[2.0, 2.0, 2.0]]).variance == 0.0
