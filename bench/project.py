"""The user's own code that suites may name: told in their pyproject.toml, never in a suite, which stays data."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.errors import InputError, nearest_name

PYPROJECT = "pyproject.toml"
TABLE = "yolo-train-bench"
KEYS = ("optimizations", "trainers")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CLASS = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Project:
    """A folder with code of the user's own; nothing of it has been imported yet.

    Attributes:
        root: absolute path of the folder of the pyproject.toml; first on the path of imports in every trial.
        optimizations: Python files that define optimizations, relative to ``root``.
        trainers: the name a suite calls a trainer by, to ``file.py:Class``, the file relative to ``root``.
    """

    root: Path
    optimizations: tuple[str, ...]
    trainers: Mapping[str, str]

    def at(self, checkout: Path) -> Project:
        """Return the same project in another checkout of its repository: the same names, the code of that commit."""
        top = next((each for each in (self.root, *self.root.parents) if (each / ".git").exists()), self.root)
        return replace(self, root=checkout.resolve() / self.root.relative_to(top))

    def error(self, field: str, found: str, expected: str, nearest: str | None = None) -> InputError:
        """Return an error about what the pyproject.toml says in ``field`` (``optimizations[0]``, ``trainers.mine``)."""
        return _error(self.root / PYPROJECT, field, found, expected, nearest)


def find_project(start: Path) -> Project | None:
    """Return the project that a suite in ``start`` belongs to, or None.

    It is told by the nearest pyproject.toml in or above ``start`` with a table ``[tool.yolo-train-bench]``. The
    search ends at the top of a git checkout, so that a worktree kept inside another checkout never gets its code.

    Raises:
        InputError: a pyproject.toml cannot be read, or its table names what is not a Python file in its folder.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        file = folder / PYPROJECT
        table = _table(file) if file.is_file() else None
        if table is not None:
            return _project(file, table)
        if (folder / ".git").exists():
            return None
    return None


def _table(file: Path) -> object | None:
    """Return what a pyproject.toml says under ``tool.yolo-train-bench``, None where it has no such table."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError("", str(error), "a TOML file", file=file) from None
    tool = content.get("tool")
    return tool.get(TABLE) if isinstance(tool, dict) else None


def _project(file: Path, table: object) -> Project:
    """Return the project that a table describes."""
    if not isinstance(table, dict):
        raise _error(file, "", repr(table), "a table with " + " and ".join(KEYS))
    for key in table:
        if key not in KEYS:
            raise _error(file, key, repr(key), "one of " + ", ".join(KEYS), nearest_name(key, KEYS))
    optimizations = table.get("optimizations", [])
    if not isinstance(optimizations, list):
        raise _error(file, "optimizations", repr(optimizations), 'a list of files such as ["my_technique.py"]')
    trainers = table.get("trainers", {})
    if not isinstance(trainers, dict):
        raise _error(file, "trainers", repr(trainers), 'a table such as {mine = "train.py:MyTrainer"}')
    return Project(
        root=file.parent,
        optimizations=tuple(_file(file, f"optimizations[{at}]", raw) for at, raw in enumerate(optimizations)),
        trainers={name: _trainer(file, name, raw) for name, raw in trainers.items()},
    )


def _file(pyproject: Path, field: str, raw: Any) -> str:
    """Return the path of a Python file as it was written, if it is one inside the project."""
    expected = f"a Python file in {pyproject.parent}, relative to it"
    if not isinstance(raw, str):
        raise _error(pyproject, field, repr(raw), expected)
    root = pyproject.parent
    place = (root / raw).resolve()
    if Path(raw).is_absolute() or not place.is_relative_to(root) or place.suffix != ".py":
        raise _error(pyproject, field, repr(raw), expected)
    if not place.is_file():
        there = sorted(str(each.relative_to(root)) for each in (root / raw).parent.glob("*.py"))
        raise _error(pyproject, field, f"{raw!r}, which is not there", expected, nearest_name(raw, there))
    return raw


def _trainer(pyproject: Path, name: str, raw: object) -> str:
    """Return ``file.py:Class`` if it is that; whether the class is a trainer is seen when it is imported."""
    field = f"trainers.{name}"
    if not _NAME.fullmatch(name):
        raise _error(pyproject, field, repr(name), "a name of lower-case letters, digits and _, a letter first")
    file, colon, class_name = raw.rpartition(":") if isinstance(raw, str) else ("", "", "")
    if not colon or not _CLASS.fullmatch(class_name):
        raise _error(pyproject, field, repr(raw), "a file and a class in it, such as train.py:MyTrainer")
    names = _names(pyproject.parent / _file(pyproject, field, file))
    if names is not None and class_name not in names:
        found = f"{class_name!r}, which {file} does not define"
        raise _error(pyproject, field, found, "a class of that file", nearest_name(class_name, names))
    return f"{file}:{class_name}"


def _names(file: Path) -> set[str] | None:
    """Return what a module's own statements name, without running them; None where that cannot be told."""
    try:
        body = ast.parse(file.read_bytes()).body
    except (SyntaxError, ValueError):
        return None  # importing it says more
    names: set[str] = set()
    for statement in body:
        match statement:
            case ast.ClassDef(name=name):
                names.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names.update(alias.asname or alias.name for alias in aliases)
            case ast.Assign(targets=[ast.Name(id=name)]):
                names.add(name)
            case ast.If() | ast.Try():
                return None
    return None if "*" in names else names


def _error(file: Path, field: str, found: str, expected: str, nearest: str | None = None) -> InputError:
    """Return an error about a field of the table, with its line."""
    dotted = f"tool.{TABLE}" + (f".{field}" if field else "")
    return InputError(dotted, found, expected, nearest, file, _line(file, field))


def _line(file: Path, field: str) -> int | None:
    """Return the 1-based line that a field of the table most likely stands in, since tomllib keeps no places.

    It is the first line from the table's head on that begins with the field's last key, or else the head's own.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    heads = [number for number, line in enumerate(lines, 1) if TABLE in line]
    if not heads:
        return None
    key = re.escape(re.sub(r"\[\d+\]$", "", field).rpartition(".")[2])
    begins = re.compile(rf"""\s*(trainers\s*\.\s*)?["']?{key}["']?\s*=""")
    found = (number for number, line in enumerate(lines, 1) if number >= heads[0] and begins.match(line))
    return next(found, heads[0]) if field else heads[0]
