"""Simulated histories, and how what is found in them is counted."""

from __future__ import annotations

import json
import random
from pathlib import Path
from statistics import mean, stdev

import pytest
from click.testing import CliRunner

from bench.benchmarks.histories import Scenario, Tally, asv_regressions, reported_by_us, simulated, tally
from bench.cli import main
from bench.engines.progress import Silent
from bench.history import change_points
from bench.history.change_points import ChangePoint, find_change_points


def test_a_history_has_the_step_and_the_noise_that_were_asked_for() -> None:
    values = simulated(Scenario(commits=4000, noise=0.02, step=0.06, age=1000), random.Random(1))
    # Standard errors: 0.02 / sqrt(3000) = 0.0004 and 1.06 * 0.02 / sqrt(1000) = 0.0007.
    assert mean(values[:3000]) == pytest.approx(1.0, abs=0.002)
    assert mean(values[3000:]) == pytest.approx(1.06, abs=0.003)
    assert stdev(values[:3000]) == pytest.approx(0.02, rel=0.06)


def test_outliers_are_as_many_as_asked_for() -> None:
    values = simulated(Scenario(commits=1000, noise=0.0, outliers=0.05), random.Random(1))
    assert set(values) == {1.0, 1.2}
    # 50 expected, with a standard deviation of sqrt(1000 * 0.05 * 0.95) = 6.9.
    assert 25 < values.count(1.2) < 75


def test_asv_finds_a_step_without_noise_at_its_commit_and_none_below_its_threshold() -> None:
    assert asv_regressions([1.0] * 20 + [1.2] * 20) == [20]
    assert asv_regressions([1.2] * 20 + [1.0] * 20) == []
    assert asv_regressions([1.0] * 20 + [1.04] * 20) == []
    assert asv_regressions([1.0] * 40) == []


def test_improvements_count_as_alarms_only_where_nothing_was_planted() -> None:
    points = [ChangePoint(10, 1.0, 0.9, 1e-5), ChangePoint(45, 0.9, 1.0, 1e-5)]
    assert reported_by_us(points, Scenario(50, 0.02)) == [10, 45]
    assert reported_by_us(points, Scenario(50, 0.02, step=0.06, age=5)) == [45]


def test_found_is_near_the_planted_commit_and_named_is_at_it() -> None:
    planted = Scenario(commits=50, noise=0.02, step=0.06, age=5)  # at index 45
    reported = [[45], [47], [43], [48], [10, 44], []]
    assert tally(reported, planted) == Tally(histories=6, reported=5, found=4, named=1)
    assert tally([[], [3], [45, 46]], Scenario(50, 0.02)) == Tally(histories=3, reported=2, found=0, named=0)


def test_the_command_keeps_its_figures(otava: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["benchmark", "history", "--histories", "60", "--out", str(tmp_path)], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    (file,) = (tmp_path / "benchmarks").glob("history-*.json")
    kept = json.loads(file.read_text())["figures"]
    by_scenario = {(each["scenario"]["age"], each["scenario"]["outliers"]): each for each in kept["results"][:6]}
    nothing, five = by_scenario[0, 0.0], by_scenario[5, 0.0]
    # Of 60: 96.5 % are 58 and 10 % are 6; 4 standard deviations from these are 52 and 15.
    assert five["bench history"]["found"] >= 52
    assert five["asv"]["found"] <= 15
    assert nothing["bench history"]["reported"] <= 5
    assert "apache-otava==0.8.0" in kept["versions"]
    assert kept["max_p_value"] == change_points.MAX_P_VALUE
    assert "| 6%        | 5 commits" in result.stdout


def test_steps_are_found_and_false_alarms_are_rare(otava: Path) -> None:
    """The rates that are promised, over as many histories as tell 3 % from 5 % and 95 % from 92 %."""
    rng = random.Random(1)
    nothing, step = Scenario(50, 0.02), Scenario(50, 0.02, step=0.06, age=5)
    series = [(scenario, simulated(scenario, rng)) for scenario in (nothing, step) for _ in range(1000)]
    found = find_change_points([values for _, values in series], 0.02, Silent())
    reported = [reported_by_us(points, scenario) for points, (scenario, _) in zip(found, series, strict=True)]
    assert tally(reported[:1000], nothing).reported <= 30
    assert tally(reported[1000:], step).found >= 950
