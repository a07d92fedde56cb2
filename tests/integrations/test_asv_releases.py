"""Releases against releases, from asv's results."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import pytest
from asv_project import CONFIGURATION
from click.testing import CliRunner, Result
from foreign_runs import VERSIONS, Runs, make_project

from bench.analysis.result import Verdict
from bench.cli import main
from bench.integrations.asv_releases import Release, log_mean, upgrades_of

TOP = Path(__file__).parents[2]
MATRIX = {"req": {"torch": ["2.14.1", "2.15.0"], "ultralytics": ["8.4.9", "8.4.120", "8.4.190"]}}
KEY = ("epoch", "baseline")


def release(torch: str, ultralytics: str, *samples: float, python: str = "3.11", **variables: str) -> Release:
    requirements = {"click": "8.5.1", "torch": torch, "ultralytics": ultralytics}
    return Release(requirements, python, variables, {KEY: samples} if samples else {})


def test_the_mean_of_logs_has_the_variance_of_a_mean() -> None:
    # The logs are 0, 1 and 2: mean 1, variance 1, that of the mean 1/3.
    found = log_mean([1.0, math.e, math.e**2])
    assert (found.mean, found.variance, found.degrees) == (pytest.approx(1.0), pytest.approx(1 / 3), 2.0)
    assert log_mean([1.0]).variance is None


def test_one_package_is_exchanged_at_a_time_for_its_next_release() -> None:
    releases = [
        release("2.15.0", "8.4.190", 1.0),
        release("2.15.0", "8.4.9", 1.0),
        release("2.14.1", "8.4.190", 1.0),
        release("2.15.0", "8.4.120", 1.0),
        release("2.13.0", "8.4.9", 1.0),
    ]
    assert [(each.package, each.older, each.newer, each.beside) for each in upgrades_of(releases, 0.02)] == [
        ("torch", "2.13.0", "2.15.0", {"ultralytics": "8.4.9"}),
        ("torch", "2.14.1", "2.15.0", {"ultralytics": "8.4.190"}),
        ("ultralytics", "8.4.9", "8.4.120", {"torch": "2.15.0"}),
        ("ultralytics", "8.4.120", "8.4.190", {"torch": "2.15.0"}),
    ]


def test_environments_of_another_python_or_other_variables_are_not_compared() -> None:
    older = release("2.15.0", "8.4.120", 1.0)
    assert upgrades_of([older, release("2.15.0", "8.4.190", 1.0, python="3.12")], 0.02) == ()
    assert upgrades_of([older, release("2.15.0", "8.4.190", 1.0, OMP_NUM_THREADS="1")], 0.02) == ()


def test_pythons_and_variables_that_differ_are_told_beside() -> None:
    releases = [
        release("2.15.0", version, 1.0, python=python, **variables)
        for version in ("8.4.120", "8.4.190")
        for python, variables in (("3.11", {}), ("3.12", {"OMP_NUM_THREADS": "1"}))
    ]
    assert sorted(tuple(each.beside.items()) for each in upgrades_of(releases, 0.02)) == [
        (("Python", "3.11"), ("OMP_NUM_THREADS", "unset")),
        (("Python", "3.12"), ("OMP_NUM_THREADS", "1")),
    ]


def test_a_package_that_an_older_environment_lacks_is_not_exchanged() -> None:
    lacking = Release({"torch": "2.15.0"}, "3.11", {}, {KEY: (1.0,)})
    newest = [Release({"torch": at, "timm": "1.0"}, "3.11", {}, {KEY: (1.0,)}) for at in ("2.14.1", "2.15.0")]
    (found,) = upgrades_of([lacking, *newest], 0.02)
    assert (found.package, found.older, found.newer, found.beside) == ("torch", "2.14.1", "2.15.0", {})


def test_the_ratio_is_the_newer_releases_over_the_olders() -> None:
    older = release("2.15.0", "8.4.120", 1.0, 2.0, 4.0)
    newer = release("2.15.0", "8.4.190", 4.0, 8.0, 16.0)
    ((step,),) = (upgrade.steps for upgrade in upgrades_of([newer, older], 0.02))
    assert (step.label, step.before, step.after, step.samples) == ("baseline", 2.0, 8.0, (3, 3))
    # The means of the logs differ by log 4. Each mean has the variance log(2)² / 3, and with 2 degrees of freedom
    # Student's quantile is 4.302653: 4.302653 * sqrt(2 * 0.4804530 / 3) = 2.435096.
    assert step.ratio.value == pytest.approx(4.0)
    assert step.ratio.high == pytest.approx(4.0 * math.exp(2.435096), rel=1e-5)
    assert step.ratio.low == pytest.approx(4.0 * math.exp(-2.435096), rel=1e-5)
    assert step.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("factor", "verdict"), [(1.1, Verdict.SLOWER), (0.9, Verdict.FASTER), (1.0, Verdict.EQUIVALENT)]
)
def test_clear_differences_are_told(factor: float, verdict: Verdict) -> None:
    samples = [1.0, 1.001, 0.999, 1.002, 0.998, 1.0, 1.001]
    older = release("2.15.0", "8.4.120", *samples)
    newer = release("2.15.0", "8.4.190", *(factor * each for each in samples))
    (upgrade,) = upgrades_of([older, newer], 0.02)
    assert [step.verdict for step in upgrade.steps] == [verdict]


def test_figures_of_one_release_only_are_left_out() -> None:
    older = release("2.15.0", "8.4.120")
    newer = release("2.15.0", "8.4.190", 1.0)
    assert [each.steps for each in upgrades_of([older, newer], 0.02)] == [()]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = make_project(tmp_path / "project")
    matrix = {"environment_type": "virtualenv", "pythons": ["3.11"], "matrix": MATRIX}
    (folder / "releases.conf.json").write_text(json.dumps(CONFIGURATION | matrix))
    return folder


def bench(project: Path, command: str, *arguments: str | Path) -> Result:
    configuration = ("--config", str(project / "releases.conf.json"))
    return CliRunner().invoke(main, [command, *map(str, arguments), *configuration])


def test_asv_results_become_a_table(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_run = Runs(project, monkeypatch)
    runs = [
        make_run(seconds, versions=dataclasses.replace(VERSIONS, ultralytics=version))
        for version, seconds in (("8.4.120", 1.0), ("8.4.190", 3.0), ("8.4.120", 1.2), ("8.4.190", 3.5))
    ]
    done = bench(project, "asv-export", *runs)
    assert done.exit_code == 0, done.output
    page = bench(project, "releases", project / "suites/small.yaml")
    assert page.exit_code == 0, page.output
    assert "## ultralytics 8.4.120 → 8.4.190" in page.stdout.splitlines()
    (row,) = (line for line in page.stdout.splitlines() if line.startswith("| epoch"))
    cells = [cell.strip() for cell in row.split("|")[1:-1]]
    # A run of 1.0, 1.5 and 2.0 s gives its median, 1.5 s; the others give 1.7, 3.5 and 4.0 s.
    assert cells[:4] == ["epoch", "baseline", "1.60 s", "3.75 s"]
    assert cells[6] == "2 and 2"
    found = json.loads(bench(project, "releases", project / "suites/small.yaml", "--json").stdout)
    (upgrade,) = found["upgrades"]
    (step,) = upgrade["steps"]
    assert (step["metric"], step["unit"], step["after"]) == ("epoch", "seconds", 3.75)
    # The geometric mean of 3.5 and 4.0 over that of 1.5 and 1.7.
    assert step["ratio"]["value"] == pytest.approx(math.sqrt(3.5 * 4.0 / (1.5 * 1.7)))


def test_what_was_not_measured_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = project / "suites/small.yaml"
    nothing = bench(project, "releases", suite)
    assert (nothing.exit_code, "--machine" in nothing.stderr) == (2, True)
    assert bench(project, "asv-export", Runs(project, monkeypatch)()).exit_code == 0
    alone = bench(project, "releases", suite)
    assert (alone.exit_code, "no two of them" in alone.stderr) == (1, True)
    suite.write_text(suite.read_text().replace("rounds: 3", "rounds: 4"))
    edited = bench(project, "releases", suite)
    assert (edited.exit_code, "as it is now" in edited.stderr) == (2, True)
    unknown = bench(project, "releases", suite, "--commit", "nowhere")
    assert (unknown.exit_code, "--commit: found 'nowhere'" in unknown.stderr) == (2, True)
    other = bench(project, "releases", suite, "--machine", "0123456789a")
    assert (other.exit_code, "did you mean '0123456789ab'" in other.stderr) == (2, True)


def test_a_commit_that_git_would_take_for_an_option_is_refused(project: Path, tmp_path: Path) -> None:
    option = f"--output={tmp_path / 'written'}"
    done = bench(project, "releases", project / "suites/small.yaml", f"--commit={option}")
    assert (done.exit_code, f"--commit: found {option!r}" in done.stderr) == (2, True)
    assert list(tmp_path.glob("written*")) == []


def test_the_configuration_of_releases_differs_in_releases_only() -> None:
    from asv.config import Config

    usual, releases = (Config.load(str(TOP / name)) for name in ("asv.conf.json", "asv.releases.conf.json"))
    assert list(usual.matrix["req"]) == list(releases.matrix["req"])
    for package, versions in releases.matrix["req"].items():
        assert usual.matrix["req"][package][0] == versions[-1]
        assert package in {"torch", "ultralytics"} or len(versions) == 1
    assert len(releases.matrix["req"]["ultralytics"]) >= 2
    apart = {"matrix", "exclude"}
    assert {k: v for k, v in vars(usual).items() if k not in apart} == {
        k: v for k, v in vars(releases).items() if k not in apart
    }
