"""What /proc says of processes, read without the code under test."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


def stat_fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; field N of proc(5) is at index N - 3."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()


def group(number: int) -> set[int]:
    """The processes of a group that are not dead; a zombie is."""
    members = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = stat_fields(int(entry.name))
            except OSError:
                continue
            if int(fields[2]) == number and fields[0] not in "ZX":
                members.add(int(entry.name))
    return members


def states(pids: set[int]) -> set[str]:
    return {stat_fields(pid)[0] for pid in pids}


def cpu_ticks(pids: set[int]) -> int:
    """Clock ticks that processes have spent in user and system mode."""
    return sum(int(field) for pid in pids for field in stat_fields(pid)[11:13])


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether a condition comes true; signals take effect a moment after they are sent."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
