"""Imports files of a user's project, and tells which files of it they use."""

from __future__ import annotations

import ast
import hashlib
import importlib
import sys
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

from pydantic import JsonValue

from bench.environment.checkout import checkout
from bench.project import Project

_roots: list[Path] = []
"""The project whose folder is on the path of imports of this process; one at most."""


def import_file(project: Project, field: str, file: str) -> ModuleType:
    """Import a Python file of a project under its own dotted name, with the project's folder first on the path.

    A process holds one project at a time: the modules of another, which may be an earlier commit of the same code
    with modules of the same names, are forgotten.

    Args:
        project: the project.
        field: where its table names the file, for the error.
        file: the file, relative to the project's root.

    Raises:
        InputError: the file cannot be imported, or its module's name belongs to another.
    """
    place = (project.root / file).resolve()
    _enter(project.root)
    name = ".".join(Path(file).with_suffix("").parts)
    try:
        module = importlib.import_module(name)
    except (Exception, SystemExit) as error:
        expected = "a file that can be imported; what starts training belongs under `if __name__ == '__main__':`"
        raise project.error(field, f"{file!r}, where {_told(error, project.root)}", expected) from error
    if Path(module.__file__ or "").resolve() != place:
        found = f"{file!r}, whose module {name!r} is {module.__file__ or 'part of Python'}"
        raise project.error(field, found, "a file with a name that no other module has")
    return module


def local_files(root: Path, files: Iterable[str]) -> tuple[str, ...]:
    """Return ``files`` and all Python files below ``root`` that they import, directly or not, in order of name.

    Found by reading, not by running, so imports whose names are computed are not among them.

    Args:
        root: the project's folder.
        files: Python files relative to it.
    """
    found: set[str] = set()
    ahead = list(files)
    while ahead:
        file = ahead.pop()
        if file not in found:
            found.add(file)
            ahead += _imported(root, file)
    return tuple(sorted(found))


def code_record(project: Project, trainer: str | None) -> dict[str, JsonValue]:
    """Return what tells one state of a project's code from another, as JSON data.

    ``files`` has the SHA-256 of every file with optimizations, of the trainer's, and of all that these import from
    the project; ``commit`` and ``clean`` are those of its git checkout, null where there is none.

    Args:
        project: the project.
        trainer: the name of the trainer that is used.
    """
    trained_by = project.trainers.get(trainer or "", "").rpartition(":")[0]
    named = (*project.optimizations, *([trained_by] if trained_by else []))
    source = checkout(project.root)
    return {
        "root": str(project.root),
        "commit": source.commit if source else None,
        "clean": source.clean if source else None,
        "files": {
            file: hashlib.sha256((project.root / file).read_bytes()).hexdigest()
            for file in local_files(project.root, named)
        },
    }


def _enter(root: Path) -> None:
    """Put a project's folder first on the path of imports, and forget the project that was there before."""
    if _roots == [root]:
        return
    for old in _roots:
        sys.path.remove(str(old))
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file and Path(file).is_relative_to(old) and not _is_installed(Path(file)):
                del sys.modules[name]
    _roots[:] = [root]
    sys.path.insert(0, str(root))
    importlib.invalidate_caches()


def _is_installed(file: Path) -> bool:
    """Return whether a file lies in an environment of packages, which may well lie in a project's folder."""
    return "site-packages" in file.parts


def _told(error: BaseException, root: Path) -> str:
    """Return an error in one line, with the last line of the project's code that led to it."""
    lines = str(error).strip().splitlines()
    text = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    frames = [each for each in traceback.extract_tb(error.__traceback__) if Path(each.filename).is_relative_to(root)]
    if not frames:
        return text
    return f"line {frames[-1].lineno} of {Path(frames[-1].filename).relative_to(root)} raised {text}"


def _imported(root: Path, file: str) -> Iterator[str]:
    """Yield the files below ``root`` that one file's import statements name."""
    try:
        tree = ast.parse((root / file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _files_of(root, alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            above = Path(file).parts[: -node.level] if node.level else ()
            module = [*above, *(node.module.split(".") if node.module else [])]
            yield from _files_of(root, module)
            for alias in node.names:
                yield from _files_of(root, [*module, alias.name])


def _files_of(root: Path, parts: list[str]) -> Iterator[str]:
    """Yield the files below ``root`` that importing a dotted name runs: those of its packages, then its own."""
    for length in range(1, len(parts) + 1):
        for place in (Path(*parts[:length], "__init__.py"), Path(*parts[:length]).with_suffix(".py")):
            if (root / place).is_file():
                yield place.as_posix()
