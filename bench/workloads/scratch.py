"""Folders for what lives no longer than a run: its trials' views, outputs and checkpoints.

They lie beside the caches, since a folder for temporary files often is memory, which trials are to be measured in.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bench.workloads.cache import CacheUnusableError, cache_root

FOLDER = "scratch"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make an empty folder that goes with the ``with`` block, or when the next one is made if this process is killed.

    Whoever uses a folder holds a lock on the file beside it, which the system lets go however the process ends. Numbers
    of processes would not tell: they are used anew, and containers that share a cache have numbers of their own.

    Raises:
        CacheUnusableError: the folder for prepared data cannot be written.
    """
    root = cache_root() / FOLDER
    try:
        root.mkdir(parents=True, exist_ok=True)
        with (root / ".lock").open("w") as door:
            # A folder that was just made is not locked yet, so nobody may look for unlocked ones meanwhile.
            fcntl.flock(door, fcntl.LOCK_EX)
            _clear(root)
            folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=root))
            lock = _lock_of(folder).open("w")
            fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError as error:
        raise CacheUnusableError(
            f"cannot keep trials' folders in {root}: {error.strerror}; set BENCH_CACHE to a folder that can be written"
        ) from error
    with lock:
        try:
            yield folder
        finally:
            _remove(folder)


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def _clear(root: Path) -> None:
    """Remove the folders that nobody uses any more."""
    for folder in root.iterdir():
        if folder.is_dir():
            with _lock_of(folder).open("w") as lock:
                if _is_free(lock):
                    _remove(folder)


def _is_free(lock: IO[str]) -> bool:
    """Return whether nobody held the lock; it is held then."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove(folder: Path) -> None:
    """Remove a folder; one that is killed over this leaves no lock without a folder, which nobody would look at."""
    _lock_of(folder).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
