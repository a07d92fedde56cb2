"""Numbers as text, with digits no finer than their noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bench.analysis.result import Difference, Figure, Ratio
from bench.reports.metrics import Unit

NOT_AVAILABLE = "\N{EN DASH}"

RATIO_DECIMALS = 3
"""Decimals of a ratio at most: a tenth of a percent."""

WIDE = 0.5
"""Share of a ratio from which half its interval's width is called wide."""

KNOWN_DIGITS = 4
"""Significant digits at most of a figure whose spread is known."""

UNKNOWN_DIGITS = 3
"""Significant digits of a figure whose spread is not known."""


@dataclass(frozen=True)
class Scale:
    """A unit that figures are written in.

    Attributes:
        name: what follows the number.
        size: the unit in the metric's own unit.
        below: figures from here on are written in the next larger unit.
    """

    name: str
    size: float
    below: float = math.inf


_SCALES = {
    Unit.SECONDS: (Scale(" ms", 1e-3, 1.0), Scale(" s", 1.0, 120.0), Scale(" min", 60.0)),
    Unit.BYTES: (Scale(" KiB", 2**10, 2**20), Scale(" MiB", 2**20, 2**30), Scale(" GiB", 2**30)),
    Unit.IMAGES_PER_SECOND: (Scale("/s", 1.0),),
    Unit.NUMBER: (Scale("", 1.0),),
    Unit.JOULES: (Scale(" mJ", 1e-3, 1.0), Scale(" J", 1.0)),
}


@dataclass(frozen=True)
class RatioText:
    """The parts of a ratio as text, all with the same decimals.

    Attributes:
        value: the estimate.
        interval: its interval in brackets; a dash in brackets where there is none.
        half_width: half the interval's width after a plus-minus sign; a dash where there is none, and "wide" where
            the interval is so lopsided that plus-minus would misplace its ends.
    """

    value: str
    interval: str
    half_width: str


def ratio_parts(ratio: Ratio) -> RatioText:
    """Return a ratio's parts with decimals no finer than the first digit of its interval's half-width.

    One decimal is always shown, since a wide interval would else be shown to reach 0, which no ratio does.
    """
    if ratio.low is None or ratio.high is None:
        decimals = min(RATIO_DECIMALS, max(1, 1 - _exponent(ratio.value, 2)))
        return RatioText(_plain(ratio.value, decimals), f"[{NOT_AVAILABLE}]", NOT_AVAILABLE)
    half_width = (ratio.high - ratio.low) / 2
    decimals = min(RATIO_DECIMALS, max(1, _decimals(half_width))) if half_width > 0 else RATIO_DECIMALS
    return RatioText(
        _plain(ratio.value, decimals),
        f"[{_plain(ratio.low, decimals)}, {_plain(ratio.high, decimals)}]",
        f"±{_plain(half_width, decimals)}" if half_width <= WIDE * ratio.value else "wide",
    )


def ratio_text(ratio: Ratio | None) -> str:
    """Return a ratio with its interval, such as ``0.82 [0.79, 0.85]``; a dash in brackets where there is none."""
    if ratio is None:
        return NOT_AVAILABLE
    parts = ratio_parts(ratio)
    return f"{parts.value} {parts.interval}"


def difference_text(difference: Difference | None) -> str:
    """Return a difference with its sign and its interval, such as ``-0.031 [-0.052, -0.010]``, to the third decimal."""
    if difference is None:
        return NOT_AVAILABLE
    low, high = difference.low, difference.high
    interval = NOT_AVAILABLE if low is None or high is None else f"{low:+.3f}, {high:+.3f}"
    return f"{difference.value:+.3f} [{interval}]"


def seconds_text(seconds: float | None, spread: float | None = None) -> str:
    """Return seconds in ms, s or min, with digits no finer than ``spread`` (seconds) where that is known."""
    return _value_text(seconds, spread, Unit.SECONDS)


def bytes_text(size: float | None, spread: float | None = None) -> str:
    """Return bytes in KiB, MiB or GiB, with digits no finer than ``spread`` (bytes) where that is known."""
    return _value_text(size, spread, Unit.BYTES)


def figure_text(figure: Figure | None, unit: Unit) -> str:
    """Return a figure's median and spread, such as ``1.24 ± 0.03 s``; without the spread where it is not known."""
    if figure is None:
        return NOT_AVAILABLE
    if figure.spread is None:
        return _value_text(figure.median, None, unit)
    scale = _scale(figure.median, unit)
    median, spread = figure.median / scale.size, figure.spread / scale.size
    decimals = _figure_decimals(median, spread)
    return f"{_fixed(median, decimals)} ± {_fixed(spread, decimals)}{scale.name}"


def percentage_text(fraction: float) -> str:
    """Return a fraction of 1 in percent, such as ``95 %``."""
    return f"{round(100 * fraction, 4):g} %"


def _value_text(value: float | None, spread: float | None, unit: Unit) -> str:
    if value is None:
        return NOT_AVAILABLE
    scale = _scale(value, unit)
    scaled = value / scale.size
    decimals = _figure_decimals(scaled, None if spread is None else spread / scale.size)
    return f"{_fixed(scaled, decimals)}{scale.name}"


def _scale(value: float, unit: Unit) -> Scale:
    """Return the smallest unit that ``value`` is not too large for."""
    return next(scale for scale in _SCALES[unit] if abs(value) < scale.below)


def _figure_decimals(value: float, spread: float | None) -> int:
    """Return how many decimals a figure deserves; below 0 it is rounded to tens, hundreds and so on."""
    if value == 0:
        return 0
    if spread is None:
        return UNKNOWN_DIGITS - 1 - _exponent(value, UNKNOWN_DIGITS)
    most = KNOWN_DIGITS - 1 - _exponent(value, KNOWN_DIGITS)
    return min(most, _decimals(spread)) if spread > 0 else most


def _decimals(noise: float) -> int:
    """Return the decimal place of the first digit of ``noise`` once it is rounded to that digit."""
    return -_exponent(noise, 1)


def _exponent(value: float, digits: int) -> int:
    """Return the power of ten of ``value``'s first digit once it is rounded to ``digits`` digits."""
    return int(f"{value:.{digits - 1}e}".partition("e")[2])


def _fixed(value: float, decimals: int) -> str:
    return f"{round(value, decimals):.{max(0, decimals)}f}"


def _plain(value: float, decimals: int) -> str:
    """Return a ratio with fixed decimals, or its power of ten where the data left it all but open."""
    return _fixed(value, decimals) if value < 1000 else f"{value:.0e}"
