"""``bench gate`` in a user's repository, whose own trainer is what commits change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gate_projects import commit, gate_suite, git, new_project
from runs import run_bench

SLEEP = "SECONDS = 0.6\n"
"""In each of four batches an epoch, half a second more than before: several times as slow."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a suite, on the standing of a first commit."""
    new_project(tmp_path)
    gate_suite(tmp_path)
    commit(tmp_path, "Gate")
    return tmp_path


def test_a_slowdown_is_a_regression_and_its_commit_is_named(project: Path) -> None:
    commit(project, "Tidy up", notes="# nothing\n")
    guilty = commit(project, "Sleep in every step", pace=SLEEP)
    commit(project, "Polish", notes="# nothing at all\n")
    # What lies in the working folder takes no part.
    (project / "training" / "pace.py").write_text("raise RuntimeError('the working folder is not a commit')\n")

    markdown = project / "gate.md"
    arguments = ("HEAD~3", "HEAD", "--suite", "tiny.yaml", "--bisect", "--json", "--markdown", markdown)
    done = run_bench("gate", *arguments, folder=project)
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert report["outcome"] == "regression"
    assert report["metrics"][0]["ratio"] > 2
    assert [each["commit"] for each in report["bisection"]["candidates"]] == [guilty]
    assert sorted(step["exit_code"] for step in report["bisection"]["steps"]) == [0, 1]
    text = markdown.read_text()
    assert text.startswith("## Regression: tiny")
    assert f"The regression came with `{guilty[:7]}` Sleep in every step." in text
    assert len(list(project.glob("results/gate/*/report.md"))) == 3
    assert len(git(project, "worktree", "list").splitlines()) == 1


def test_a_commit_that_changes_nothing_is_clean(project: Path) -> None:
    commit(project, "Tidy up", notes="# nothing\n")
    done = run_bench("gate", "HEAD~1", "HEAD", "--suite", "tiny.yaml", folder=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "## No regression: tiny" in done.stdout
    assert "the baseline is gated alone" in done.stdout


def test_a_commit_that_crashes_is_a_regression(project: Path) -> None:
    commit(project, "Break", pace="SECONDS = 1 / 0\n")
    done = run_bench("gate", "HEAD~1", "HEAD", "--suite", "tiny.yaml", folder=project)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "## Regression: tiny" in done.stdout
    assert "head failed: exception" in done.stdout
    assert "division by zero" in done.stdout
    assert "Traceback" not in done.stderr

    git(project, "checkout", "--quiet", "HEAD~1")  # so that the broken commit is base
    turned = run_bench("gate", "main", "main~1", "--suite", "tiny.yaml", folder=project)
    assert turned.returncode == 2, turned.stdout + turned.stderr
    assert "base failed: exception" in turned.stdout


def test_a_commit_without_the_trainer_cannot_be_judged(project: Path) -> None:
    (project / "training" / "trainer.py").unlink()
    commit(project, "Remove the trainer")
    git(project, "checkout", "--quiet", "HEAD~1")
    done = run_bench("gate", "main~1", "main", "--suite", "tiny.yaml", folder=project)
    assert done.returncode == 2
    assert "could not judge: at " in done.stderr
    assert "training/trainer.py" in done.stderr
    assert len(git(project, "worktree", "list").splitlines()) == 1


def test_bad_input_is_refused_before_anything_is_made(project: Path) -> None:
    for arguments, said in (
        (("nowhere", "HEAD", "--suite", "tiny.yaml"), "BASE: found 'nowhere'"),
        (("HEAD~1", "HEAD", "--suite", "tiny.yaml", "--markdown", "no/such.md"), "--markdown: found no/such.md"),
        (("HEAD~1", "HEAD", "--suite", "tiny.yaml", "--set", "gate.regression=0.1"), "gate.regression: found 0.1"),
    ):
        done = run_bench("gate", *arguments, folder=project)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
    assert not (project / "results").exists()
