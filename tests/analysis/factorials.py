"""Factorial designs of axes that are on or off, and what their combinations truly take."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from bench.suite.model import Level

BASELINE = "0"


def factorial(axes: str) -> dict[str, dict[str, Level]]:
    """All combinations of axes of one letter each, named by the axes that are on; the baseline first."""
    names = ["".join(on) or BASELINE for count in range(len(axes) + 1) for on in combinations(axes, count)]
    return {name: {axis: "on" if axis in name else "off" for axis in axes} for name in names}


def true_log(name: str, terms: Mapping[str, float]) -> float:
    """The log ratio of a combination to the baseline: the sum of all terms whose axes it has on."""
    return sum(value for term, value in terms.items() if set(term) <= set(name))


def exact_ratios(
    levels: Mapping[str, object], terms: Mapping[str, float], launches: int = 2
) -> dict[str, dict[int, list[float]]]:
    """Log ratios without any noise, one round a launch, all combinations in each block."""
    return {
        name: {launch: [true_log(name, terms)] for launch in range(launches)} for name in levels if name != BASELINE
    }
