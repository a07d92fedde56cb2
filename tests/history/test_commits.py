"""The order of a branch's commits."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from asv_project import IDENTITY, git

from bench.errors import InputError
from bench.history.commits import commit_hash, commits_of, is_shallow


def commit_at(folder: Path, message: str, date: str) -> str:
    command = ["git", *IDENTITY, "commit", "--quiet", "--allow-empty", "--message", message, "--date", date]
    subprocess.run(command, cwd=folder, env={"GIT_COMMITTER_DATE": date, "PATH": "/usr/bin:/bin"}, check=True)
    return git(folder, "rev-parse", "HEAD").strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    return tmp_path


def test_ancestry_decides_where_dates_are_equal_or_run_backwards(repository: Path) -> None:
    dates = ["2026-01-05T00:00:00Z", "2026-01-05T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-09T00:00:00Z"]
    hashes = [commit_at(repository, f"number {number}", date) for number, date in enumerate(dates)]
    commits = commits_of(repository, "main")
    assert [commit.hash for commit in commits] == hashes
    assert [commit.subject for commit in commits] == [f"number {number}" for number in range(4)]
    assert commits[2].date[:10] == "2026-01-01"


def test_a_merge_stands_for_what_it_brought_in(repository: Path) -> None:
    date = "2026-01-01T00:00:00Z"
    first = commit_at(repository, "first", date)
    git(repository, "checkout", "--quiet", "-b", "side")
    aside = commit_at(repository, "aside", date)
    git(repository, "checkout", "--quiet", "main")
    second = commit_at(repository, "second", date)
    git(repository, *IDENTITY, "merge", "--quiet", "--no-ff", "--message", "merge", "side")
    merge = git(repository, "rev-parse", "HEAD").strip()
    assert [commit.hash for commit in commits_of(repository, "main")] == [first, second, merge]
    assert [commit.hash for commit in commits_of(repository, "side")] == [first, aside]


def test_an_unknown_branch_is_answered_with_the_nearest(repository: Path) -> None:
    commit_at(repository, "first", "2026-01-01T00:00:00Z")
    with pytest.raises(InputError, match=r"--branch: found 'mian'; .*did you mean 'main'"):
        commits_of(repository, "mian")
    with pytest.raises(InputError, match="--since: found '--all'"):
        commit_hash(repository, "--all", "--since")


def test_a_folder_outside_git_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a git checkout"):
        commits_of(tmp_path / "nowhere", "main")


def test_a_shallow_checkout_is_told(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    for number in range(3):
        commit_at(repository, f"number {number}", "2026-01-01T00:00:00Z")
    copy = tmp_path_factory.mktemp("copies") / "copy"
    git(repository, "clone", "--quiet", "--depth=1", f"file://{repository}", str(copy))
    assert is_shallow(copy)
    assert not is_shallow(repository)
    assert len(commits_of(copy, "main")) == 1
