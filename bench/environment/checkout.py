"""Which commit of a repository is checked out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.environment.git import git_says

GIT_SECONDS = 30.0


@dataclass(frozen=True)
class Checkout:
    """A commit, and whether the files are as committed.

    Attributes:
        commit: its full hash.
        clean: nothing outside ``results/`` is changed or untracked; None = git could not tell.
    """

    commit: str
    clean: bool | None


def checkout(folder: Path) -> Checkout | None:
    """Return what is checked out around ``folder``; None where ``folder`` is not part of a git repository.

    A folder that lies inside a checkout without being tracked (a virtual environment) is not part of it.
    """
    if not _git(folder, "ls-files", "--cached", "--", "."):
        return None
    commit = _git(folder, "rev-parse", "--verify", "HEAD")
    if not commit:
        return None
    # Every run adds files under results/, which change nothing about how the next one is measured.
    changes = _git(folder, "status", "--porcelain", "--", ":(top)", ":(top,exclude)results")
    return Checkout(commit=commit.strip(), clean=None if changes is None else changes == "")


def _git(folder: Path, *arguments: str) -> str | None:
    return git_says(folder, *arguments, seconds=GIT_SECONDS)
