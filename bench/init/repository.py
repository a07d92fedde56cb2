"""What a training repository is like, as far as the files written into it depend on that."""

from __future__ import annotations

import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from bench.errors import InputError
from bench.init.trainers import FoundTrainer, find_trainers
from bench.project import PYPROJECT


@dataclass(frozen=True)
class Repository:
    """The top of a git checkout.

    Attributes:
        root: its folder.
        name: what the project is called.
        branch: the branch that is checked out; ``main`` where none is.
        is_package: pip can install it.
        requirements: its requirements.txt, if there is one.
        trainers: subclasses of Ultralytics' detection trainer in it.
    """

    root: Path
    name: str
    branch: str
    is_package: bool
    requirements: str | None
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
    project = _pyproject(root).get("project", {})
    files = (_git(root, "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.py") or "").splitlines()
    return Repository(
        root=root,
        name=re.sub(r"[^\w.-]", "-", str(project.get("name", root.name)) if isinstance(project, dict) else root.name),
        branch=_git(root, "symbolic-ref", "--short", "HEAD") or "main",
        is_package=bool(project) or (root / "setup.py").is_file(),
        requirements="requirements.txt" if (root / "requirements.txt").is_file() else None,
        trainers=find_trainers(root, (file for file in files if not _is_test(Path(file)))),
    )


def _pyproject(root: Path) -> dict[str, object]:
    """Return what the pyproject.toml says; nothing where there is none."""
    file = root / PYPROJECT
    try:
        return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError("", str(error), "a TOML file", file=file) from None


def _is_test(file: Path) -> bool:
    return "tests" in file.parts or file.name.startswith("test_") or file.name == "conftest.py"


def _git(folder: Path, *arguments: str) -> str | None:
    """Return what git prints in ``folder``, None when it fails.

    Raises:
        InputError: there is no git, or no folder.
    """
    try:
        command = ["git", "-c", "core.quotePath=false", *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        raise InputError("FOLDER", f"{folder} ({error.strerror})", "a git checkout, and git to look at it") from None
    return done.stdout.strip() if done.returncode == 0 else None
