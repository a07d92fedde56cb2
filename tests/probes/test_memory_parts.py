"""Bytes are put down to what they are, and the books of the host say what the kernel and the heap hold."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

import bench.probes.books
from bench.measurements.memory_parts import MemoryParts
from bench.probes.books import DeviceBooks, HostBooks, Page
from bench.probes.parts import Moment, Part, moment_of, part_of_birth
from bench.probes.phases import Phase, PhaseLedger
from bench.probes.pictures import pictures_bytes
from bench.probes.resident import Resident, forget_peak, parse_resident, private_bytes, resident, shared_files
from bench.probes.tensors import BirthWatch, bytes_by_part, dense_tensors, storages_of

MEBIBYTE = 2**20


def test_status_gives_what_is_resident_and_the_most() -> None:
    assert parse_resident(b"VmHWM:\t    2048 kB\nVmRSS:\t  1024 kB\n") == Resident(current=MEBIBYTE, peak=2 * MEBIBYTE)


def test_private_pages_are_clean_and_dirty_ones() -> None:
    assert private_bytes("55d0-7ffd ---p [rollup]\nRss: 90 kB\nPrivate_Clean: 3 kB\nPrivate_Dirty: 4 kB\n") == 7 * 1024


def test_peak_outlives_what_was_freed_until_it_is_forgotten() -> None:
    forget_peak()
    before = resident()
    block = bytearray(b"x") * (100 * MEBIBYTE)
    del block
    assert resident().peak >= before.current + 99 * MEBIBYTE
    forget_peak()
    assert resident().peak < before.current + 50 * MEBIBYTE


FREE_EVERY_SECOND = """
import ctypes, torch
from bench.probes.heap import held_free_bytes
from bench.probes.resident import resident
kept = [torch.randn(25_000) for _ in range(2000)]
del kept[::2]
held, before = held_free_bytes(), resident().current
ctypes.CDLL(None).malloc_trim(0)
print(held, before - resident().current)
"""


def test_free_chunks_are_what_trimming_the_heap_gives_back() -> None:
    # A process of its own: whatever ran before leaves chunks too small for a whole page, which cannot be given back.
    done = subprocess.run([sys.executable, "-c", FREE_EVERY_SECOND], capture_output=True, text=True, check=True)
    held, given_back = map(int, done.stdout.split())
    assert held > 50 * MEBIBYTE
    assert given_back == pytest.approx(held, abs=0.1 * held + 4 * MEBIBYTE)


def test_shared_memory_files_are_found_by_inode() -> None:
    descriptor = os.memfd_create("batch")
    try:
        os.write(descriptor, b"x" * 8192)
        status = os.fstat(descriptor)
        assert shared_files(os.getpid())[status.st_dev, status.st_ino] == 8192
    finally:
        os.close(descriptor)


@pytest.mark.parametrize(
    ("ended", "begun", "moment"),
    [
        (Phase.PREPROCESS, Phase.OTHER, Moment.PREPROCESS),
        (Phase.FORWARD, Phase.LOSS, Moment.FORWARD),
        (Phase.FORWARD, Phase.OTHER, None),
        (Phase.LOSS, Phase.FORWARD, Moment.LOSS),
        (Phase.BACKWARD, Phase.OTHER, Moment.BACKWARD),
        (Phase.OPTIMIZER, Phase.EMA, None),
        (Phase.EMA, Phase.OPTIMIZER, None),
        (Phase.OPTIMIZER, Phase.OTHER, Moment.OPTIMIZER),
    ],
)
def test_moments_are_ends_of_phases(ended: Phase, begun: Phase, moment: Moment | None) -> None:
    assert moment_of(ended, begun) is moment


def test_tensors_are_put_down_by_the_phase_they_were_made_in() -> None:
    phases = [Phase.DATA_WAIT, Phase.PREPROCESS, Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, None]
    batch, activations, other = Part.BATCH, Part.ACTIVATIONS, Part.TEMPORARIES
    assert [part_of_birth(phase) for phase in phases] == [batch, batch, activations, activations, other, other]


def test_a_storage_counts_once_and_for_the_first_part() -> None:
    weight = torch.zeros(10)
    named = ((Part.PARAMETERS, [weight]), (Part.EMA, [weight.view(2, 5), torch.zeros(3)]))
    sizes = bytes_by_part(storages_of(named, "cpu"))
    assert (sizes[Part.PARAMETERS], sizes[Part.EMA]) == (40, 12)
    assert storages_of(named, "cuda") == {}


def test_what_a_subclass_wraps_is_what_counts() -> None:
    from torch.testing._internal.two_tensor import TwoTensor

    inner = [torch.zeros(3), torch.ones(3)]
    assert [id(tensor) for tensor in dense_tensors(TwoTensor(*inner))] == [id(tensor) for tensor in inner]


def test_watch_knows_what_is_alive_and_when_it_was_made() -> None:
    ledger = PhaseLedger()
    looks: list[int] = []
    watch = BirthWatch(ledger, "cpu", lambda: looks.append(1))
    with watch:
        ledger.phase = Phase.FORWARD
        kept = torch.zeros(1000) + 1
        ledger.phase = Phase.BACKWARD
        view, made = kept.view(10, 100), torch.zeros(500)
        assert looks == []
        large = torch.zeros(MEBIBYTE)
    assert looks == [1]
    del large
    sizes = bytes_by_part(watch.alive())
    assert (sizes[Part.ACTIVATIONS], sizes[Part.TEMPORARIES]) == (4000, 2000)
    assert view.shape == (10, 100)
    assert made.shape == (500,)


def test_pictures_are_counted_by_the_array_that_owns_them() -> None:
    whole = np.zeros((8, 8, 3), np.uint8)
    assert pictures_bytes(SimpleNamespace(ims=[whole, None, whole[:4]])) == 192
    assert pictures_bytes(SimpleNamespace(ims=SimpleNamespace(buffer=torch.zeros(77, dtype=torch.uint8)))) == 77


def test_device_books_are_the_allocators(monkeypatch: pytest.MonkeyPatch) -> None:
    books = {"allocated_bytes": {"all": {"current": 1024, "peak": 4096}}, "requested_bytes": {"all": {"current": 1000}}}
    monkeypatch.setattr(torch.cuda, "memory_stats_as_nested_dict", lambda device: books)
    assert DeviceBooks("cuda:0").read() == Page(total=1024, most=4096, kept=24)


def test_without_books_of_the_heap_all_counts_as_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.probes.books, "held_free_bytes", lambda: None)
    page = HostBooks().read()
    assert page.kept == 0
    assert page.most >= page.total > MEBIBYTE


class Scripted:
    """Books that say what a test has them say, in MiB."""

    def __init__(self) -> None:
        self.say(1, 1, 0)

    def say(self, total: int, most: int, kept: int) -> None:
        self.page = Page(total * MEBIBYTE, most * MEBIBYTE, kept * MEBIBYTE)

    def read(self) -> Page:
        return self.page

    def forget_peak(self) -> None:
        pass


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """The books of every device and of the host."""
    books = Scripted()
    monkeypatch.setattr("bench.measurements.memory_epochs.DeviceBooks", lambda device: books)
    monkeypatch.setattr("bench.measurements.memory_epochs.HostBooks", lambda: books)
    monkeypatch.setattr("bench.probes.tensors.trainer_storages", lambda trainer: {})
    return books


def test_parts_are_those_of_the_moment_when_most_was_held(books: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {Part.PARAMETERS: 8 * MEBIBYTE, Part.ACTIVATIONS: 0}
    monkeypatch.setattr("bench.probes.tensors.bytes_by_part", lambda storages: dict(sizes))
    trainer: Any = SimpleNamespace(
        device=torch.device("cuda:0"), phases=PhaseLedger(), args=SimpleNamespace(compile=False)
    )
    measurement = MemoryParts()
    for _ in range(2):
        measurement.epoch_started(trainer)
        with trainer.phases.inside(Phase.PREPROCESS):
            books.say(total=11, most=11, kept=1)
        trainer.phases.switch(Phase.FORWARD)
        sizes[Part.ACTIVATIONS] = 20 * MEBIBYTE
        books.say(total=33, most=36, kept=3)
        trainer.phases.switch(Phase.LOSS)
        trainer.phases.switch(Phase.OTHER)
        trainer.phases.switch(Phase.BACKWARD)
        # Activations are gone, but most of what they took is kept, and in between more was held than ever.
        sizes[Part.ACTIVATIONS] = 0
        books.say(total=35, most=39, kept=24)
        trainer.phases.switch(Phase.OTHER)
        trainer.phases.switch(Phase.VALIDATION)
        burst = measurement.epoch_ended(trainer)
    assert burst is not None
    values = {name: size / MEBIBYTE for name, size in burst.values.items()}
    # Before the forward pass 10 are needed, 8 of them weights: 2 are set-up. 39 - 35 = 4 were a workspace, and
    # 39 - (8 + 2 + 24 + 4) = 1 is nowhere in the books.
    expected = {"parameters": 8, "activations": 0, "set_up": 2, "allocator": 24, "workspace": 4, "unexplained": 1}
    assert {name: values[name] for name in expected} == expected
    assert (values["peak"], values["watched_peak"], values["total_after_forward"]) == (39, 39, 33)
    assert (values["activations_after_forward"], values["allocator_after_forward"]) == (20, 3)
    assert trainer.phases.on_switch is None


def test_most_activations_are_seen_when_they_are_gone_by_the_peak(books: Scripted) -> None:
    trainer: Any = SimpleNamespace(
        device=torch.device("cpu"),
        phases=PhaseLedger(),
        args=SimpleNamespace(compile=False),
        train_loader=SimpleNamespace(dataset=None),
        bytes_before=0,
    )
    measurement = MemoryParts()
    for _ in range(2):
        measurement.epoch_started(trainer)
        with trainer.phases.inside(Phase.PREPROCESS):
            books.say(total=1, most=1, kept=0)
        trainer.phases.switch(Phase.FORWARD)
        kept = torch.zeros(2 * MEBIBYTE, dtype=torch.uint8)
        passing = torch.zeros(3 * MEBIBYTE, dtype=torch.uint8)
        del passing
        trainer.phases.switch(Phase.LOSS)
        trainer.phases.switch(Phase.OTHER)
        trainer.phases.switch(Phase.BACKWARD)
        del kept
        books.say(total=9, most=9, kept=8)
        trainer.phases.switch(Phase.OTHER)
        burst = measurement.epoch_ended(trainer)
    assert burst is not None
    values = {name: size / MEBIBYTE for name, size in burst.values.items()}
    assert (values["most_activations"], values["activations_after_forward"], values["activations"]) == (5, 2, 0)
    assert values["allocator"] == 8


def test_of_several_epochs_the_highest_peaks_count(books: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.probes.tensors.bytes_by_part", lambda storages: {Part.PARAMETERS: 8 * MEBIBYTE})
    trainer: Any = SimpleNamespace(
        device=torch.device("cuda:0"), phases=PhaseLedger(), args=SimpleNamespace(compile=False)
    )
    measurement = MemoryParts(2)
    bursts = []
    for most in (50, 40, 45, 48):
        measurement.epoch_started(trainer)
        with trainer.phases.inside(Phase.PREPROCESS):
            books.say(total=11, most=11, kept=0)
        trainer.phases.switch(Phase.FORWARD)
        trainer.phases.switch(Phase.LOSS)
        trainer.phases.switch(Phase.OTHER)
        trainer.phases.switch(Phase.BACKWARD)
        books.say(total=most, most=most, kept=0)
        trainer.phases.switch(Phase.OTHER)
        trainer.phases.switch(Phase.VALIDATION)
        bursts.append(measurement.epoch_ended(trainer))
    assert bursts[:3] == [None, None, None]
    burst = bursts[3]
    assert burst is not None
    # The first two are left alone, the others watched.
    assert (burst.values["peak"] / MEBIBYTE, burst.values["watched_peak"] / MEBIBYTE) == (50, 48)
    assert trainer.phases.on_switch is None
