"""``asv continuous`` on commits whose figures are known: what it calls slower, and how it leaves."""

from __future__ import annotations

from pathlib import Path

import pytest
from asv_project import attempt, commit, git, results_of
from canned_commits import (
    EPOCH,
    FIGURES,
    REASON,
    add_environment,
    around,
    commit_outcomes,
    make_project,
    measured_commits,
    outcomes,
)

from bench.gate.simulation import asv_worse

CONTINUOUS = ("continuous", "--launch-method", "forkserver", "--show-stderr")
LATER = {
    "1 ms longer": around(1.001),
    "50 ms longer": around(1.05),
    "300 ms longer": around(1.3),
    "failing": outcomes(),
    "six": around(1.0, samples=6),
    "six, 300 ms longer": around(1.3, samples=6),
}
"""What commits give after one whose epochs take 1 s."""

Commits = dict[str, str]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = make_project(tmp_path_factory.mktemp("continuous") / "project", around(1.0))
    add_environment(project)
    return project


@pytest.fixture(scope="module")
def commits(project: Path) -> Commits:
    first = git(project, "rev-parse", "HEAD").strip()
    (project / FIGURES).unlink()
    unbuilt = commit(project, "Nothing to build")
    return {
        "first": first,
        "not built": unbuilt,
        **{name: commit_outcomes(project, given) for name, given in LATER.items()},
    }


def row_of(printed: str, label: str) -> list[str]:
    """Return asv's mark, both figures and their ratio, from its table."""
    (row,) = (line for line in printed.splitlines() if line.startswith("|") and f"{EPOCH}('{label}')" in line)
    return [cell.strip() for cell in row.split("|")[1:5]]


@pytest.mark.parametrize(
    ("base", "head", "options", "code"),
    [
        ("first", "1 ms longer", (), 0),
        ("first", "300 ms longer", (), 1),
        ("300 ms longer", "first", (), 0),
        ("first", "50 ms longer", ("--factor", "1.02"), 1),
        ("six", "six, 300 ms longer", (), 0),
    ],
)
def test_the_exit_code_tells_a_slowdown(
    project: Path, commits: Commits, base: str, head: str, options: tuple[str, ...], code: int
) -> None:
    done = attempt(project, *CONTINUOUS, *options, "--bench", "track_epoch", commits[base], commits[head])
    assert done.returncode == code, done.stdout + done.stderr
    assert ("PERFORMANCE DECREASED" in done.stdout) == (code == 1)
    assert [len(results_of(project, commits[name])[EPOCH]["samples"][0]) for name in (base, head)] == [
        6 if "six" in name else 7 for name in (base, head)
    ]


def test_a_slowdown_is_told_with_its_figures(project: Path, commits: Commits) -> None:
    done = attempt(project, *CONTINUOUS, commits["first"], commits["300 ms longer"])
    assert done.returncode == 1
    *marked, ratio = row_of(done.stdout, "baseline")
    assert marked == ["+", "1.00±0s", "1.30±0s"]
    assert float(ratio) == 1.3  # 1.303 / 1.003, the medians
    # Memory stayed the same, and what failed or was not run on both sides is no news.
    assert sum("benchmarks.Small" in line for line in done.stdout.splitlines() if line.startswith("|")) == 1


def test_a_combination_that_begins_to_fail_is_worse_and_says_why(project: Path, commits: Commits) -> None:
    done = attempt(project, *CONTINUOUS, commits["first"], commits["failing"])
    assert done.returncode == 1
    assert row_of(done.stdout, "baseline") == ["!", "1.00±0s", "failed", "n/a"]
    assert f"baseline: {REASON}" in done.stdout


def test_a_commit_that_cannot_be_built_leaves_no_table(project: Path, commits: Commits) -> None:
    done = attempt(project, *CONTINUOUS, commits["first"], commits["not built"])
    assert done.returncode == 2
    assert [line for line in done.stdout.splitlines() if line.startswith("|")] == []


@pytest.mark.parametrize("options", [(), ("--interleave-rounds",)], ids=["by itself", "told to"])
def test_rounds_alternate_between_the_commits_and_their_samples_are_joined(
    project: Path, commits: Commits, options: tuple[str, ...]
) -> None:
    base, head = commits["first"], commits["1 ms longer"]
    (project / ".asv" / "measured.txt").unlink(missing_ok=True)
    done = attempt(project, *CONTINUOUS, *options, "-a", "rounds=2", base, head)
    assert done.returncode == 0, done.stdout + done.stderr
    assert measured_commits(project) == [base, head, head, base]
    expected = list(around(1.0).of("baseline").samples["epoch"])
    assert results_of(project, base)[EPOCH]["samples"][0] == expected * 2


def test_without_rounds_all_of_the_later_commit_comes_first(project: Path, commits: Commits) -> None:
    base, head = commits["first"], commits["1 ms longer"]
    (project / ".asv" / "measured.txt").unlink(missing_ok=True)
    done = attempt(project, *CONTINUOUS, "--bench", "track_epoch", base, head)
    assert done.returncode == 0, done.stdout + done.stderr
    assert measured_commits(project) == [head, base]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "No range spec may be specified if benchmarking in an existing environment"),
        (("--interleave-rounds",), "--interleave-rounds cannot be used with existing environment (or python=same)"),
    ],
)
def test_an_existing_environment_is_refused(
    project: Path, commits: Commits, options: tuple[str, ...], message: str
) -> None:
    (project / ".asv" / "measured.txt").unlink(missing_ok=True)
    done = attempt(project, *CONTINUOUS, *options, "--python=same", commits["first"], commits["failing"])
    assert done.returncode == 1
    assert message in done.stdout + done.stderr
    assert not (project / ".asv" / "measured.txt").exists()


@pytest.mark.parametrize(
    ("samples", "worse"),
    [
        (1, True),  # no test is made of a single one, only the factor counts
        (2, True),  # too few for ranks: the intervals of the medians, some 0.05 s wide, do not overlap
        (6, False),  # the least p of ranks, 2 / 924, is above asv's 0.002
        (7, True),  # 2 / 3432 is below
    ],
)
def test_what_asv_makes_of_samples(samples: int, worse: bool) -> None:
    base, head = (around(seconds, samples).of("baseline").samples["epoch"] for seconds in (1.0, 1.3))
    assert asv_worse(base, head) is worse
