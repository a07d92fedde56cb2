"""Progress of a run for people: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from bench.engines.progress import Progress, Silent

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def watching(quiet: bool) -> Iterator[Progress]:
    """Yield somebody who shows a run's progress on standard error."""
    if quiet:
        yield Silent()
    elif not sys.stderr.isatty():
        yield Lines()
    else:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        columns = (BarColumn(), TextColumn("{task.percentage:3.0f}%"), TimeElapsedColumn(), "{task.fields[left]}")
        # Drawing from a thread of its own would take time from the trial that is being measured.
        console = Console(stderr=True)
        with Bar(*columns, "{task.description}", console=console, auto_refresh=False, transient=True) as bar:
            yield OnTerminal(bar)


def left_text(seconds: float | None) -> str:
    """Return how much time is left, in words: ``2m 05s left``."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m {rest:02}s left" if minutes else f"{rest}s left"


class OnTerminal:
    """A bar that is drawn between bursts only."""

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
    """Plain lines, one every ten seconds."""

    def __init__(self) -> None:
        self._last = 0.0
        self._stage = ""

    def stage(self, text: str) -> None:
        """Remember what is going on; the first thing is printed at once."""
        self._stage = text
        if self._last == 0.0:
            self._print(text)

    def advance(self, done: float, remaining_seconds: float | None) -> None:
        """Print where the run is, when the last line is old enough."""
        if time.monotonic() - self._last >= SECONDS_BETWEEN_LINES:
            left = left_text(remaining_seconds)
            self._print(f"{done:4.0%}  {left + ', ' if left else ''}{self._stage}")

    def note(self, text: str) -> None:
        """Print a line."""
        click.echo(text, err=True)

    def _print(self, text: str) -> None:
        self._last = time.monotonic()
        click.echo(text, err=True)
