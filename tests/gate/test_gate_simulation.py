"""How often simulated gates are right, and what asv's own functions say of the same programs."""

from __future__ import annotations

import math
import random

import pytest
from scipy.stats import binom

from bench.analysis.simulation import Noise
from bench.benchmarks.gate import count
from bench.gate.decision import ExitCode
from bench.gate.simulation import TWO_PERCENT, Design, asv_worse, simulate_gate, simulated_launch
from bench.suite.model import Gate

GATES = 1000
DESIGN = Design(Gate(), margin=0.02, combinations=2, rounds=5)
SILENT = Noise(launch=0.0, burst=0.0, drift=0.0, outlier_share=0.0, outlier_size=1.0)


@pytest.mark.parametrize("combinations", [1, 2])
def test_false_alarms_and_found_slowdowns_at_two_percent_noise(combinations: int) -> None:
    design = Design(Gate(), margin=0.02, combinations=combinations, rounds=5)
    nothing = count(0.0, TWO_PERCENT, design, GATES, seed=1)
    assert nothing.regressions <= 0.01 * GATES
    assert nothing.not_judged <= 0.01 * GATES
    slower = count(0.05, TWO_PERCENT, design, GATES // 5, seed=1)
    assert slower.regressions >= 0.95 * slower.gates
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


def test_counts_would_show_a_gate_that_is_wrong_too_often() -> None:
    """Of 1000 gates at a rate of 3 %, eleven or more false alarms are all but certain."""
    assert binom.cdf(0.01 * GATES, GATES, 0.03) < 1e-4
