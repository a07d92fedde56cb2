"""A ledger of phases: every moment of a window belongs to exactly one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bench.probes.clock import Clock, HostClock


class Phase(StrEnum):
    """The named shares of an epoch; a step has those from ``DATA_WAIT`` to ``EMA``, and ``OTHER``."""

    FIRST_BATCH = "first_batch"
    DATA_WAIT = "data_wait"
    PREPROCESS = "preprocess"
    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    OPTIMIZER = "optimizer"
    EMA = "ema"
    VALIDATION = "validation"
    CHECKPOINT = "checkpoint"
    OTHER = "other"


@dataclass(frozen=True)
class Window:
    """What a ledger held when it was closed.

    Attributes:
        seconds: time spent in each phase that occurred.
        steps: seconds of each training step, from its batch's arrival to its end.
        waits: seconds each step's batch was waited for, the first one included.
    """

    seconds: dict[Phase, float]
    steps: tuple[float, ...]
    waits: tuple[float, ...]


class PhaseLedger:
    """Puts time down to phases while a window is open, and costs nothing but a test while none is.

    Phases nest: time inside an inner phase is the inner one's alone.
    """

    def __init__(self) -> None:
        self.clock: Clock = HostClock()
        self.phase: Phase | None = None
        self.on_switch: Callable[[Phase, Phase], None] | None = None
        self._marks: list[tuple[Phase, Any]] = []
        self._steps: list[list[int]] = []

    def open(self, clock: Clock, phase: Phase) -> None:
        """Start a window in ``phase``, timed by ``clock``."""
        self.clock = clock
        self._marks = []
        self._steps = []
        self.phase = phase
        self.switch(phase)

    def switch(self, phase: Phase) -> None:
        """From now on time belongs to ``phase``; does nothing while no window is open."""
        if self.phase is None:
            return
        if self.on_switch is not None:
            self.on_switch(self.phase, phase)
        self._marks.append((phase, self.clock.stamp()))
        self.phase = phase

    @contextmanager
    def inside(self, phase: Phase) -> Iterator[None]:
        """Put the time of a ``with`` block down to ``phase``, then go on with the phase before it."""
        if self.phase is None:
            yield
            return
        before = self.phase
        self.switch(phase)
        try:
            yield
        finally:
            self.switch(before)

    def begin_step(self) -> None:
        """A batch has arrived: waiting is over and the step starts."""
        self.switch(Phase.OTHER)
        if self.phase is not None:
            self._steps.append([len(self._marks) - 1])

    def end_step(self) -> None:
        """The step is over: from now on the next batch is waited for."""
        self.switch(Phase.DATA_WAIT)
        if self.phase is not None:
            self._steps[-1].append(len(self._marks) - 1)

    def close(self) -> Window:
        """End the window and return what it held.

        Raises:
            RuntimeError: no window is open.
        """
        if self.phase is None:
            raise RuntimeError("no window is open")
        self.switch(self.phase)
        self.phase = None
        seconds: dict[Phase, float] = {}
        for (phase, began), (_, ended) in zip(self._marks, self._marks[1:], strict=False):
            seconds[phase] = seconds.get(phase, 0.0) + self.clock.seconds(began, ended)
        whole = [step for step in self._steps if len(step) == 2]
        return Window(seconds, tuple(map(self._step_seconds, whole)), tuple(map(self._wait_seconds, whole)))

    def _step_seconds(self, step: list[int]) -> float:
        begin, end = step
        return self.clock.seconds(self._marks[begin][1], self._marks[end][1])

    def _wait_seconds(self, step: list[int]) -> float:
        arrived = step[0]
        return self.clock.seconds(self._marks[arrived - 1][1], self._marks[arrived][1])
