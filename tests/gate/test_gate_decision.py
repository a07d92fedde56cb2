"""Verdicts and exit codes from intervals, and false discoveries, worked out by hand."""

from __future__ import annotations

import pytest

from bench.analysis.result import Ratio
from bench.gate.decision import ExitCode, GateVerdict, discoveries, exit_code, metric_verdict


def ratio(low: float | None, high: float | None) -> Ratio:
    return Ratio(1.0, low, high, rounds=6, launches=3, p_value=None)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.021, 1.08, GateVerdict.REGRESSION),
        (1.021, 1.03, GateVerdict.REGRESSION),
        (1.019, 1.08, GateVerdict.NOT_JUDGED),
        (1.019, 1.049, GateVerdict.CLEAN),
        (0.97, 1.049, GateVerdict.CLEAN),
        (0.97, 1.051, GateVerdict.NOT_JUDGED),
        (0.90, 0.979, GateVerdict.IMPROVED),  # 1 / 1.02 = 0.9804
        (0.90, 0.981, GateVerdict.CLEAN),
        (None, None, GateVerdict.NOT_JUDGED),
    ],
)
def test_interval_against_a_margin_of_2_and_a_regression_of_5_percent(
    low: float | None, high: float | None, verdict: GateVerdict
) -> None:
    assert metric_verdict(ratio(low, high), 0.02, 0.05) is verdict


def test_nothing_measured_is_not_judged() -> None:
    assert metric_verdict(None, 0.02, 0.05) is GateVerdict.NOT_JUDGED


def test_a_regression_outweighs_what_could_not_be_judged_and_that_outweighs_what_is_clean() -> None:
    clean, worse, unknown = GateVerdict.CLEAN, GateVerdict.REGRESSION, GateVerdict.NOT_JUDGED
    assert exit_code([clean, GateVerdict.IMPROVED]) is ExitCode.CLEAN
    assert exit_code([clean, unknown, worse]) is ExitCode.REGRESSION
    assert exit_code([clean, unknown]) is ExitCode.NOT_JUDGED
    assert exit_code([]) is ExitCode.NOT_JUDGED


def test_benjamini_hochberg_steps_up() -> None:
    # At 5 % the limits of five are 0.01, 0.02, 0.03, 0.04, 0.05. The largest rank below its limit is the fourth,
    # so the third counts too although it misses its own.
    p_values = {"a": 0.009, "b": 0.015, "c": 0.035, "d": 0.039, "e": 0.3}
    assert discoveries(p_values, 0.05) == {"a", "b", "c", "d"}
    assert discoveries({"a": 0.02, "b": 0.04, "c": 0.06}, 0.05) == frozenset()  # limits 0.0167, 0.0333, 0.05
    assert discoveries({}, 0.05) == frozenset()
