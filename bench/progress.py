"""Progress of a run for people: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from bench.engines.progress import Progress, Silent
from bench.schedule.duration import duration_text

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def watching(quiet: bool) -> Iterator[Progress]:
    """Yield somebody who shows a run's progress on standard error."""
    if quiet:
        yield Silent()
    elif not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield Lines()
    else:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        texts = ("{task.percentage:3.0f}%", "{task.fields[left]}", "{task.description}")
        # Names of levels are no markup.
        share, left, description = (TextColumn(text, markup=False) for text in texts)
        columns = (BarColumn(), share, TimeElapsedColumn(), left, description)
        # Drawing from a thread of its own would take time from the trial that is being measured.
        with Bar(*columns, console=Console(stderr=True), auto_refresh=False, transient=True) as bar:
            yield OnTerminal(bar)


def left_text(seconds: float | None) -> str:
    """Return how much time is left, in words: ``2 min 05 s left``; nothing where nobody knows."""
    return "" if seconds is None else f"{duration_text(seconds)} left"


class OnTerminal:
    """A bar that is drawn only while all trials stand still."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=1.0, left="")

    def stage(self, text: str) -> None:
        """Show what is going on."""
        self._bar.update(self._task, description=text)
        self._bar.refresh()

    def advance(self, done: float, remaining_seconds: float | None) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=done, left=left_text(remaining_seconds))
        self._bar.refresh()

    def note(self, text: str) -> None:
        """Print a line above the bar."""
        self._bar.console.print(text, markup=False, highlight=False)


class Lines:
    """Plain lines, at most one every ten seconds."""

    def __init__(self) -> None:
        self._last = -math.inf
        self._reached = ""
        self._stage = ""

    def stage(self, text: str) -> None:
        """Print what is going on, when the last line is old enough."""
        self._stage = text
        self._print_if_due()

    def advance(self, done: float, remaining_seconds: float | None) -> None:
        """Print where the run is, when the last line is old enough."""
        left = left_text(remaining_seconds)
        self._reached = f"{done:4.0%}  {left + ', ' if left else ''}"
        self._print_if_due()

    def note(self, text: str) -> None:
        """Print a line."""
        click.echo(text, err=True)

    def _print_if_due(self) -> None:
        now = time.monotonic()
        if now - self._last >= SECONDS_BETWEEN_LINES:
            self._last = now
            click.echo(f"{self._reached}{self._stage}", err=True)
