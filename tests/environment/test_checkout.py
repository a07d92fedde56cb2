from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.environment.checkout import Checkout, checkout


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Someone", "-c", "user.email=someone@example.org"]
    command = ["git", *identity, "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit of ``package/code.py``, and its ``results`` and ``.venv`` folders."""
    git(tmp_path, "init", "--quiet")
    for folder in ("package", "results", ".venv"):
        (tmp_path / folder).mkdir()
    (tmp_path / "package" / "code.py").write_text("one\n")
    (tmp_path / ".gitignore").write_text(".venv/\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    return tmp_path


def test_a_fresh_commit_is_clean(repository: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    assert len(commit) == 40
    assert checkout(repository) == checkout(repository / "package") == Checkout(commit, clean=True)


def test_a_change_is_seen_from_every_folder(repository: Path) -> None:
    (repository / ".gitignore").write_text(".venv/\n*.log\n")
    for folder in (repository, repository / "package"):
        found = checkout(folder)
        assert found is not None
        assert found.clean is False


def test_an_untracked_file_is_a_change(repository: Path) -> None:
    (repository / "package" / "more.py").write_text("two\n")
    found = checkout(repository)
    assert found is not None
    assert found.clean is False


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file system on which any bytes are a name")
def test_a_file_whose_name_is_no_utf8_is_a_change(repository: Path) -> None:
    git(repository, "config", "core.quotePath", "false")
    (repository / "package" / os.fsdecode(b"caf\xe9.py")).touch()
    found = checkout(repository)
    assert found is not None
    assert found.clean is False


def test_results_of_runs_are_no_change(repository: Path) -> None:
    (repository / "results" / "report.md").write_text("a table\n")
    for folder in (repository, repository / "package"):
        found = checkout(folder)
        assert found is not None
        assert found.clean is True


def test_an_installed_copy_inside_a_checkout_is_not_part_of_it(repository: Path) -> None:
    (repository / ".venv" / "code.py").write_text("one\n")
    assert checkout(repository / ".venv") is None


def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "code.py").write_text("one\n")
    git(tmp_path, "add", ".")
    assert checkout(tmp_path) is None


def test_a_plain_folder_and_a_missing_one_are_no_checkout(tmp_path: Path) -> None:
    assert checkout(tmp_path) is None
    assert checkout(tmp_path / "missing") is None


def test_without_git_there_is_no_checkout(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository / "nowhere"))
    assert checkout(repository) is None
