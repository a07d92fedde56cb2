"""What a measurement is to the trial that runs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from bench.suite.model import MeasurementName

if TYPE_CHECKING:
    from bench.workloads.trainer import ProbedTrainer


@dataclass(frozen=True)
class Burst:
    """What one burst gave.

    Attributes:
        values: figures by name; each measurement documents its names and units.
        series: figures step by step, in seconds.
    """

    values: dict[str, float]
    series: dict[str, tuple[float, ...]] = field(default_factory=dict)


class Measurement:
    """One burst of one kind, in the making.

    A measurement that needs epochs of the training loop returns None from ``start`` and is told of each epoch's
    start and end until ``epoch_ended`` returns a burst; one that needs none returns its burst from ``start``.
    """

    name: ClassVar[MeasurementName]

    def __init__(self, epochs: int = 1) -> None:
        """Prepare a burst of ``epochs`` epochs in a row, where it is of epochs."""
        self.epochs = epochs

    def start(self, trainer: ProbedTrainer) -> Burst | None:
        """Measure at once between two epochs, or return None to have the loop run on."""
        return None

    def epoch_started(self, trainer: ProbedTrainer) -> None:
        """The loop is about to run an epoch for this burst."""

    def epoch_ended(self, trainer: ProbedTrainer) -> Burst | None:
        """The epoch is over, validation and checkpoint included; return the burst, or None for another epoch."""
        return None
