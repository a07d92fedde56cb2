# ruff: noqa: RUF001 - the dash is what reports show
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.analysis.result import Figure, Ratio
from bench.reports.metrics import Unit
from bench.reports.numbers import (
    bytes_text,
    figure_text,
    percentage_text,
    ratio_parts,
    ratio_text,
    seconds_text,
)


def ratio(value: float, low: float | None, high: float | None) -> Ratio:
    return Ratio(value, low, high, rounds=10, launches=2)


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (0.8234, 0.7912, 0.8549, "0.82 [0.79, 0.85]"),  # half-width 0.032: two decimals
        (0.8234, 0.8201, 0.8267, "0.823 [0.820, 0.827]"),  # 0.0033: three
        (0.8234, 0.8231, 0.8237, "0.823 [0.823, 0.824]"),  # 0.0003: three, the most there are
        (0.8234, 0.6, 1.1, "0.8 [0.6, 1.1]"),  # 0.25: one
        (1.0, 0.904, 1.096, "1.0 [0.9, 1.1]"),  # 0.096 rounds to 0.1: one
        (0.8, 0.3, 2.7, "0.8 [0.3, 2.7]"),  # 1.2: none, but a ratio is never shown as 0
        (1.25, 1.25, 1.25, "1.250 [1.250, 1.250]"),  # bytes that never vary
        (1.0, 0.001, 2.5e9, "1.0 [0.0, 2e+09]"),
    ],
)
def test_ratio_has_no_more_digits_than_its_interval_deserves(
    value: float, low: float, high: float, expected: str
) -> None:
    assert ratio_text(ratio(value, low, high)) == expected


def test_ratio_without_interval_shows_two_digits_and_says_so() -> None:
    assert ratio_text(ratio(0.8234, None, None)) == "0.82 [–]"
    assert ratio_text(ratio(1.8234, None, None)) == "1.8 [–]"
    assert ratio_text(ratio(12.34, None, None)) == "12.3 [–]"


def test_ratio_that_is_not_there_is_a_dash() -> None:
    assert ratio_text(None) == "–"


def test_half_width_has_the_ratios_decimals() -> None:
    assert ratio_parts(ratio(0.8234, 0.7912, 0.8549)).half_width == "±0.03"
    assert ratio_parts(ratio(0.8, 0.5, 1.1)).half_width == "±0.3"  # 37 % of 0.8
    assert ratio_parts(ratio(0.8, 0.3, 2.7)).half_width == "wide"  # 1.2 is 150 % of 0.8
    assert ratio_parts(ratio(0.8234, None, None)).half_width == "–"


@pytest.mark.parametrize(
    ("seconds", "spread", "expected"),
    [
        (None, None, "–"),
        (0.0, None, "0 ms"),
        (0.000123, None, "0.123 ms"),
        (0.0126789, None, "12.7 ms"),
        (0.9996, None, "1000 ms"),
        (1.0, None, "1.00 s"),
        (119.4, None, "119 s"),
        (181.2, None, "3.02 min"),  # 181.2 / 60 = 3.02
        (1.23456, 0.03, "1.23 s"),
        (1.23456, 0.3, "1.2 s"),
        (0.5432, 0.03, "540 ms"),  # spread 30 ms: tens of milliseconds
        (1.23456, 0.0000001, "1.235 s"),  # four digits at most
        (1.23456, 0.0, "1.235 s"),
        (90.0, 6.0, "90 s"),
        (600.0, 6.0, "10.0 min"),  # spread 0.1 min
    ],
)
def test_seconds(seconds: float | None, spread: float | None, expected: str) -> None:
    assert seconds_text(seconds, spread) == expected


@pytest.mark.parametrize(
    ("size", "spread", "expected"),
    [
        (None, None, "–"),
        (0.0, None, "0 KiB"),
        (512.0, None, "0.500 KiB"),
        (1536.0, None, "1.50 KiB"),
        (600.0 * 2**20, None, "600 MiB"),
        (600.4 * 2**20, 0.2 * 2**20, "600.4 MiB"),
        (1.25 * 2**30, 0.1 * 2**30, "1.2 GiB"),  # 1.25 rounds to the even 1.2
    ],
)
def test_bytes(size: float | None, spread: float | None, expected: str) -> None:
    assert bytes_text(size, spread) == expected


@pytest.mark.parametrize(
    ("figure", "unit", "expected"),
    [
        (None, Unit.SECONDS, "–"),
        (Figure(1.2345, 0.0345, 9), Unit.SECONDS, "1.23 ± 0.03 s"),
        (Figure(1.2345, None, 3), Unit.SECONDS, "1.23 s"),
        (Figure(0.5432, 0.0312, 9), Unit.SECONDS, "540 ± 30 ms"),
        (Figure(600.0 * 2**20, 12.0 * 2**20, 9), Unit.BYTES, "600 ± 10 MiB"),
        (Figure(812.3, 21.0, 9), Unit.IMAGES_PER_SECOND, "810 ± 20/s"),
        (Figure(16.0, 0.0, 9), Unit.NUMBER, "16.00 ± 0.00"),
    ],
)
def test_figure(figure: Figure | None, unit: Unit, expected: str) -> None:
    assert figure_text(figure, unit) == expected


@given(st.floats(1.0, 100.0), st.floats(0.001, 1.0))
def test_rounding_moves_a_figure_by_less_than_its_spread(seconds: float, share: float) -> None:
    spread = seconds * share
    shown = float(figure_text(Figure(seconds, spread, 9), Unit.SECONDS).split(" ")[0])
    # Half a unit of the spread's first digit at most; a spread of 0.095 has its first digit at 0.1 once rounded.
    assert abs(shown - seconds) <= 0.53 * spread + 0.5 * 10**-3 * seconds


def test_percentage() -> None:
    assert percentage_text(0.95) == "95 %"
    assert percentage_text(0.025) == "2.5 %"
