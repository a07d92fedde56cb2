from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.after.percentile import percentile


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([3.0], 95, 3.0),
        ([2.0, 1.0], 50, 1.5),
        # Four gaps between five values: 95 % of the way is 3.8, so four fifths of the last gap.
        ([10.0, 50.0, 30.0, 20.0, 40.0], 95, 48.0),
        ([10.0, 50.0, 30.0, 20.0, 40.0], 50, 30.0),
        # 20 gaps between 21 values: 95 % of the way is 19, the last but one.
        ([float(value) for value in range(21)], 95, 19.0),
        ([5.0, 1.0, 9.0], 0, 1.0),
        ([5.0, 1.0, 9.0], 100, 9.0),
    ],
)
def test_by_hand(values: list[float], percent: float, expected: float) -> None:
    assert percentile(values, percent) == pytest.approx(expected, rel=1e-12)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0, 100))
def test_lies_within_and_ignores_order(values: list[float], percent: float) -> None:
    found = percentile(values, percent)
    assert min(values) - 1e-6 <= found <= max(values) + 1e-6
    assert found == percentile(values[::-1], percent)


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1.0], -1), ([1.0], 101)])
def test_what_has_no_percentile_is_refused(values: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match="percentile"):
        percentile(values, percent)
