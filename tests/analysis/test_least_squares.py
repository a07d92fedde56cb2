"""Least squares within blocks against values worked out by hand."""

from __future__ import annotations

import pytest

from bench.analysis.least_squares import fit_within_blocks

PAIR = [[0.0], [1.0]]


def test_what_differs_between_blocks_does_not_count() -> None:
    # Differences of 2 and 3 within blocks that lie far apart: mean 2.5, and its variance (0.25 + 0.25) / 1 / 2.
    fit = fit_within_blocks([(PAIR, [1.0, 3.0]), (PAIR, [100.0, 103.0])])
    assert fit.value([1.0]) == pytest.approx(2.5)
    assert fit.variance_of([1.0]) == pytest.approx(0.25)
    # Residuals are 1/4 each
    assert fit.variance == pytest.approx(4 / 16)
    assert (fit.degrees, fit.trials) == (4 - 2 - 1, 4)


def test_as_many_terms_as_responses_leave_no_variance() -> None:
    fit = fit_within_blocks([(PAIR, [1.0, 3.0])])
    assert fit.value([1.0]) == pytest.approx(2.0)
    assert (fit.variance, fit.variance_of([1.0]), fit.degrees) == (None, None, 0)


def test_terms_that_always_come_together_are_only_told_as_a_sum() -> None:
    rows = [[0.0, 0.0], [1.0, 1.0]]
    fit = fit_within_blocks([(rows, [0.0, 2.0]), (rows, [0.0, 4.0])])
    assert fit.value([1.0, 1.0]) == pytest.approx(3.0)
    assert fit.beyond_row_space([1.0, 1.0]) == pytest.approx([0.0, 0.0])
    assert fit.beyond_row_space([1.0, 0.0]) == pytest.approx([0.5, -0.5])
    assert fit.degrees == 4 - 2 - 1


def test_a_contrast_that_the_design_tells_is_fitted_whatever_else_is_confounded() -> None:
    # first alone, and second and third only with each other
    rows = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]
    fit = fit_within_blocks([(rows, [5.0, 6.0, 8.0])])
    assert fit.beyond_row_space([1.0, 0.0, 0.0]) == pytest.approx([0.0, 0.0, 0.0])
    assert fit.value([1.0, 0.0, 0.0]) == pytest.approx(1.0)
    assert fit.value([0.0, 1.0, 1.0]) == pytest.approx(3.0)
