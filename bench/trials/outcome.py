"""A trial's ways to fail."""

from __future__ import annotations

from enum import StrEnum


class Failure(StrEnum):
    """Why a trial ended before its time; one vocabulary for journal, reports and exit messages."""

    OUT_OF_MEMORY = "out of memory"
    TIMED_OUT = "timed out"
    CRASHED = "crashed"
    EXCEPTION = "exception"
    LOSS_NOT_FINITE = "loss not finite"
    NOT_COMPARABLE = "not comparable"
