"""Errors that a user can act on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class BenchError(Exception):
    """Something went wrong that the user should read about, without a traceback."""

    exit_code = 1


class NoAnswerError(BenchError):
    """A command whose exit code 1 is an answer, such as a regression, has none to give."""

    exit_code = 2


@dataclass(eq=False)
class InputError(BenchError):
    """The user's input cannot be used: where it is, what was found and what was expected.

    Attributes:
        field: dotted path of the offending value, such as ``workload.batch``; "" for the whole input.
        found: the offending value as the user wrote it.
        expected: what would have been accepted.
        nearest: the valid name most like what was found, or None.
        file: the file the value was read from, or None when it came from the command line.
        line: 1-based line in ``file``, or None when there is none.
    """

    field: str
    found: str
    expected: str
    nearest: str | None = None
    file: Path | None = None
    line: int | None = None

    exit_code = 2

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross process borders whole; exceptions made with keywords do not by themselves."""
        return type(self), (self.field, self.found, self.expected, self.nearest, self.file, self.line)

    def __str__(self) -> str:
        """One error as a person reads it: place, field, found, expected, nearest."""
        place = "" if self.file is None else f"{self.file}" + ("" if self.line is None else f":{self.line}") + ": "
        field = f"{self.field}: " if self.field else ""
        hint = f"; did you mean {self.nearest!r}?" if self.nearest else ""
        return f"{place}{field}found {self.found}; expected {self.expected}{hint}"


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """Return the member of ``known`` most like ``name``, or None when nothing is close."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return matches[0] if matches else None
