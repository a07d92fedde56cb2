"""Code of a commit other than the one that is running, for trials to import."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from bench.project import Project


class OtherCodeError(Exception):
    """Code of the commit was to be imported, and code from elsewhere was."""


@dataclass(frozen=True)
class Revision:
    """A commit that is checked out somewhere.

    Attributes:
        checkout: top folder of that.
        import_path: where a trial's process looks for modules, as ``sys.path`` lists it.
        project: the user's own code as of that commit, if there is any.
    """

    checkout: Path
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


def check_imported(checkout: Path, modules: Mapping[str, ModuleType], path: Sequence[str]) -> None:
    """Make sure that modules which a commit has were imported from its checkout.

    An installation can get in between: one that holds a copy of the project, or one in development mode, which leads
    to the first checkout whatever the path of imports says.

    Args:
        checkout: top folder of the commit's checkout.
        modules: what is imported, as ``sys.modules``.
        path: where imports are looked for, as ``sys.path``.

    Raises:
        OtherCodeError: at least one was not.
    """
    checkout = checkout.resolve()
    roots = {checkout, checkout / "src", *(Path(entry).resolve() for entry in path)}
    own = {name for root in roots if root.is_relative_to(checkout) for name in _modules_in(root)}
    for name in sorted(own - sys.stdlib_module_names - {"__main__"}):
        module = modules.get(name)
        file = getattr(module, "__file__", None)
        if module is not None and not (file and Path(file).resolve().is_relative_to(checkout)):
            raise OtherCodeError(
                f"{name!r} was imported from {file or 'no file'} though the commit has a module of that name, "
                "so its code was not what ran; uninstall the copy that is installed"
            )


def _modules_in(folder: Path) -> Iterator[str]:
    """Yield the names of the modules and packages that lie in a folder."""
    for place in folder.glob("*.py"):
        yield place.stem
    for place in folder.glob("*/__init__.py"):
        yield place.parent.name


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
