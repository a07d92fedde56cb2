"""Turns of a burst: a trial stands still in the middle of one while the others of its block go on with theirs."""

from __future__ import annotations

import time
from collections.abc import Callable


def never() -> None:
    """Stand still for no time; what a trial does whose bursts are whole."""


class Turns:
    """A trial's own time, which stands still with it.

    A machine that others share changes its speed from one second to the next. Bursts that alternate many times a
    second, and not once in an epoch, are all measured in the same mixture of its moods.
    """

    def __init__(self) -> None:
        self._stand_still: Callable[[], None] = never
        self._length: float | None = None
        self._began = 0
        self._stood_still = 0

    def begin(self, length: float | None, stand_still: Callable[[], None] = never) -> None:
        """Begin a burst.

        Args:
            length: seconds after which the others have their turn; None for a burst in one turn.
            stand_still: returns when it is this trial's turn again.
        """
        self._length = length
        self._stand_still = stand_still
        self._began = time.perf_counter_ns()

    def offer(self) -> None:
        """Stand still if the turn is over; nothing may be under way that goes on by itself."""
        now = time.perf_counter_ns()
        if self._length is None or now - self._began < self._length * 1e9:
            return
        self._stand_still()
        self._began = time.perf_counter_ns()
        self._stood_still += self._began - now

    def now(self) -> int:
        """Return nanoseconds of this trial's own time since an arbitrary start."""
        return time.perf_counter_ns() - self._stood_still
