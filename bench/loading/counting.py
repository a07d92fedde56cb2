"""Counting calls in a trial and in the loader workers forked from it."""

from __future__ import annotations

import multiprocessing
import threading
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


class Span(threading.local):
    """Whether this thread is inside a call of a certain function; pictures are cached by many threads at once."""

    inside = False

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``function`` so that this thread is inside while it runs."""

        def call(*args: Any, **kwargs: Any) -> Any:
            before, self.inside = self.inside, True
            try:
                return function(*args, **kwargs)
            finally:
                self.inside = before

        return call


def counted(
    function: Callable[..., Any], count: SharedCount, when: Callable[..., bool] = lambda *_, **__: True
) -> Callable[..., Any]:
    """Return ``function`` so that a call for whose arguments ``when`` holds adds one to ``count``."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if when(*args, **kwargs):
            count.add_one()
        return function(*args, **kwargs)

    return call
