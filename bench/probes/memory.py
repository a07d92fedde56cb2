"""Memory of a trial: its own and its loader workers' share of the host's, and the device allocator's."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.probes.phases import Phase, PhaseLedger

SAMPLING_SECONDS = 0.005
PAUSE_PER_READING = 3.0
SAMPLES_BETWEEN_LOOKS_FOR_CHILDREN = 20


def proportional_set_size(pid: int) -> int | None:
    """Return the proportional set size of a process in bytes, or None when it is gone or not readable.

    Pages that processes share are divided among them, so sizes of a trial and its workers add up.
    """
    try:
        return parse_proportional_set_size(Path(f"/proc/{pid}/smaps_rollup").read_text())
    except OSError:
        return None


def parse_proportional_set_size(smaps_rollup: str) -> int | None:
    """Return the bytes that the text of a ``smaps_rollup`` gives as ``Pss``, or None when it gives none."""
    for line in smaps_rollup.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return None


def process_bytes(pid: int) -> int:
    """Return what a process holds of the host's memory in bytes: proportional where known, else unique."""
    size = proportional_set_size(pid)
    if size is not None:
        return size
    try:
        return int(psutil.Process(pid).memory_full_info().uss)
    except psutil.Error:
        return 0


@dataclass
class HostPeaks:
    """Highest sums seen, in bytes.

    Attributes:
        total: of the trial and all its child processes at one moment.
        main: of the trial's main process.
        workers: of its child processes together.
        by_phase: highest total while each phase was running.
    """

    total: int = 0
    main: int = 0
    workers: int = 0
    by_phase: dict[Phase, int] = field(default_factory=dict)

    def sample(self, phase: Phase | None, children: list[int]) -> None:
        """Look once at this process and its ``children``, and put the total down to ``phase``."""
        main = process_bytes(os.getpid())
        workers = sum(map(process_bytes, children))
        self.main = max(self.main, main)
        self.workers = max(self.workers, workers)
        self.total = max(self.total, main + workers)
        if phase is not None:
            self.by_phase[phase] = max(self.by_phase.get(phase, 0), main + workers)


class DevicePeaks:
    """Highest bytes of torch's CUDA allocator in each phase from now on.

    The allocator's books are kept on the host in the order of the program, so no synchronisation is needed.
    """

    def __init__(self, device: str) -> None:
        import torch

        self._device = torch.device(device)
        self.allocated: dict[Phase, int] = {}
        self.reserved: dict[Phase, int] = {}
        # Without this the first phase would be charged with the peak of all training so far.
        torch.cuda.reset_peak_memory_stats(self._device)

    def end_phase(self, phase: Phase, _: Phase) -> None:
        """Put the peaks since the last call down to ``phase``."""
        import torch

        allocated = torch.cuda.max_memory_allocated(self._device)
        reserved = torch.cuda.max_memory_reserved(self._device)
        self.allocated[phase] = max(self.allocated.get(phase, 0), allocated)
        self.reserved[phase] = max(self.reserved.get(phase, 0), reserved)
        torch.cuda.reset_peak_memory_stats(self._device)


@contextmanager
def sampled_host_peaks(phases: PhaseLedger) -> Iterator[HostPeaks]:
    """Sample the host's memory from a thread during a ``with`` block, each sample under the phase it falls in."""
    peaks = HostPeaks()
    done = threading.Event()

    def watch() -> None:
        while True:
            children = [child.pid for child in psutil.Process().children(recursive=True)]
            for _ in range(SAMPLES_BETWEEN_LOOKS_FOR_CHILDREN):
                began = time.monotonic()
                peaks.sample(phases.phase, children)
                # Reading a large process's maps takes a while; reading them all the time would double the epoch.
                if done.wait(max(SAMPLING_SECONDS, PAUSE_PER_READING * (time.monotonic() - began))):
                    return

    watcher = threading.Thread(target=watch, name="memory-sampler", daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        done.set()
        watcher.join()
