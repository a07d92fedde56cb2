"""Apache Otava's own environment: its pinned numpy and scipy clash with those that train."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.engines.progress import Progress
from bench.errors import BenchError
from bench.history.own_group import TimedOutError, run_in_own_group
from bench.workloads.cache import CacheUnusableError, built_once, cache_root

REQUIREMENTS = Path(__file__).with_name("requirements.txt")

INSTALL_SECONDS = 900.0
"""Longest that making the environment, or filling it, may take."""


class OtavaUnavailableError(BenchError):
    """The search for changes could not take place."""

    exit_code = 2


def otava_python(progress: Progress) -> Path:
    """Return the Python of an environment that has Apache Otava; made on first use, in the cache folder.

    pip finds packages as it does for the user: its configuration files and environment variables apply.

    Args:
        progress: told that packages are being installed.

    Raises:
        OtavaUnavailableError: the environment cannot be made; nothing of it is left.
    """
    folder = environment_folder(cache_root(), REQUIREMENTS.read_bytes(), platform.python_version())

    def build(partial: Path) -> None:
        progress.note(f"installing Apache Otava, once, into {folder}")
        _step([sys.executable, "-m", "virtualenv", "--quiet", str(partial)])
        install = ["install", "--quiet", "--no-deps", "--only-binary=:all:", "--requirement", str(REQUIREMENTS)]
        _step([str(_python(partial)), "-I", "-m", "pip", *install])
        # A platform's wheels may install and yet not load; better known now than from within a search.
        _step([str(_python(partial)), "-I", "-c", "import otava.series"])

    try:
        return _python(built_once(folder, build))
    except CacheUnusableError as error:
        raise OtavaUnavailableError(f"Apache Otava cannot be installed: {error}") from error


def requirements() -> list[str]:
    """Return what is installed, such as ``numpy==2.2.0``."""
    return [line for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def environment_folder(root: Path, requirements: bytes, python: str) -> Path:
    """Return where the environment for these requirements and this version of Python is kept.

    Args:
        root: the cache folder.
        requirements: content of the requirements file; another content gives another folder.
        python: version, such as ``3.11.7``.
    """
    return root / "otava" / f"{hashlib.sha256(requirements).hexdigest()[:12]}-python{python}"


def failure_line(output: str) -> str:
    """Return the line of a failed command's output that says most: the first of pip's errors, else the last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return errors[0] if errors else (lines or ["no output"])[-1]


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"


def _step(command: Sequence[str]) -> None:
    """Run one step of making the environment.

    Raises:
        OtavaUnavailableError: the step failed.
    """
    try:
        done = run_in_own_group(command, "", INSTALL_SECONDS)
    except (OSError, TimedOutError) as error:
        raise _unavailable(str(error)) from error
    if done.returncode != 0:
        raise _unavailable(failure_line(done.stdout + done.stderr))


def _unavailable(reason: str) -> OtavaUnavailableError:
    return OtavaUnavailableError(
        f"Apache Otava cannot be installed ({reason}); once, on first use, pip must reach a package index with the "
        f"packages of {REQUIREMENTS}: connect, or set PIP_INDEX_URL, and run the command again"
    )
