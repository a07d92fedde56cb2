"""What git is not told of the hook that calls us."""

from __future__ import annotations

from pathlib import Path

import pytest
from asv_project import IDENTITY, git

from bench.environment.checkout import checkout
from bench.environment.git import git_environment
from bench.history.commits import commits_of
from bench.init.repository import look_at


@pytest.fixture
def repositories(tmp_path: Path) -> list[Path]:
    """Two repositories with a commit each."""
    folders = [tmp_path / name for name in ("mine", "other")]
    for folder in folders:
        folder.mkdir()
        git(folder, "init", "--quiet", "--initial-branch=main")
        (folder / "file.txt").write_text(folder.name)
        git(folder, "add", "file.txt")
        git(folder, *IDENTITY, "commit", "--quiet", "--message", folder.name)
    return folders


def test_the_folder_decides_whatever_a_hook_has_set(repositories: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other = repositories
    here = git(mine, "rev-parse", "HEAD").strip()
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Kept")
    assert {name for name in git_environment() if name.startswith("GIT_")} >= {"GIT_AUTHOR_NAME"}
    assert not {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} & set(git_environment())
    assert [each.subject for each in commits_of(mine, "main")] == ["mine"]
    assert look_at(mine).branch == "main"
    found = checkout(mine)
    assert found is not None
    assert (found.commit, found.clean) == (here, True)
