"""``bench history`` on a repository with asv results, with the real Apache Otava."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from asv_project import git
from asv_results_folder import benchmark, project, write_benchmarks, write_result
from click.testing import CliRunner, Result

import bench.history.search
from bench.cli import main
from bench.engines.progress import Silent
from bench.history.change_points import find_change_points
from bench.history.own_group import TimedOutError

COMMITS = 26
CULPRIT = 18
FAILED = (7, 16, 17)
"""Commits that could not be measured; the culprit comes right after two of them."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history in which one commit makes one combination 10 % slower and 1 % of noise is on all seconds."""
    folder = tmp_path_factory.mktemp("history") / "project"
    hashes = project(folder, COMMITS)
    write_benchmarks(folder, benchmark("epoch"), benchmark("memory"))
    rng = random.Random(0)
    for number, commit in enumerate(hashes):
        slow = 1.1 if number >= CULPRIT else 1.0
        epoch = [2.0 * rng.gauss(1.0, 0.01), slow * rng.gauss(1.0, 0.01)]
        memory = [2.0**30, 2.0**29 if number < 12 else 2.0**28]
        write_result(folder, commit, {"epoch": [None, None] if number in FAILED else epoch, "memory": memory})
    return folder


def history(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["history", "--config", str(folder / "asv.conf.json"), *arguments])


def test_the_commit_the_metric_the_size_and_the_certainty_are_told(otava: Path, folder: Path) -> None:
    result = history(folder, "--json")
    assert result.exit_code == 1, result.output
    found = json.loads(result.stdout)
    assert found["standing_regressions"] == 1
    assert (found["branch"], found["commits"], found["measured"]) == ("main", COMMITS, COMMITS)
    improvement, regression = found["changes"]  # in the order of commits
    hashes = git(folder, "rev-list", "--reverse", "main").split()
    assert regression["commit"]["hash"] == hashes[CULPRIT]
    assert regression["commit"]["subject"] == f"Commit {CULPRIT}"
    assert regression["last_good"]["hash"] == hashes[CULPRIT - 3]
    assert regression["candidates"] == 3
    assert regression["kind"] == "regression"
    assert regression["name"]["combination"] == "precision=bf16"
    assert regression["name"]["metric"] == "epoch"
    assert regression["ratio"] == pytest.approx(1.1, abs=0.02)
    assert regression["before"] == pytest.approx(1.0, abs=0.01)
    assert regression["unit"] == "seconds"
    assert 0 < regression["p_value"] < 1e-5
    assert improvement["commit"]["hash"] == hashes[12]
    assert (improvement["kind"], improvement["ratio"], improvement["unit"]) == ("improvement", 0.5, "bytes")
    assert (improvement["before"], improvement["after"], improvement["p_value"]) == (2.0**29, 2.0**28, 0.0)


def test_the_table_says_it_with_units(otava: Path, folder: Path) -> None:
    result = history(folder)
    assert result.exit_code == 1
    head, _, first, second, _, summary = result.stdout.strip().splitlines()
    assert head.split() == ["commit", "metric", "combination", "ratio", "before", "after", "p", "verdict"]
    assert "Commit 12 " in first
    assert first.split()[-8:] == ["precision=bf16", "0.500", "512", "MiB", "256", "MiB", "<1e-09", "improvement"]
    assert f"Commit {CULPRIT} (or one of the 2 unmeasured before it)" in second
    assert second.endswith("regression")
    assert " s " in second
    assert summary == (
        "2 changes of 2 % or more in 4 series (machine box, suite quick) over 26 measured of 26 commits of main: "
        "1 regression stands."
    )


def test_only_what_is_asked_for_decides_the_exit_code(otava: Path, folder: Path) -> None:
    memory = history(folder, "--metric", "memory", "--machine", "box", "--suite", "quick")
    assert memory.exit_code == 0
    assert "1 change of 2 % or more in 2 series" in memory.stdout
    later = history(folder, "--since", "HEAD~3")
    assert later.exit_code == 0
    assert later.stdout.startswith("No changes of 2 % or more in 4 series")
    earlier = history(folder, "--branch", "HEAD~12", "--metric", "epoch")
    assert earlier.exit_code == 0
    assert "of 14 commits of HEAD~12: no regressions stand" in earlier.stdout
    assert "measured commits are not on the first-parent line of HEAD~12" in earlier.stdout
    coarse = history(folder, "--metric", "epoch", "--margin", "30%")
    assert coarse.exit_code == 0


def test_a_mistake_is_one_line_and_exit_code_two(folder: Path) -> None:
    for arguments, message in (
        (("--metric", "epohc"), "did you mean 'epoch'"),
        (("--branch", "mian"), "did you mean 'main'"),
        (("--since", "nothing"), "--since: found 'nothing'"),
        (("--margin", "150%"), "--margin: found '150%'; expected a percentage"),
        (("--margin", "much"), "--margin: found 'much'"),
    ):
        result = history(folder, *arguments)
        assert result.exit_code == 2
        assert message in result.output
        assert len(result.output.strip().splitlines()) == 1


def test_a_history_too_short_to_be_searched_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    hashes = project(folder, 3)
    write_benchmarks(folder, benchmark("epoch"))
    for commit in hashes:
        write_result(folder, commit, {"epoch": [1.0, 1.0]})
    result = history(folder)  # needs no Otava, since there is nothing to search
    assert result.exit_code == 0
    assert "in 0 series" in result.stdout
    assert "2 more have too few commits to be searched" in result.stdout


def test_results_of_another_branch_only_are_bad_input(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    project(folder, 1)
    write_benchmarks(folder, benchmark("epoch"))
    write_result(folder, "1" * 40, {"epoch": [1.0, 1.0]})
    result = history(folder)
    assert result.exit_code == 2
    assert "--branch: found 'main'; expected a branch with some of the 1 commits that have results" in result.output


def test_otava_tells_levels_means_and_certainty(otava: Path) -> None:
    before = [1.00, 1.01, 0.99, 1.00, 1.01, 0.99, 1.00, 1.01, 0.99, 1.00]
    after = [1.20, 1.21, 1.19, 1.20, 1.21, 1.19]
    constant = [5.0] * 10
    short = [1.0, 1.0]
    step, none, nothing = find_change_points([before + after, constant, short], 0.02, Silent())
    assert len(step) == 1
    assert step[0].index == 10
    assert step[0].before == pytest.approx(1.0)
    assert step[0].after == pytest.approx(1.2)
    assert step[0].p_value < 1e-12
    assert none == nothing == ()
    assert find_change_points([before + after], 0.25, Silent()) == [()]  # 20 % is less than the magnitude asked for


@pytest.mark.parametrize("error", [OSError("no space"), ZeroDivisionError("0"), TimedOutError("pip took too long")])
def test_what_goes_wrong_is_no_regression(error: Exception, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(bench.history.search, "search_history", fails)
    result = history(folder)
    assert result.exit_code == 2
    assert "could not search: " in result.output
    assert str(error) in result.output
