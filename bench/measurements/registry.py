"""Measurements by name."""

from __future__ import annotations

from bench.measurements.after import After
from bench.measurements.base import Measurement
from bench.measurements.data_loading import DataLoading
from bench.measurements.epoch import Epoch
from bench.measurements.forward_backward import ForwardBackward
from bench.measurements.learning import Learning
from bench.measurements.memory import Memory
from bench.measurements.memory_parts import MemoryParts
from bench.suite.model import MeasurementName

MEASUREMENTS: dict[MeasurementName, type[Measurement]] = {
    each.name: each for each in (Memory, MemoryParts, Epoch, Learning, DataLoading, ForwardBackward, After)
}
"""In the order in which a launch makes them: what leaves training as it was comes first, and learning after the epochs
that it need not train itself."""
