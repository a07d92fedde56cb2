"""Where prepared data is kept, and how it gets there whole or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from bench.errors import BenchError


class CacheUnusableError(BenchError):
    """The folder for prepared data cannot be written."""


def cache_root() -> Path:
    """Return the absolute folder for prepared data.

    This is ``$BENCH_CACHE`` where it is set, else ``yolo-train-bench`` in the user's cache folder. Nothing is
    created.
    """
    chosen = os.environ.get("BENCH_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # The XDG specification says that a relative XDG_CACHE_HOME is to be ignored.
    return (base if base.is_absolute() else Path.home() / ".cache") / "yolo-train-bench"


def built_once(folder: Path, build: Callable[[Path], None]) -> Path:
    """Return ``folder``, filled by ``build`` if it is not there yet.

    ``build`` is given an empty sibling folder that takes the name of ``folder`` only when it is complete. Of
    several processes that race, one builds and the others wait for it; what a killed build left is cleared
    away.

    Args:
        folder: the finished folder; its parents are made as needed.
        build: fills the empty folder that it is given.

    Raises:
        CacheUnusableError: the parent of ``folder`` cannot be written.
        Exception: whatever ``build`` raises; nothing of its work is left.
    """
    if folder.is_dir():
        return folder
    partial = folder.with_name(f".{folder.name}.partial")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = folder.with_name(f".{folder.name}.lock").open("w")
    except OSError as error:
        raise CacheUnusableError(
            f"cannot keep prepared data in {folder.parent}: {error.strerror}; "
            "set BENCH_CACHE to a folder that can be written"
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            # Only the lock's holder writes here, so whatever is there belongs to a build that was killed.
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            try:
                build(partial)
                partial.rename(folder)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    return folder
