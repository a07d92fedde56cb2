"""What a gate asks of git: which commits are meant, which lie between them, and checkouts of them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.environment.git import run_git
from bench.errors import BenchError, InputError
from bench.workloads.scratch import scratch_folder

GIT_SECONDS = 600.0
"""A checkout of a large repository takes a while."""


class GitError(BenchError):
    """git refused; what it said."""

    exit_code = 2


@dataclass(frozen=True)
class Commit:
    """A commit.

    Attributes:
        hash: in full.
        subject: first line of its message.
    """

    hash: str
    subject: str

    @property
    def short(self) -> str:
        """Its first seven digits."""
        return self.hash[:7]

    def __str__(self) -> str:
        """The commit as a person names it."""
        return f"{self.short} ({self.subject})"


@dataclass(frozen=True)
class Repository:
    """A git repository with a checkout.

    Attributes:
        top: top folder of the checkout, resolved.
    """

    top: Path

    @classmethod
    def around(cls, file: Path) -> Repository:
        """Return the repository whose checkout ``file`` lies in.

        Raises:
            InputError: it lies in none.
        """
        folder = file.resolve().parent
        try:
            return cls(Path(_git(folder, "rev-parse", "--show-toplevel")).resolve())
        except GitError:
            raise InputError("--suite", str(file), "a file in a git checkout, whose commits are compared") from None

    def commit(self, name: str, field: str) -> Commit:
        """Return the commit that ``name`` means; ``field`` is the argument it came from.

        Raises:
            InputError: it means none.
        """
        try:
            found = _git(self.top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except GitError:
            raise InputError(field, repr(name), f"a commit, branch or tag of {self.top}") from None
        return self._described(found)

    def between(self, base: Commit, head: Commit) -> tuple[Commit, ...]:
        """Return the commits after ``base`` up to ``head``, oldest first, along first parents.

        Raises:
            GitError: ``head`` does not come after ``base`` along first parents.
        """
        listed = _git(
            self.top, "rev-list", "--first-parent", "--ancestry-path", "--reverse", f"{base.hash}..{head.hash}"
        )
        commits = tuple(self._described(line) for line in listed.splitlines())
        if not commits or commits[-1] != head:
            raise GitError(
                f"{head} does not come after {base} along first parents; the commit where a branch left another is "
                "named by: git merge-base BASE HEAD"
            )
        return commits

    def has_changes(self) -> bool:
        """Return whether files of the checkout differ from its commit; those that git does not track do not count."""
        return bool(_git(self.top, "status", "--porcelain", "--untracked-files=no"))

    @contextmanager
    def checked_out(self, commit: Commit, note: Callable[[str], None]) -> Iterator[Path]:
        """Check a commit out into a folder that goes with the ``with`` block, or with the next if this one is killed.

        Args:
            commit: it.
            note: is told what git keeps of the checkout, where it will not let go of it.

        Raises:
            GitError: it cannot be checked out.
            CacheUnusableError: the folder for prepared data, where checkouts lie, cannot be written.
        """
        with scratch_folder() as folder:
            place = folder.resolve() / commit.short
            self._forget_killed(place.parents[1])
            try:
                _git(self.top, "worktree", "add", "--detach", "--quiet", str(place), commit.hash)
                yield place
            finally:
                self._forget(place, note)

    def _forget_killed(self, parent: Path) -> None:
        """Remove what git knows of checkouts in folders of ``parent`` that are gone, as those of killed gates are.

        git's own pruning keeps those that it was killed over, since they are locked, and drops a user's checkout on a
        disk that is not mounted right now.
        """
        for place in self._checkouts():
            if place.parent.parent == parent and not place.parent.exists():
                with suppress(GitError):  # another gate may have been quicker
                    _git(self.top, "worktree", "remove", "--force", "--force", str(place))

    def _forget(self, place: Path, note: Callable[[str], None]) -> None:
        """Remove a checkout, and what git knows of it, however far git came with it."""
        # Of a folder that is half made git says that it is no checkout; of one that is gone it removes its entry.
        shutil.rmtree(place, ignore_errors=True)
        command = ("worktree", "remove", "--force", "--force", str(place))
        try:
            # Forced twice, since a checkout that git was killed over is locked.
            _git(self.top, *command)
        except GitError as error:
            if self._knows(place):
                note(f"{error}; what git keeps of a checkout is removed by: git {' '.join(command)}")

    def _knows(self, place: Path) -> bool:
        """Return whether git has an entry of a checkout, or will not tell."""
        try:
            return place in self._checkouts()
        except GitError:
            return True

    def _checkouts(self) -> tuple[Path, ...]:
        listed = _git(self.top, "worktree", "list", "--porcelain").splitlines()
        return tuple(Path(line.removeprefix("worktree ")) for line in listed if line.startswith("worktree "))

    def _described(self, name: str) -> Commit:
        full, _, subject = _git(self.top, "show", "--no-patch", "--format=%H %s", name).partition(" ")
        return Commit(full, subject)


def _git(folder: Path, *arguments: str) -> str:
    """Return what git prints without the last line break.

    Raises:
        GitError: it fails, takes too long, or is not there.
    """
    try:
        return run_git(folder, *arguments, seconds=GIT_SECONDS).rstrip("\n")
    except subprocess.CalledProcessError as error:
        said = (error.stderr or "").strip().splitlines()
        raise GitError(f"git {arguments[0]}: {said[-1] if said else f'exit status {error.returncode}'}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitError(f"git {arguments[0]}: {error}") from None
