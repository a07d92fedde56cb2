"""Memory is read as the kernel and the allocator give it, and put down to the phase it was seen in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from fake_time import FakeTime
from processes import eventually

import bench.probes.memory
from bench.probes.memory import (
    DevicePeaks,
    HostPeaks,
    parse_proportional_set_size,
    process_bytes,
    proportional_set_size,
    sampled_host_peaks,
)
from bench.probes.phases import Phase, PhaseLedger

MEGABYTE = 1_000_000

SMAPS_ROLLUP = """\
55d0c7a5e000-7ffd6b5f2000 ---p 00000000 00:00 0                          [rollup]
Rss:               12204 kB
Pss:                5120 kB
Pss_Dirty:          3072 kB
Pss_Anon:           3000 kB
Shared_Clean:       8060 kB
"""


def test_proportional_set_size_is_the_line_pss_in_bytes() -> None:
    assert parse_proportional_set_size(SMAPS_ROLLUP) == 5120 * 1024


def test_text_without_pss_gives_none() -> None:
    assert parse_proportional_set_size("Rss: 12204 kB\nPss_Dirty: 3072 kB\n") is None
    assert parse_proportional_set_size("") is None


def test_process_that_is_gone_holds_nothing() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert proportional_set_size(gone.pid) is None
    assert process_bytes(gone.pid) == 0


def test_size_where_proportions_are_not_known_is_what_the_process_has_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.probes.memory, "proportional_set_size", lambda pid: None)
    assert process_bytes(os.getpid()) > MEGABYTE


def test_peaks_are_the_highest_sums_seen_by_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {os.getpid(): 100, 2: 10, 3: 20}
    monkeypatch.setattr(bench.probes.memory, "process_bytes", sizes.__getitem__)
    peaks = HostPeaks()
    peaks.sample(Phase.FORWARD, [2, 3])  # 100 + 30
    sizes |= {os.getpid(): 70, 2: 45}
    peaks.sample(Phase.BACKWARD, [2, 3])  # 70 + 65
    peaks.sample(Phase.FORWARD, [2])  # 70 + 45
    peaks.sample(None, [])  # 70 + 0
    assert (peaks.total, peaks.main, peaks.workers) == (135, 100, 65)
    assert peaks.by_phase == {Phase.FORWARD: 130, Phase.BACKWARD: 135}


def test_sampler_puts_samples_down_to_the_running_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    size = 1
    monkeypatch.setattr(bench.probes.memory, "process_bytes", lambda pid: size if pid == os.getpid() else 0)
    ledger = PhaseLedger()
    ledger.open(FakeTime(), Phase.FORWARD)
    with sampled_host_peaks(ledger) as peaks:
        assert eventually(lambda: peaks.by_phase == {Phase.FORWARD: 1})
        ledger.switch(Phase.BACKWARD)
        size = 5
        assert eventually(lambda: peaks.by_phase.get(Phase.BACKWARD) == 5)
    ledger.switch(Phase.EMA)
    assert set(peaks.by_phase) == {Phase.FORWARD, Phase.BACKWARD}
    assert peaks.total == 5


def test_even_an_empty_block_is_sampled_once() -> None:
    ledger = PhaseLedger()
    ledger.open(FakeTime(), Phase.FORWARD)
    with sampled_host_peaks(ledger) as peaks:
        pass
    assert peaks.by_phase[Phase.FORWARD] == peaks.total > MEGABYTE


@contextmanager
def child_holding(megabytes: int) -> Iterator[int]:
    """A child process that has written to so much memory."""
    code = f"kept = bytearray(b'x') * ({megabytes} * {MEGABYTE}); print('full', flush=True); input()"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "full\n"
    try:
        yield child.pid
    finally:
        child.communicate("\n")


def sampled_once() -> HostPeaks:
    """The sums now; the test process may have other children."""
    ledger = PhaseLedger()
    ledger.open(FakeTime(), Phase.FORWARD)
    with sampled_host_peaks(ledger) as peaks:
        assert eventually(lambda: peaks.total > 0)
    return peaks


def test_memory_of_child_processes_counts() -> None:
    before = sampled_once()
    with child_holding(100):
        peaks = sampled_once()
    assert 95 * MEGABYTE < peaks.workers - before.workers < 130 * MEGABYTE
    assert max(peaks.main, peaks.workers) < peaks.total <= peaks.main + peaks.workers


class FakeAllocator:
    """The books of a CUDA allocator: what is held now, and the most since the last reset."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.held = self.peak = 0
        monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: self.peak)
        monkeypatch.setattr(torch.cuda, "max_memory_reserved", lambda device: 2 * self.peak)
        monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", self.reset)

    def hold(self, size: int) -> None:
        self.held = size
        self.peak = max(self.peak, size)

    def reset(self, device: object) -> None:
        assert str(device) == "cuda:0"
        self.peak = self.held


def test_device_peaks_belong_to_the_phase_in_which_they_were_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    allocator = FakeAllocator(monkeypatch)
    allocator.hold(1000)  # an epoch before, none of this window's business
    allocator.hold(10)
    peaks = DevicePeaks("cuda:0")
    ledger = PhaseLedger()
    ledger.open(FakeTime(), Phase.FIRST_BATCH)
    ledger.on_switch = peaks.end_phase
    ledger.switch(Phase.FORWARD)
    allocator.hold(50)
    ledger.switch(Phase.BACKWARD)
    allocator.hold(70)
    allocator.hold(10)
    ledger.switch(Phase.FORWARD)
    allocator.hold(40)
    ledger.close()
    assert peaks.allocated == {Phase.FIRST_BATCH: 10, Phase.FORWARD: 50, Phase.BACKWARD: 70}
    assert peaks.reserved == {Phase.FIRST_BATCH: 20, Phase.FORWARD: 100, Phase.BACKWARD: 140}
