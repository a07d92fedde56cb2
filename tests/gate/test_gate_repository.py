"""What a gate asks of git."""

from __future__ import annotations

from pathlib import Path

import pytest
from gate_projects import PACE, commit, git, new_project

from bench.errors import InputError
from bench.gate.repository import GitError, Repository


def test_commits_by_name_and_between(tmp_path: Path) -> None:
    file = new_project(tmp_path)
    hashes = [commit(tmp_path, f"Number {number}") for number in range(3)]
    repository = Repository.around(file)
    base, head = repository.commit("HEAD~2", "BASE"), repository.commit("main", "HEAD")
    assert (base.hash, base.subject) == (hashes[0], "Number 0")
    assert [each.hash for each in repository.between(base, head)] == hashes[1:]
    with pytest.raises(GitError, match="does not come after"):
        repository.between(head, base)
    with pytest.raises(InputError, match="BASE: found 'nowhere'"):
        repository.commit("nowhere", "BASE")


def test_merged_commits_are_not_between(tmp_path: Path) -> None:
    file = new_project(tmp_path)
    base = git(tmp_path, "rev-parse", "HEAD")
    git(tmp_path, "switch", "--quiet", "--create", "side")
    commit(tmp_path, "On the side")
    git(tmp_path, "switch", "--quiet", "main")
    main = commit(tmp_path, "On main")
    git(tmp_path, "merge", "--quiet", "--no-ff", "--message", "Merge", "side")
    repository = Repository.around(file)
    between = repository.between(repository.commit(base, "BASE"), repository.commit("HEAD", "HEAD"))
    assert [each.subject for each in between] == ["On main", "Merge"]
    assert between[0].hash == main


def test_a_checkout_is_gone_after_an_interrupt(tmp_path: Path) -> None:
    file = new_project(tmp_path)
    first = git(tmp_path, "rev-parse", "HEAD")
    commit(tmp_path, "Faster", pace="SECONDS = -1.0\n")
    repository = Repository.around(file)

    def interrupted() -> Path:
        with repository.checked_out(repository.commit(first, "BASE")) as place:
            seen.append(place)
            assert (place / "training" / "pace.py").read_text() == PACE
            assert (tmp_path / "training" / "pace.py").read_text() == "SECONDS = -1.0\n"
            raise KeyboardInterrupt

    seen: list[Path] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not seen[0].exists()
    assert not seen[0].parent.exists()
    assert len(git(tmp_path, "worktree", "list").splitlines()) == 1


def test_changes_are_those_of_tracked_files(tmp_path: Path) -> None:
    repository = Repository.around(new_project(tmp_path))
    (tmp_path / "notes.txt").touch()
    assert not repository.has_changes()
    (tmp_path / "training" / "pace.py").write_text("SECONDS = 1.0\n")
    assert repository.has_changes()


def test_a_suite_outside_git_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a file in a git checkout"):
        Repository.around(tmp_path / "suite.yaml")
