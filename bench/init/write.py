"""Writes what a training repository needs, and nothing over what is there."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from bench.errors import InputError
from bench.init.repository import Repository
from bench.init.texts import (
    BENCHMARKS,
    PACKAGE,
    SCHEMA,
    SUITE,
    WORKFLOW,
    asv_text,
    suite_text,
    table_text,
    workflow_text,
)
from bench.init.trainers import FoundTrainer
from bench.project import PYPROJECT, TABLE, find_project

PINNED = ("numpy", "opencv-python", "torch", "torchvision", "ultralytics", PACKAGE)
"""What asv's environments get, beside what the project needs, in the versions that are installed here, if they are."""

IGNORED = (".asv/", ".benchmarks/")

Action = Literal["written", "appended to", "kept"]


@dataclass(frozen=True)
class Step:
    """What was done with one file.

    Attributes:
        file: relative to the repository's root.
        action: what was done.
        why: why it was kept; "" else.
    """

    file: str
    action: Action
    why: str = ""


@dataclass(frozen=True)
class _Change:
    file: str
    text: str
    appended: bool = False


def suite_trainer(repository: Repository) -> FoundTrainer | None:
    """Return the trainer that a first suite is about: the first that no other is derived from.

    Where the pyproject.toml has a table already, it has to name that trainer, and its name holds.
    """
    finals = [each for each in repository.trainers if each.final]
    project = find_project(repository.root)
    if project is not None:
        names = {target: name for name, target in project.trainers.items()}
        finals = [replace(each, name=names[each.target]) for each in finals if each.target in names]
    return next(iter(finals), None)


def initialise(repository: Repository, force: bool) -> tuple[Step, ...]:
    """Write the files of a first suite, its pyproject.toml table, asv and the workflow.

    Files that are there are kept. An existing pyproject.toml and .gitignore are only ever appended to. For the schema
    of suites the techniques that an existing table names are imported; no other code of the repository is run.

    Args:
        repository: where to.
        force: write over files that are there; a table in the pyproject.toml is kept even so.

    Raises:
        InputError: a table cannot be appended to the pyproject.toml, or the one that is there cannot be used, a
            technique that it names cannot be imported, the .gitignore cannot be read, or a file or folder is in the
            way; then nothing is written.
    """
    pyproject = _pyproject_change(repository)
    changes = [change for change in (pyproject, _ignore_change(repository.root)) if change is not None]
    steps = [] if pyproject else [Step(PYPROJECT, "kept", f"it has a table [tool.{TABLE}]")]
    for file, text_of in _files(repository).items():
        if (repository.root / file).exists() and not force:
            steps.append(Step(file, "kept", "it is there; --force writes over it"))
        else:
            changes.append(_Change(file, text_of()))
    for change in changes:
        _check_place(repository.root, change.file)
    return (*(_carry_out(repository.root, change) for change in changes), *steps)


def _files(repository: Repository) -> dict[str, Callable[[], str]]:
    """Return what makes the text of each file that is written whole, by place.

    Raises:
        InputError: an existing table cannot be used.
    """
    trainer = suite_trainer(repository)
    return {
        SUITE: lambda: suite_text(trainer),
        "suites/__init__.py": lambda: '"""The benchmark folder of asv."""\n',
        "suites/benchmarks.py": lambda: BENCHMARKS,
        "asv.conf.json": lambda: asv_text(repository, _installed((*PINNED, *repository.dependencies))),
        WORKFLOW: lambda: workflow_text(repository),
        SCHEMA: lambda: _schema_text(repository.root),
    }


def _schema_text(root: Path) -> str:
    """Return the schema of suites with the optimizations that an existing table names, too; these are imported."""
    from bench.optimizations.registry import registry
    from bench.suite.schema import schema_text

    return schema_text(registry(find_project(root)))


def _pyproject_change(repository: Repository) -> _Change | None:
    """Return the table to append to the pyproject.toml; None where one is there."""
    file = repository.root / PYPROJECT
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    tool = tomllib.loads(before).get("tool", {})
    if isinstance(tool, dict) and TABLE in tool:
        return None
    addition = ("" if not before else "\n" if before.endswith("\n") else "\n\n") + table_text(repository.trainers)
    try:
        tomllib.loads(before + addition)
    except tomllib.TOMLDecodeError as error:
        expected = f"a file that a table [tool.{TABLE}] can be appended to"
        raise InputError("tool", f"one that cannot be added to ({error})", expected, file=file) from None
    return _Change(PYPROJECT, addition, appended=bool(before))


def _ignore_change(root: Path) -> _Change | None:
    """Return the lines that a .gitignore lacks; None where it has them.

    Raises:
        InputError: it cannot be read.
    """
    file = root / ".gitignore"
    try:
        before = file.read_text(encoding="utf-8") if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("", str(error), "a text file in UTF-8, which lines can be appended to", file=file) from None
    missing = [line for line in IGNORED if line not in before.splitlines()]
    if not missing:
        return None
    gap = "" if not before or before.endswith("\n") else "\n"
    return _Change(file.name, gap + "\n".join(missing) + "\n", appended=bool(before))


def _check_place(root: Path, file: str) -> None:
    """Check that a file can lie where it has to.

    Raises:
        InputError: a file is where a folder has to be, or a folder where the file has to be.
    """
    if (root / file).is_dir():
        raise InputError("FOLDER", f"a folder {root / file}", f"a file, or nothing, as {file}")
    for folder in (root / above for above in Path(file).parents):
        if not folder.is_dir() and (folder.exists() or folder.is_symlink()):
            raise InputError("FOLDER", f"{folder}, which is no folder", f"a folder, or nothing, to write {file} into")


def _carry_out(root: Path, change: _Change) -> Step:
    """Write one change."""
    file = root / change.file
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a" if change.appended else "w", encoding="utf-8") as stream:
        stream.write(change.text)
    return Step(change.file, "appended to" if change.appended else "written")


def _installed(names: Sequence[str]) -> dict[str, str]:
    """Return the versions of packages that are installed, local parts (``+cu126``) left out, and asv's runner."""
    versions = {"pip+asv_runner": version("asv_runner")}
    for name in names:
        try:
            versions[name] = version(name).partition("+")[0]
        except PackageNotFoundError:
            continue
    return versions
