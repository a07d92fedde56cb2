"""Finds subclasses of Ultralytics' detection trainer by reading source, importing nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

BASE = "DetectionTrainer"


@dataclass(frozen=True)
class FoundTrainer:
    """A class that trains.

    Attributes:
        name: what a suite can call it by.
        target: ``file.py:Class``, as a pyproject.toml names it.
        line: 1-based line of the class.
        final: no other class that was found is derived from it.
    """

    name: str
    target: str
    line: int
    final: bool


@dataclass(frozen=True)
class _Class:
    file: str
    name: str
    bases: tuple[str, ...]
    line: int


def find_trainers(root: Path, files: Iterable[str]) -> tuple[FoundTrainer, ...]:
    """Return the trainers that modules define at their top level, in order of file and line.

    A class counts when a base is called ``DetectionTrainer`` where it comes from, or is such a class itself; classes
    of the same name in several files are not told apart there.

    Args:
        root: the repository's folder.
        files: Python files relative to it.
    """
    classes = [each for file in sorted(files) for each in _classes(root, file)]
    known = {BASE}
    while True:
        found = [each for each in classes if known.intersection(each.bases)]
        if known >= {each.name for each in found}:
            break
        known |= {each.name for each in found}
    bases = {base for each in found for base in each.bases}
    names = _names(found)
    return tuple(
        FoundTrainer(names[each], f"{each.file}:{each.name}", each.line, final=each.name not in bases) for each in found
    )


def _classes(root: Path, file: str) -> Iterator[_Class]:
    """Yield the classes of a module's top level; none of a file that is no Python."""
    try:
        tree = ast.parse((root / file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    origin = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            bases = tuple(name for base in node.bases if (name := _base_name(base, origin)))
            yield _Class(file, node.name, bases, node.lineno)


def _base_name(base: ast.expr, origin: Mapping[str, str]) -> str | None:
    """Return what a base class is called where it is defined."""
    match base:
        case ast.Name(id=name):
            return origin.get(name, name)
        case ast.Attribute(attr=name):
            return name
    return None


def _names(found: Iterable[_Class]) -> dict[_Class, str]:
    """Return a name for each class: its own in small letters, with a number where that is taken."""
    names: dict[_Class, str] = {}
    for each in found:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", each.name).lower()
        plain = re.sub(r"[^a-z0-9_]", "", words).lstrip("_0123456789")[:60] or "trainer"
        number = sum(name == plain or name.startswith(f"{plain}_") for name in names.values()) + 1
        names[each] = plain if plain not in names.values() else f"{plain}_{number}"
    return names
