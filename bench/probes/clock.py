"""The two clocks that phases are timed with.

A host clock reads the processor's monotonic clock and never waits for a device. An event clock puts CUDA
events into the stream and waits for each, so that work is put down to the phase that asked for it; waiting
hides a starving loader, so it never measures step time or data wait.
"""

from __future__ import annotations

from typing import Any, Protocol

from bench.probes.turns import Turns


class Clock(Protocol):
    """Something that can be read now and subtracted later."""

    def stamp(self) -> Any:
        """Return the present moment, in a form only this clock understands."""

    def seconds(self, earlier: Any, later: Any) -> float:
        """Return the seconds between two stamps of this clock."""


class HostClock:
    """The processor's monotonic clock, which stands still while the trial does."""

    def __init__(self, turns: Turns | None = None) -> None:
        self._turns = turns or Turns()

    def stamp(self) -> int:
        """Return nanoseconds since an arbitrary start."""
        return self._turns.now()

    def seconds(self, earlier: int, later: int) -> float:
        """Return the seconds between two stamps."""
        return (later - earlier) / 1e9


class EventClock:
    """CUDA events on the current stream, each waited for; needs CUDA."""

    def stamp(self) -> Any:
        """Record an event and wait until the device has reached it."""
        import torch

        event: Any = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        event.record()
        event.synchronize()
        return event

    def seconds(self, earlier: Any, later: Any) -> float:
        """Return the device's seconds between two recorded events."""
        return float(earlier.elapsed_time(later)) / 1e3
