"""The trainer's own loader, iterated alone as fast as it can give."""

from __future__ import annotations

import contextlib
import itertools
import os
import resource
import sys
import time
from typing import TYPE_CHECKING, Any

import psutil

from bench.measurements.base import Burst, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.workloads.trainer import ProbedTrainer

BATCHES_PER_WORKER = 8


class DataLoading(Measurement):
    """Capacity of the loader when nothing else runs.

    Values: ``seconds_per_image``, ``seconds_per_batch``, ``images_per_second``, ``first_batch`` (seconds from a new
    iterator, workers not yet started, to its first batch), ``main_cpu_per_batch`` and ``worker_cpu_per_batch``
    (processor seconds of the main process, and of all workers together, for one batch). Where batches differ in size,
    only the figures by image compare.

    The iterator is made anew, so that nothing prefetched during training comes for free, and as many batches as
    the workers' queue holds are taken out before the clock starts.
    """

    name = "data_loading"

    def start(self, trainer: ProbedTrainer) -> Burst:
        """Measure between two epochs."""
        loader = trainer.train_loader
        loader.reset()
        began = time.perf_counter()
        stream = _endless(loader)
        next(stream)
        first_batch = time.perf_counter() - began
        workers = len(_workers(loader))
        for _ in range((loader.prefetch_factor or 0) * workers):
            next(stream)
        batches = max(len(loader), BATCHES_PER_WORKER * max(1, workers))
        images = 0
        main_cpu, worker_cpu = _cpu_seconds([os.getpid()]), _worker_cpu_seconds(loader)
        began = time.perf_counter()
        for batch in itertools.islice(stream, batches):
            images += len(batch["im_file"])
        seconds = time.perf_counter() - began
        return Burst(
            {
                "seconds_per_image": seconds / images,
                "seconds_per_batch": seconds / batches,
                "images_per_second": images / seconds,
                "first_batch": first_batch,
                "main_cpu_per_batch": (_cpu_seconds([os.getpid()]) - main_cpu) / batches,
                "worker_cpu_per_batch": (_worker_cpu_seconds(loader) - worker_cpu) / batches,
            }
        )


def _endless(loader: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield batches epoch after epoch from one persistent iterator, as Ultralytics' loader does."""
    while True:
        yield from loader


def _workers(loader: Any) -> list[int]:
    """Return the process numbers of a loader's workers."""
    return [worker.pid for worker in getattr(loader.iterator, "_workers", ())]


def _worker_cpu_seconds(loader: Any) -> float:
    """Return the processor seconds of a loader's workers so far, those that have ended among them."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime + _cpu_seconds(_workers(loader))


def _cpu_seconds(pids: list[int]) -> float:
    """Return the processor seconds that processes have used so far; one that has ended counts elsewhere."""
    total = 0.0
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess, OSError):
            total += _clock_seconds(pid) if sys.platform == "linux" else _accounted_seconds(pid)
    return total


def _clock_seconds(pid: int) -> float:
    """Return what a process's own clock shows, to the nanosecond.

    The clock of another process has a number made of the process's: clock_getcpuclockid(3), of which Python has no
    equivalent. CPUCLOCK_SCHED, 2 in include/linux/posix-timers.h, asks for what the scheduler has counted.
    """
    return time.clock_gettime(~pid << 3 | 2)


def _accounted_seconds(pid: int) -> float:
    """Return user and system seconds of a process, which most systems count in hundredths."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system
