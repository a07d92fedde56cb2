"""Findings about the room that training has: memory, swap and disk."""

from __future__ import annotations

from bench.doctor.conditions import Conditions
from bench.doctor.finding import Finding, Status
from bench.environment.machine import Machine

MEBIBYTE = 1024**2
GIBIBYTE = 1024**3

LITTLE_MEMORY = 3 * GIBIBYTE
"""A process that trains the smallest model holds about 1 GiB; a run has a server and two trials at least."""

LITTLE_DISK = 2 * GIBIBYTE
"""Pictures cached on disk, a data set's tiles and every trial's weights have to find room."""


def memory_finding(machine: Machine) -> Finding:
    """Return whether the trials of a block find room in the host's memory."""
    text = f"{_gibibytes(machine.memory_bytes)} available"
    if machine.memory_bytes < LITTLE_MEMORY:
        consequence = f"a block needs about {_gibibytes(LITTLE_MEMORY)} for the smallest models; trials may be killed"
        return Finding("memory", Status.WARNING, text, consequence)
    return Finding("memory", Status.OK, text)


def swap_finding(conditions: Conditions) -> Finding:
    """Return whether memory has been moved to disk."""
    text = f"{conditions.swap_used_bytes / MEBIBYTE:.0f} MiB in use"
    if conditions.swap_used_bytes > 0:
        consequence = "a trial that waits may be swapped out, and its next burst pays for it; free memory"
        return Finding("swap", Status.WARNING, text, consequence)
    return Finding("swap", Status.OK, text)


def disk_finding(conditions: Conditions) -> Finding:
    """Return whether the disk that results are written to has room."""
    text = f"{_gibibytes(conditions.free_disk_bytes)} free where results are written"
    if conditions.free_disk_bytes < LITTLE_DISK:
        return Finding("disk", Status.WARNING, text, "cached pictures, weights and journals may not fit")
    return Finding("disk", Status.OK, text)


def _gibibytes(size: int) -> str:
    """Return a number of bytes in GiB."""
    return f"{size / GIBIBYTE:.1f} GiB"
