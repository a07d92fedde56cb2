"""Bursts paired within rounds."""

from __future__ import annotations

import math

import pytest
from journals import burst

from bench.analysis.pairs import figure, figures, log_ratios, metrics


def test_pairs_are_made_within_a_round_of_a_launch() -> None:
    bursts = [
        burst("base", 0, 0, 2.0),
        burst("a", 0, 0, 1.0),
        burst("base", 0, 1, 4.0),
        burst("a", 0, 1, 4.0),
        burst("base", 1, 0, 1.0),
        burst("a", 1, 0, 3.0),
    ]
    assert log_ratios(bursts, "epoch.seconds", "base") == {
        "a": {0: [pytest.approx(math.log(0.5)), pytest.approx(0.0)], 1: [pytest.approx(math.log(3))]}
    }


def test_a_round_without_the_baseline_compares_nothing() -> None:
    assert log_ratios([burst("a", 0, 0, 1.0), burst("base", 0, 1, 1.0)], "epoch.seconds", "base") == {}


def test_a_figure_of_zero_has_no_ratio() -> None:
    bursts = [burst("base", 0, 0, 0.0, value="optimizer"), burst("a", 0, 0, 1.0, value="optimizer")]
    assert log_ratios(bursts, "epoch.optimizer", "base") == {}


def test_measurements_do_not_mix() -> None:
    bursts = [burst("base", 0, 0, 1.0), burst("a", 0, 0, 1.0, "forward_backward", "seconds")]
    assert log_ratios(bursts, "epoch.seconds", "base") == {}
    assert "forward_backward.seconds" in metrics(bursts)


def test_median_and_half_the_distance_of_the_quartiles() -> None:
    # quartiles of 1..5, ends included: 2 and 4
    result = figure([5.0, 1.0, 3.0, 2.0, 4.0])
    assert (result.median, result.spread, result.bursts) == (3.0, 1.0, 5)


def test_three_bursts_have_no_spread() -> None:
    assert figure([1.0, 2.0, 3.0]).spread is None


def test_figures_are_of_all_bursts_of_a_metric() -> None:
    bursts = [burst("a", 0, 0, 1.0), burst("a", 0, 0, 9.0, "forward_backward"), burst("a", 1, 0, 3.0)]
    found = figures(bursts)
    assert (found["epoch.seconds"].median, found["epoch.seconds"].bursts) == (2.0, 2)
    assert found["forward_backward.seconds"].median == 9.0
