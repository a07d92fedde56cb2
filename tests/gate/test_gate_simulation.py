"""How often simulated gates are right, and what asv's own functions say of the same programs."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

import bench.gate.looks
from bench.analysis.result import Ratio
from bench.analysis.simulation import Noise
from bench.benchmarks.gate import Counted, count
from bench.gate.decision import FINAL_CONFIDENCE, ExitCode, GateVerdict, metric_verdict
from bench.gate.simulation import TWO_PERCENT, Design, asv_worse, simulate_gate, simulated_launch
from bench.suite.model import Gate

GATES = 1000
DESIGN = Design(Gate(), margin=0.02, combinations=2, rounds=5)
SILENT = Noise(launch=0.0, burst=0.0, drift=0.0, outlier_share=0.0, outlier_size=1.0)


def alarms_are_rare(nothing: Counted) -> bool:
    """Whether gates of commits that changed nothing hardly ever call a regression."""
    return nothing.regressions <= 0.01 * nothing.gates


def slowdowns_are_found(slower: Counted) -> bool:
    """Whether gates of commits that made training slower hardly ever miss it."""
    return slower.regressions >= 0.95 * slower.gates


@pytest.mark.parametrize("combinations", [1, 2])
def test_false_alarms_and_found_slowdowns_at_two_percent_noise(combinations: int) -> None:
    design = Design(Gate(), margin=0.02, combinations=combinations, rounds=5)
    nothing = count(0.0, TWO_PERCENT, design, GATES, seed=1)
    assert alarms_are_rare(nothing)
    assert nothing.not_judged <= 0.01 * GATES
    slower = count(0.05, TWO_PERCENT, design, GATES // 5, seed=1)
    assert slowdowns_are_found(slower)
    assert slower.asv_worse < slower.regressions / 2
    # Where nothing moved most gates end with the first look.
    assert nothing.trials < slower.trials <= 2 * Gate().launches * combinations


def test_without_noise_the_ratio_is_the_change() -> None:
    change = math.log(1.05)
    ratios = simulated_launch(["a", "b"], change, SILENT, 3, random.Random(0))
    assert ratios == {"a": [pytest.approx(change)] * 3, "b": [pytest.approx(change)] * 3}
    assert simulate_gate(change, SILENT, DESIGN, random.Random(0)).code is ExitCode.REGRESSION
    assert simulate_gate(0.0, SILENT, DESIGN, random.Random(0)).code is ExitCode.CLEAN


def test_asv_reports_changes_beyond_its_factor_only() -> None:
    base = [1.0, 1.001, 1.002, 1.003, 1.004, 1.005, 1.006, 1.007]
    assert asv_worse(base, [1.2 * seconds for seconds in base])
    assert not asv_worse(base, [1.05 * seconds for seconds in base])
    assert not asv_worse(base, [0.8 * seconds for seconds in base])


def without_margin(ratio: Ratio | None, margin: float, regression: float) -> GateVerdict:
    """Any change counts."""
    return metric_verdict(ratio, 0.0, regression)


def without_interval(ratio: Ratio | None, margin: float, regression: float) -> GateVerdict:
    """The estimate decides, however little is known of it."""
    return GateVerdict.REGRESSION if ratio is not None and ratio.value > 1 else GateVerdict.CLEAN


def never(ratio: Ratio | None, margin: float, regression: float) -> GateVerdict:
    """Nothing is a regression."""
    return GateVerdict.CLEAN


@pytest.mark.parametrize("rule", [without_margin, without_interval])
def test_counts_show_a_rule_that_gives_too_many_alarms(
    rule: Callable[[Ratio | None, float, float], GateVerdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a margin each of the four verdicts of a gate is wrong in up to 2.5 % of gates at the first look."""
    monkeypatch.setattr(bench.gate.looks, "metric_verdict", rule)
    monkeypatch.setattr(bench.gate.looks, "INTERIM_CONFIDENCE", FINAL_CONFIDENCE)
    assert not alarms_are_rare(count(0.0, TWO_PERCENT, DESIGN, GATES // 2, seed=1))


def test_counts_show_a_rule_that_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.gate.looks, "metric_verdict", never)
    slower = count(0.05, TWO_PERCENT, DESIGN, GATES // 50, seed=1)
    assert slower.regressions == 0
    assert not slowdowns_are_found(slower)
