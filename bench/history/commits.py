"""The commits of a branch in their order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.environment.git import git_says
from bench.errors import InputError, nearest_name

GIT_SECONDS = 60.0


@dataclass(frozen=True)
class Commit:
    """A commit.

    Attributes:
        hash: in full.
        date: when it was committed, in ISO 8601.
        subject: first line of its message.
    """

    hash: str
    date: str
    subject: str


def commits_of(repository: Path, branch: str) -> tuple[Commit, ...]:
    """Return the commits of a branch from its first to its last, along first parents.

    The order is that of ancestry: dates may be equal, or run backwards. A merge stands for what it brought in.

    Args:
        repository: a git checkout.
        branch: a branch, or any revision.

    Raises:
        InputError: the folder is no git repository, or has no such revision.
    """
    found = commit_hash(repository, branch, "--branch")
    arguments = ("log", "-z", "--first-parent", "--topo-order", "--reverse", "--format=%H%n%cI%n%s")
    lines = _git(repository, *arguments, found, "--") or ""
    return tuple(Commit(*entry.split("\n", 2)) for entry in lines.split("\0") if entry)


def commit_hash(repository: Path, revision: str, option: str) -> str:
    """Return the full hash of a revision's commit.

    Args:
        repository: a git checkout.
        revision: a branch, a tag, a hash, ...
        option: where the user named it.

    Raises:
        InputError: the folder is no git repository, or has no such revision.
    """
    if _git(repository, "rev-parse", "--git-dir") is None:
        raise InputError("repo", repr(str(repository)), "a git checkout on this machine, such as '.'")
    found = _git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found is None:
        branches = (_git(repository, "for-each-ref", "--format=%(refname:short)", "refs/heads") or "").split()
        expected = f"a branch, tag or commit of {repository}"
        raise InputError(option, repr(revision), expected, nearest_name(revision, branches))
    return found.strip()


def is_shallow(repository: Path) -> bool:
    """Return whether the checkout holds but the last commits of its history."""
    return (_git(repository, "rev-parse", "--is-shallow-repository") or "").strip() == "true"


def _git(repository: Path, *arguments: str) -> str | None:
    return git_says(repository, *arguments, seconds=GIT_SECONDS)
