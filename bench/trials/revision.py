"""Code of a commit other than the one that is running, for trials to import."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.project import Project


@dataclass(frozen=True)
class Revision:
    """A commit that is checked out somewhere.

    Attributes:
        import_path: where a trial's process looks for modules, as ``sys.path`` lists it.
        project: the user's own code as of that commit, if there is any.
    """

    import_path: tuple[str, ...]
    project: Project | None


def import_path_at(path: Sequence[str], top: Path, checkout: Path) -> tuple[str, ...]:
    """Return a path of imports with what lies in one checkout replaced by the same places in another.

    The other checkout's top comes first. Folders that it lacks, such as a virtual environment kept inside the first
    checkout, stay as they are, for they are no part of any commit.

    Args:
        path: as ``sys.path`` lists it; "" is the working folder.
        top: the first checkout, resolved.
        checkout: the other checkout.
    """

    def moved(entry: str) -> str:
        place = Path(entry).resolve()
        if not place.is_relative_to(top):
            return entry
        there = checkout / place.relative_to(top)
        return str(there) if there.exists() else entry

    return tuple(dict.fromkeys([str(checkout), *map(moved, path)]))


@contextmanager
def importing_from(import_path: Sequence[str] | None) -> Iterator[None]:
    """Make processes that are started meanwhile look for modules in ``import_path``; None for where this one does.

    ``multiprocessing`` hands ``sys.path`` to a process before that imports the function it is to run.
    """
    if import_path is None:
        yield
        return
    before = sys.path[:]
    sys.path[:] = import_path
    try:
        yield
    finally:
        sys.path[:] = before
