"""Counting calls in a trial and in the loader workers forked from it."""

from __future__ import annotations

import multiprocessing
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any


class SharedCount:
    """A number that a process and all processes forked from it afterwards add to."""

    def __init__(self) -> None:
        self._value = multiprocessing.Value("q", 0)

    def add_one(self) -> None:
        """Add one."""
        with self._value.get_lock():
            self._value.value += 1

    @property
    def value(self) -> int:
        """The number."""
        return int(self._value.value)


class Tally:
    """Counts of what happens inside the calls of one function, in a process and all processes forked from it.

    A call's counts are added when it ends, all at once: whoever looks while a worker is at work sees whole calls.
    """

    def __init__(self, *names: str) -> None:
        self._totals = multiprocessing.Array("q", len(names))
        self._names = names
        # Many threads fill a cache of pictures at once.
        self._here = threading.local()

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``function`` so that what is noted during a call of it counts."""

        def call(*args: Any, **kwargs: Any) -> Any:
            outer, seen = getattr(self._here, "seen", None), Counter[str]()
            self._here.seen = seen
            try:
                return function(*args, **kwargs)
            finally:
                self._here.seen = outer
                with self._totals.get_lock():
                    for index, name in enumerate(self._names):
                        self._totals[index] += seen[name]

        return call

    def note(self, name: str) -> None:
        """Count ``name`` once, if this thread is inside a call."""
        seen = getattr(self._here, "seen", None)
        if seen is not None:
            seen[name] += 1

    def noting(
        self, function: Callable[..., Any], name: str, when: Callable[..., bool] = lambda *_, **__: True
    ) -> Callable[..., Any]:
        """Return ``function`` so that a call for whose arguments ``when`` holds is noted as ``name``."""

        def call(*args: Any, **kwargs: Any) -> Any:
            if when(*args, **kwargs):
                self.note(name)
            return function(*args, **kwargs)

        return call

    def totals(self) -> dict[str, int]:
        """Return the counts of the calls that have ended."""
        with self._totals.get_lock():
            return dict(zip(self._names, self._totals[:], strict=True))


def counted(
    function: Callable[..., Any], count: SharedCount, when: Callable[..., bool] = lambda *_, **__: True
) -> Callable[..., Any]:
    """Return ``function`` so that a call for whose arguments ``when`` holds adds one to ``count``."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if when(*args, **kwargs):
            count.add_one()
        return function(*args, **kwargs)

    return call
