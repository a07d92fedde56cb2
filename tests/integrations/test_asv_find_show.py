"""``asv find`` and ``asv show``, on commits whose figures are known and nothing is trained for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from asv_project import asv, results_of
from canned_commits import EPOCH, REASON, add_environment, commit_outcomes, make_project, measured_commits, outcomes

RUN = ("run", "--record-samples", "--launch-method", "forkserver")
HERE = (*RUN, "--python=same", "--set-commit-hash", "HEAD", "--show-stderr")
FIND = ("find", "--launch-method", "forkserver")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "project", outcomes(0.9))


def found(printed: str) -> tuple[str, str]:
    """Return which kind of change asv says it has found, and the short hash of the commit."""
    match = re.search(r"Greatest (\w+) found: (\w+)", printed)
    assert match, printed
    return match[1], match[2]


def shown(project: Path, metric: str) -> dict[str, str]:
    """Return combination to figure in the table that ``asv show`` prints for one metric."""
    rows = map(str.split, asv(project, "show", "HEAD", "--bench", f"track_{metric}").splitlines())
    labels = ("baseline", "precision=bf16", "memory_format=channels_last")
    return {row[0]: " ".join(row[1:]) for row in rows if row and row[0] in labels}


def test_show_prints_figures_with_their_units_and_what_has_none(project: Path) -> None:
    head = commit_outcomes(project, outcomes(1.4, 1.5, 1.6))
    printed = asv(project, *HERE)
    # The quartiles are 1.45 and 1.55 s: half their distance is 0.05 s.
    assert shown(project, "epoch") == {
        "baseline": "1.50±0.05s",
        "precision=bf16": "failed",
        "memory_format=channels_last": "n/a",
    }
    assert shown(project, "memory")["baseline"] == "1.25±0G"
    details = asv(project, "show", "--details", "HEAD")
    assert "1/3 failed" in details
    assert "samples: [[1.4, 1.5, 1.6], None, None]" in details
    assert f"    {head[:8]}" in asv(project, "show").splitlines()
    # asv keeps no reasons: only who runs the suite is told.
    assert f"precision=bf16: {REASON}" in printed
    assert REASON not in details


CHANGES = (1.30, 1.00, 1.02, 1.31, 1.29)
"""Seconds of an epoch at five commits: the second made it shorter, the fourth longer."""


@pytest.fixture
def history(project: Path) -> list[str]:
    """Return the commits of ``CHANGES``, which asv can check out."""
    add_environment(project)
    return [commit_outcomes(project, outcomes(seconds)) for seconds in CHANGES]


def test_find_names_the_commit_that_made_it_slower_and_drops_samples(project: Path, history: list[str]) -> None:
    asv(project, *RUN, "--bench", "track_epoch", "main^!")
    assert results_of(project, "main")[EPOCH]["samples"][0] == [1.29]
    (project / ".asv" / "measured.txt").unlink()

    assert found(asv(project, *FIND, "main~5..main", EPOCH)) == ("regression", history[3][:8])
    # The ends and the middle, then what lies between the middle and the later end.
    assert measured_commits(project) == [history[0], history[2], history[4], history[3]]
    kept = results_of(project, "main")[EPOCH]
    assert kept["result"][0] == 1.29
    assert kept.get("samples") is None


def test_find_names_the_commit_that_made_it_faster_and_leaves_no_trace(project: Path, history: list[str]) -> None:
    printed = asv(project, *FIND, "--invert", "--skip-save", "main~5..main", EPOCH)
    assert found(printed) == ("improvement", history[1][:8])
    assert list(project.glob("results/asv/*/*-*.json")) == []


def test_find_blames_the_wrong_commit_in_an_existing_environment(project: Path) -> None:
    commits = [commit_outcomes(project, outcomes(seconds)) for seconds in (1.00, 1.02, 1.30)]
    printed = asv(project, *FIND, "main~3..main", EPOCH)
    # What is checked out is measured every time, and no difference makes asv take the earliest commit it may.
    assert found(printed) == ("regression", commits[1][:8])
    assert [results_of(project, each)[EPOCH]["result"][0] for each in commits] == [1.30, 1.30, 1.30]
