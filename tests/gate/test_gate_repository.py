"""What a gate asks of git."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from gate_projects import PACE, commit, git, new_project

import bench.gate.repository
from bench.errors import InputError
from bench.gate.repository import Commit, GitError, Repository

HOLD = """
import sys
from pathlib import Path

from bench.gate.repository import Repository

repository = Repository.around(Path(sys.argv[1]))
with repository.checked_out(repository.commit("HEAD", "BASE"), print) as place:
    print(place, flush=True)
    input()
"""


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


def test_a_subject_that_is_no_utf8_is_read_as_far_as_it_is(tmp_path: Path) -> None:
    file = new_project(tmp_path / "project")
    message = tmp_path / "message.txt"
    message.write_text("Caf\xe9 first\n", encoding="latin-1")
    # In UTF-8, git would put it right.
    encoding = ("-c", "i18n.commitEncoding=unknown")
    git(file.parent, *encoding, "commit", "--quiet", "--allow-empty", "--file", str(message))
    assert Repository.around(file).commit("HEAD", "HEAD").subject == "Caf\N{REPLACEMENT CHARACTER} first"


def test_a_checkout_is_gone_after_an_interrupt(tmp_path: Path) -> None:
    file = new_project(tmp_path)
    first = git(tmp_path, "rev-parse", "HEAD")
    commit(tmp_path, "Faster", pace="SECONDS = -1.0\n")
    repository = Repository.around(file)

    def interrupted() -> Path:
        with repository.checked_out(repository.commit(first, "BASE"), notes.append) as place:
            seen.append(place)
            assert (place / "training" / "pace.py").read_text() == PACE
            assert (tmp_path / "training" / "pace.py").read_text() == "SECONDS = -1.0\n"
            raise KeyboardInterrupt

    seen: list[Path] = []
    notes: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not seen[0].exists()
    assert not seen[0].parent.exists()
    assert len(git(tmp_path, "worktree", "list").splitlines()) == 1
    assert notes == []


@contextmanager
def checked_out_elsewhere(file: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Have another process check the last commit out; it lets go of it when it is sent a line."""
    command = [sys.executable, "-c", HOLD, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())


@pytest.mark.parametrize("git_was_killed_too", [False, True])
def test_what_a_killed_gate_left_goes_with_the_next_and_what_a_living_one_holds_stays(
    tmp_path: Path, git_was_killed_too: bool
) -> None:
    file = new_project(tmp_path / "project")
    elsewhere = tmp_path / "on a disk that is not mounted"
    git(file.parent, "worktree", "add", "--detach", "--quiet", str(elsewhere))
    shutil.rmtree(elsewhere)
    repository = Repository.around(file)
    with checked_out_elsewhere(file) as (killed, left), checked_out_elsewhere(file) as (living, held):
        if git_was_killed_too:
            git(file.parent, "worktree", "lock", "--reason", "initializing", str(left))
        killed.kill()
        killed.wait()
        assert (left / "training" / "pace.py").is_file()
        with repository.checked_out(repository.commit("HEAD", "BASE"), pytest.fail) as place:
            assert not left.parent.exists()
            assert (held / "training" / "pace.py").read_text() == PACE
            known = git(file.parent, "worktree", "list", "--porcelain").splitlines()
            assert {line for line in known if line.startswith("worktree ")} == {
                f"worktree {each}" for each in (file.parent, elsewhere, held, place)
            }
        living.communicate("\n")
        assert living.returncode == 0
        assert not held.parent.exists()


@pytest.mark.parametrize("half_made", [False, True])
def test_a_checkout_that_git_was_killed_over_is_gone(tmp_path: Path, half_made: bool) -> None:
    """git locks a checkout until it is complete, and says that a folder without its file in it is none."""
    repository = Repository.around(new_project(tmp_path))
    notes: list[str] = []
    with repository.checked_out(repository.commit("HEAD", "BASE"), notes.append) as place:
        git(tmp_path, "worktree", "lock", "--reason", "initializing", str(place))
        if half_made:
            (place / ".git").unlink()
    assert not place.exists()
    assert len(git(tmp_path, "worktree", "list").splitlines()) == 1
    assert notes == []


def test_what_git_keeps_of_a_checkout_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = Repository.around(new_project(tmp_path))
    really = bench.gate.repository._git

    def unless_removing(folder: Path, *arguments: str) -> str:
        if arguments[:2] == ("worktree", "remove"):
            raise GitError("git worktree: not now")
        return really(folder, *arguments)

    monkeypatch.setattr(bench.gate.repository, "_git", unless_removing)
    notes: list[str] = []
    with repository.checked_out(repository.commit("HEAD", "BASE"), notes.append) as place:
        pass
    (note,) = notes
    assert note.startswith("git worktree: not now; ")
    assert note.endswith(f"git worktree remove --force --force {place}")


def test_of_a_commit_that_cannot_be_checked_out_nothing_is_left(tmp_path: Path) -> None:
    repository = Repository.around(new_project(tmp_path))
    notes: list[str] = []
    with (
        pytest.raises(GitError, match="git worktree: "),
        repository.checked_out(Commit("1" * 40, "Nowhere"), notes.append),
    ):
        raise AssertionError
    assert notes == []
    assert len(git(tmp_path, "worktree", "list").splitlines()) == 1


def test_a_hook_of_another_repository_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = new_project(tmp_path / "mine")
    new_project(tmp_path / "other")
    commit(tmp_path / "other", "Another")
    mine = git(tmp_path / "mine", "rev-parse", "HEAD")
    index = shutil.copy(tmp_path / "mine" / ".git" / "index", tmp_path / "index")
    before = index.read_bytes()
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "other"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(index))
    repository = Repository.around(file)
    assert repository.top == (tmp_path / "mine").resolve()
    found = repository.commit("HEAD", "BASE")
    assert found.hash == mine
    with repository.checked_out(found, pytest.fail) as place:
        assert (place / "training" / "pace.py").read_text() == PACE
    assert index.read_bytes() == before


def test_changes_are_those_of_tracked_files(tmp_path: Path) -> None:
    repository = Repository.around(new_project(tmp_path))
    (tmp_path / "notes.txt").touch()
    assert not repository.has_changes()
    (tmp_path / "training" / "pace.py").write_text("SECONDS = 1.0\n")
    assert repository.has_changes()


def test_a_suite_outside_git_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a file in a git checkout"):
        Repository.around(tmp_path / "suite.yaml")
