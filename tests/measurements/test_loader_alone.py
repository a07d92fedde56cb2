"""The loader's figures, worked out by hand for one whose every batch takes a known time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fake_time import FakeTime

import bench.measurements.data_loading
from bench.measurements.data_loading import DataLoading

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
    time = FakeTime()
    loader = FakeLoader(time, workers, prefetch_factor)

    def process(pid: int) -> Any:
        assert pid in WORKERS | {os.getpid()}
        seconds = 0.5 if pid == os.getpid() else 1.5
        times = SimpleNamespace(user=100 + 0.8 * seconds * loader.steady, system=0.2 * seconds * loader.steady)
        return SimpleNamespace(cpu_times=lambda: times)

    monkeypatch.setattr(bench.measurements.data_loading, "time", time)
    monkeypatch.setattr(bench.measurements.data_loading, "psutil", SimpleNamespace(Process=process, NoSuchProcess=KeyError))
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
