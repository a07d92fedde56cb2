"""Ends a trial that takes more of the host's memory than it was granted, before the system ends something else."""

from __future__ import annotations

import threading
from types import TracebackType

import psutil

from bench.probes.memory import process_bytes
from bench.trials.warden import kill_group

SECONDS_BETWEEN_LOOKS = 0.02


class MemoryGuard:
    """Watches a process group from a thread during a ``with`` block.

    Attributes:
        peak: most bytes added up at one look that had come near what was granted.
        ended: the group was ended for taking more than granted.
    """

    def __init__(self, group: int, granted: int) -> None:
        """Prepare to watch the group led by process ``group``; it may take ``granted`` bytes."""
        self.peak = 0
        self.ended = False
        self._group = group
        self._granted = granted
        self._done = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="memory-guard", daemon=True)

    def __enter__(self) -> MemoryGuard:
        """Begin to watch."""
        self._watcher.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop watching."""
        self._done.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._done.wait(SECONDS_BETWEEN_LOOKS):
            # Exact sizes take the system long to add up and hold the trial up meanwhile; these are never too small.
            if sum(map(_most_bytes, self._members())) <= self._granted:
                continue
            taken = sum(map(process_bytes, self._members()))
            self.peak = max(self.peak, taken)
            if taken > self._granted:
                self.ended = True
                kill_group(self._group)
                return

    def _members(self) -> list[int]:
        """Return the processes of the group that are alive."""
        try:
            leader = psutil.Process(self._group)
            return [self._group, *(child.pid for child in leader.children(recursive=True))]
        except psutil.Error:
            return []


def _most_bytes(pid: int) -> int:
    """Return what a process has in memory, pages that it shares counted in full; 0 when it is gone."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
