"""How long a trial measures before the next one of its block has its turn."""

from __future__ import annotations

from bench.suite.model import MeasurementName

TURN_SECONDS = 0.2
"""Short against how long a shared machine keeps its speed, long against filling a processor's caches again."""


def turn_seconds(measurement: MeasurementName, device: str) -> float | None:
    """Return how long a turn is, in seconds; None where a burst has to be made in one.

    An epoch can stand still between two steps. On a GPU it would have to wait there for what the device was given to
    do, which an epoch does not; and what a measurement of memory or loading asks for goes on by itself.
    """
    return TURN_SECONDS if measurement == "epoch" and device == "cpu" else None
