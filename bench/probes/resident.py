"""Physical memory of this process and of its loader workers, as the kernel counts it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

SHARED_FILES = ("/dev/shm/torch_", "/memfd:")
"""How the files begin in which torch's loaders hand over tensors."""
SECTOR = 512
"""Bytes of a block as ``stat`` counts them, on every file system."""


@dataclass(frozen=True)
class Resident:
    """Pages of a process that are in memory, shared ones counted whole, in bytes.

    Attributes:
        current: now.
        peak: the most since the last ``forget_peak``.
    """

    current: int
    peak: int


def resident() -> Resident:
    """Return what this process has in memory."""
    return parse_resident(Path("/proc/self/status").read_bytes())


def parse_resident(status: bytes) -> Resident:
    """Return what the text of a process's ``status`` says."""
    return Resident(current=_kibibytes(status, b"VmRSS:") * 1024, peak=_kibibytes(status, b"VmHWM:") * 1024)


def forget_peak() -> None:
    """Let the kernel count this process's peak anew from what is in memory now.

    Source: https://www.kernel.org/doc/html/latest/filesystems/proc.html (clear_refs, 5)
    """
    Path("/proc/self/clear_refs").write_text("5")


def private_bytes(smaps_rollup: str) -> int:
    """Return the bytes that a process shares with no other, out of the text of its ``smaps_rollup``."""
    lines = [line.split() for line in smaps_rollup.splitlines()]
    return sum(int(words[1]) * 1024 for words in lines if words[0] in {"Private_Clean:", "Private_Dirty:"})


def workers_bytes(pids: Iterable[int]) -> int:
    """Return what loader workers add to what this process holds: their private pages and the batches on their way.

    Workers are forked, so most of what they map is this process's own. A batch that waits lies in shared memory
    that no process need have mapped; it is found by the files that workers keep open, each counted once.
    """
    own = set(shared_files(os.getpid()))
    files: dict[tuple[int, int], int] = {}
    private = 0
    for pid in pids:
        try:
            private += private_bytes(Path(f"/proc/{pid}/smaps_rollup").read_text())
        except OSError:
            continue
        files |= shared_files(pid)
    return private + sum(size for file, size in files.items() if file not in own)


def shared_files(pid: int) -> Mapping[tuple[int, int], int]:
    """Return device and inode of the shared-memory files a process has open, with the bytes they occupy."""
    found = {}
    try:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if str(link.readlink()).startswith(SHARED_FILES):
                    status = link.stat()
                    found[status.st_dev, status.st_ino] = status.st_blocks * SECTOR
            except OSError:
                continue
    except OSError:
        pass
    return found


def _kibibytes(status: bytes, name: bytes) -> int:
    begin = status.index(name) + len(name)
    return int(status[begin : status.index(b"kB", begin)])
