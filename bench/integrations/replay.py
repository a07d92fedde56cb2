"""Figures that were measured elsewhere, told to pytest-benchmark as if it had timed them, by public API only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture


class ReplayTimer:
    """A clock whose readings, taken in pairs, lie exactly as far apart as the samples loaded into it."""

    # pytest-benchmark writes the name of the timer into its JSON.
    __name__ = "replay"

    def __init__(self) -> None:
        self._readings: Iterator[float] = iter(())

    def load(self, samples: Sequence[float]) -> None:
        """Set what comes next; ``samples`` are seconds."""
        # Starting from 0 each time keeps every digit of a sample; adding up would round it.
        self._readings = iter([reading for sample in samples for reading in (0.0, sample)])

    def __call__(self) -> float:
        """Return the next reading in seconds."""
        return next(self._readings)


def replay(benchmark: BenchmarkFixture, timer: ReplayTimer, samples: Sequence[float]) -> None:
    """Give each of ``samples`` (seconds) to ``benchmark`` as one round.

    Args:
        benchmark: a fixture that measures with ``timer``.
        timer: the clock that its test is marked with.
        samples: one or more.
    """
    timer.load(samples)
    benchmark.pedantic(_nothing, rounds=len(samples), iterations=1)


def _nothing() -> None:
    """Stand in for what took the time."""
