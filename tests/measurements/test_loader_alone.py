"""The loader's figures, worked out by hand for one whose every batch takes a known time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fake_time import FakeTime

import bench.measurements.data_loading
from bench.measurements.data_loading import DataLoading, _accounted_seconds, _cpu_seconds

WORKERS = {101, 102}


class FakeLoader:
    """Three batches an epoch of four pictures.

    The first batch takes 10 seconds, those that fill the workers' queue none, and every later one 2 seconds, in
    which the main process computes for half a second and each worker for 1.5.
    """

    def __init__(self, time: FakeTime, workers: int, prefetch_factor: int | None) -> None:
        self.time = time
        self.prefetch_factor = prefetch_factor
        self.queued = workers * (prefetch_factor or 0)
        self.iterator = SimpleNamespace(_workers=[SimpleNamespace(pid=pid) for pid in sorted(WORKERS)[:workers]])
        self.given = -1
        self.steady = 0

    def reset(self) -> None:
        self.given = 0

    def __len__(self) -> int:
        return 3

    def __iter__(self) -> Iterator[dict[str, Any]]:
        assert self.given >= 0, "not reset"
        for _ in range(3):
            if self.given == 0:
                self.time.advance(10)
            elif self.given > self.queued:
                self.steady += 1
                self.time.advance(2)
            self.given += 1
            yield {"im_file": ["a", "b", "c", "d"]}


@pytest.mark.parametrize(
    ("workers", "prefetch_factor", "batches"), [(0, None, 8), (1, 2, 8), (2, 4, 16)], ids=["none", "one", "two"]
)
def test_figures_of_a_known_loader(
    monkeypatch: pytest.MonkeyPatch, workers: int, prefetch_factor: int | None, batches: int
) -> None:
    clock = FakeTime()
    loader = FakeLoader(clock, workers, prefetch_factor)

    def cpu_seconds(pids: list[int]) -> float:
        assert set(pids) <= WORKERS | {os.getpid()}
        return sum(100 + (0.5 if pid == os.getpid() else 1.5) * loader.steady for pid in pids)

    monkeypatch.setattr(bench.measurements.data_loading, "time", clock)
    monkeypatch.setattr(bench.measurements.data_loading, "_cpu_seconds", cpu_seconds)
    burst = DataLoading().start(cast(Any, SimpleNamespace(train_loader=loader)))
    assert loader.given == 1 + loader.queued + batches
    assert burst.values == {
        "seconds_per_image": 0.5,
        "seconds_per_batch": 2,
        "images_per_second": 2,
        "first_batch": 10,
        "main_cpu_per_batch": pytest.approx(0.5),
        "worker_cpu_per_batch": pytest.approx(1.5 * workers),
    }


@pytest.mark.skipif(sys.platform != "linux", reason="processor time in hundredths of a second")
def test_processor_time_of_another_process_is_finer_than_hundredths() -> None:
    work = "import time\nwhile time.process_time() < 0.1234: pass\nprint(time.process_time(), flush=True)\ninput()"
    command = [sys.executable, "-c", work]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        used = float(worker.stdout.readline())
        own, other = _cpu_seconds([os.getpid()]), _cpu_seconds([worker.pid])
        # What printing takes comes on top.
        assert used <= other < used + 0.003
        assert _cpu_seconds([os.getpid(), worker.pid]) == pytest.approx(own + other, abs=0.003)
        worker.communicate("")
        assert _cpu_seconds([worker.pid]) == 0.0


def test_processor_time_as_other_systems_account_it() -> None:
    assert _accounted_seconds(os.getpid()) == pytest.approx(time.process_time(), abs=0.1)
