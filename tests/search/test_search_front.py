"""The front of time and loss, worked out by hand."""

from __future__ import annotations

import pytest

from bench.analysis.result import Ratio
from bench.search.front import Point, Standing, standings


def exactly(value: float) -> Ratio:
    return about(value, 0.0)


def about(value: float, half: float) -> Ratio:
    return Ratio(value, value - half, value + half, rounds=4, launches=2)


def anything(value: float) -> Ratio:
    return Ratio(value, None, None, rounds=2, launches=1)


def test_the_front_is_what_no_other_beats_in_both() -> None:
    """Fast and bad, slow and good, and the baseline between them; one is slower than the baseline and learns less."""
    points = {
        "baseline": Point(exactly(1.0), exactly(1.0)),
        "fast": Point(exactly(0.5), exactly(1.4)),
        "good": Point(exactly(2.0), exactly(0.7)),
        "poor": Point(exactly(1.2), exactly(1.1)),
    }
    assert standings(points) == {
        "baseline": Standing.ON,
        "fast": Standing.ON,
        "good": Standing.ON,
        "poor": Standing.BEHIND,
    }


@pytest.mark.parametrize(
    ("time", "loss", "baseline", "other"),
    [
        # Slower and worse by the estimate: its best case, 1.05 and 1.05, is still slower and worse.
        (about(1.2, 0.15), about(1.1, 0.05), Standing.ON, Standing.BEHIND),
        # Its best case, 0.9 and 1.05, is faster; and the baseline beats its estimate all the same.
        (about(1.2, 0.3), about(1.1, 0.05), Standing.ON, Standing.BEHIND_UNDECIDED),
        # Its best case, 0.9 and 1.0, is faster and no worse: it may beat the baseline.
        (about(1.2, 0.3), about(1.25, 0.25), Standing.ON_UNDECIDED, Standing.BEHIND_UNDECIDED),
        # Faster and worse, and clear of 1 in both.
        (about(0.8, 0.1), about(1.1, 0.05), Standing.ON, Standing.ON),
        # Faster; that it learns less is not sure, so it may beat the baseline, and the baseline never beats it.
        (about(0.8, 0.1), about(1.1, 0.25), Standing.ON_UNDECIDED, Standing.ON),
        # Faster and better, clear of 1 in both.
        (about(0.8, 0.1), about(0.9, 0.05), Standing.BEHIND, Standing.ON),
        # From one launch, without intervals, nothing is decided.
        (anything(0.8), anything(0.9), Standing.BEHIND_UNDECIDED, Standing.ON_UNDECIDED),
        # A tie: neither beats the other, and which does is open.
        (exactly(1.0), exactly(1.0), Standing.ON_UNDECIDED, Standing.ON_UNDECIDED),
    ],
)
def test_intervals_say_whether_it_is_decided(time: Ratio, loss: Ratio, baseline: Standing, other: Standing) -> None:
    points = {"baseline": Point(exactly(1.0), exactly(1.0)), "other": Point(time, loss)}
    assert standings(points) == {"baseline": baseline, "other": other}


def test_one_alone_is_the_front() -> None:
    assert standings({"baseline": Point(exactly(1.0), exactly(1.0))}) == {"baseline": Standing.ON}
