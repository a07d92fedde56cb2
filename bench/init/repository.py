"""What a training repository is like, as far as the files written into it depend on that."""

from __future__ import annotations

import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from bench.environment.git import run_git
from bench.errors import InputError
from bench.init.dependencies import needed_here
from bench.init.packaging import missing_table
from bench.init.trainers import FoundTrainer, find_trainers
from bench.project import PYPROJECT

_NOT_UTF8 = re.compile(r"[\udc80-\udcff]")
"""Stands for a byte that is no UTF-8 in what git prints; no file that is written here can name such a path."""


@dataclass(frozen=True)
class Repository:
    """The top of a git checkout.

    Attributes:
        root: its folder.
        name: what the project is called.
        branch: the branch that is checked out; ``main`` where none is.
        is_package: pip can install it.
        missing_table: what its pyproject.toml has to say for pip to install it once it has suites; None for nothing.
        requirements: its requirements.txt, if there is one.
        dependencies: the packages that it says it needs.
        trainers: subclasses of Ultralytics' detection trainer in it.
    """

    root: Path
    name: str
    branch: str
    is_package: bool
    missing_table: str | None
    requirements: str | None
    dependencies: tuple[str, ...]
    trainers: tuple[FoundTrainer, ...]


def look_at(folder: Path) -> Repository:
    """Return what a repository is like; nothing in it is executed.

    Raises:
        InputError: ``folder`` is not the top of a git checkout, or its pyproject.toml cannot be read.
    """
    root = folder.resolve()
    top = _git(root, "rev-parse", "--show-toplevel")
    if top is None or Path(top) != root:
        found = f"{folder}, which {'is no git repository' if top is None else f'lies in the checkout {top}'}"
        raise InputError("FOLDER", found, "the top of a git checkout; `git init` makes one")
    pyproject = _pyproject(root)
    project = pyproject.get("project", {})
    files = _python_files(root)
    return Repository(
        root=root,
        name=re.sub(r"[^\w.-]", "-", str(project.get("name", root.name)) if isinstance(project, dict) else root.name),
        branch=_git(root, "symbolic-ref", "--short", "HEAD") or "main",
        is_package=bool(project) or (root / "setup.py").is_file(),
        missing_table=None if _setup_names_code(root) else missing_table(pyproject, files),
        requirements="requirements.txt" if (root / "requirements.txt").is_file() else None,
        dependencies=needed_here([*_declared(project), *_text(root / "requirements.txt").splitlines()]),
        trainers=find_trainers(root, (file for file in files if not _is_test(Path(file)))),
    )


def _python_files(root: Path) -> list[str]:
    """Return the Python files that git tracks or would, relative to ``root``, as far as they can be named."""
    listed = _git(root, "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.py") or ""
    return [file for file in listed.splitlines() if not _NOT_UTF8.search(file)]


def _pyproject(root: Path) -> dict[str, object]:
    """Return what the pyproject.toml says; nothing where there is none."""
    file = root / PYPROJECT
    try:
        return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError("", str(error), "a TOML file", file=file) from None


def _declared(project: object) -> list[str]:
    """Return the dependencies of a pyproject.toml's table ``[project]``."""
    declared = project.get("dependencies", []) if isinstance(project, dict) else []
    return [each for each in declared if isinstance(each, str)] if isinstance(declared, list) else []


def _setup_names_code(root: Path) -> bool:
    """Return whether a setup.py or setup.cfg says which packages or modules there are."""
    return any(re.search(r"\b(packages|py_modules)\s*=", _text(root / name)) for name in ("setup.py", "setup.cfg"))


def _text(file: Path) -> str:
    """Return what a file says, "" where there is none."""
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""


def _is_test(file: Path) -> bool:
    return "tests" in file.parts or file.name.startswith("test_") or file.name == "conftest.py"


def _git(folder: Path, *arguments: str) -> str | None:
    """Return what git prints in ``folder``, None when it fails.

    Raises:
        InputError: there is no git, or no folder.
    """
    try:
        return run_git(folder, "-c", "core.quotePath=false", *arguments, seconds=None, errors="surrogateescape").strip()
    except subprocess.CalledProcessError:
        return None
    except OSError as error:
        raise InputError("FOLDER", f"{folder} ({error.strerror})", "a git checkout, and git to look at it") from None
