"""How git is run: in a folder that decides the repository, with its words decoded whatever they are."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Literal

OTHER_REPOSITORY = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"})


def git_environment() -> dict[str, str]:
    """Return this process's environment without what would win over the folder that git is told.

    A hook of git's that calls us has these set, to its own repository and its half-made index.
    """
    return {name: value for name, value in os.environ.items() if name not in OTHER_REPOSITORY}


def run_git(
    folder: Path,
    *arguments: str,
    seconds: float | None,
    errors: Literal["replace", "surrogateescape"] = "replace",
) -> str:
    """Return what git prints in ``folder``.

    Args:
        folder: where it is run.
        arguments: its own.
        seconds: longest it may take; None for any time.
        errors: what becomes of bytes that are no UTF-8; ``surrogateescape`` where they are names of files.

    Raises:
        OSError: there is no git, or no folder.
        subprocess.SubprocessError: it fails, or takes too long.
    """
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        errors=errors,
        timeout=seconds,
        check=True,
        env=git_environment(),
    )
    return done.stdout


def git_says(folder: Path, *arguments: str, seconds: float) -> str | None:
    """Return what git prints in ``folder`` without locking anything, None when it fails or is not there."""
    try:
        return run_git(folder, "--no-optional-locks", *arguments, seconds=seconds)
    except (OSError, subprocess.SubprocessError):
        return None
