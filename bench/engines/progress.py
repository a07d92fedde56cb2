"""What an engine tells those who watch."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Somebody who watches a run; called while all trials stand still, so that watching costs no measured time."""

    def stage(self, text: str) -> None:
        """A new part of the run begins."""

    def advance(self, done: float, remaining_seconds: float | None) -> None:
        """A share ``done`` (0 to 1) of the run is over; ``remaining_seconds`` is None while nobody can know."""

    def note(self, text: str) -> None:
        """Something happened that the user should read."""


class Silent:
    """Nobody watches."""

    def stage(self, text: str) -> None:
        """Say nothing."""

    def advance(self, done: float, remaining_seconds: float | None) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""
