"""Ultralytics' own training loop, by epochs, taken apart into phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.measurements.base import Burst, Measurement
from bench.probes.clock import Clock, EventClock, HostClock
from bench.probes.compilation import compiled_seconds
from bench.probes.phases import Phase, Window

if TYPE_CHECKING:
    from bench.workloads.trainer import ProbedTrainer


class Epoch(Measurement):
    """An epoch with validation and checkpoint, or the mean of several in a row where they are not alike.

    Values, in seconds: ``seconds`` (the epoch), ``step`` (a step's mean), ``wait`` (the mean wait for a batch, the
    first included), ``split_seconds`` (the epoch that the phases were taken from) and one for each phase;
    ``training_loss`` is the mean over the last epoch's steps, ``steps`` counts an epoch's; ``parts_share`` is the sum
    of the phases over the epoch they were taken from, which is timed apart from them; ``compilation`` is what torch's
    compiler took of ``seconds``. Series: ``step`` and ``wait``, of all epochs.

    On a CUDA device a burst is twice as many epochs: the first half is not synchronised and gives ``seconds``,
    ``step`` and ``wait``; the other waits for the device at every change of phase and gives the split. On a processor
    the same epochs give both.
    """

    name = "epoch"

    def __init__(self, epochs: int = 1) -> None:
        super().__init__(epochs)
        self._windows: list[Window] = []
        self._seconds: list[float] = []
        self._began = 0
        self._compiled = [compiled_seconds()]

    def epoch_started(self, trainer: ProbedTrainer) -> None:
        """Open the next window."""
        synchronize(trainer)
        self._began = trainer.turns.now()
        clock: Clock = HostClock(trainer.turns) if len(self._windows) < self.epochs else EventClock()
        trainer.phases.open(clock, Phase.FIRST_BATCH)

    def epoch_ended(self, trainer: ProbedTrainer) -> Burst | None:
        """Close the window; on a CUDA device as many follow as there were without synchronisation."""
        synchronize(trainer)
        self._windows.append(trainer.phases.close())
        self._seconds.append((trainer.turns.now() - self._began) / 1e9)
        self._compiled.append(compiled_seconds())
        epochs = self.epochs
        if len(self._windows) < (2 * epochs if trainer.device.type == "cuda" else epochs):
            return None
        free, split = self._windows[:epochs], self._windows[-epochs:]
        steps = tuple(seconds for window in free for seconds in window.steps)
        waits = tuple(seconds for window in free for seconds in window.waits)
        split_seconds = sum(self._seconds[-epochs:])
        parts = {phase: sum(window.seconds.get(phase, 0.0) for window in split) for phase in Phase}
        values = {
            "seconds": sum(self._seconds[:epochs]) / epochs,
            "step": sum(steps) / len(steps),
            "wait": sum(waits) / len(waits),
            "steps": len(steps) / epochs,
            "split_seconds": split_seconds / epochs,
            "compilation": (self._compiled[epochs] - self._compiled[0]) / epochs,
            "training_loss": sum(float(item) for item in trainer.tloss.values()),
        }
        values |= {phase.value: seconds / epochs for phase, seconds in parts.items()}
        values["parts_share"] = sum(parts.values()) / split_seconds
        return Burst(values, {"step": steps, "wait": waits})


def synchronize(trainer: ProbedTrainer) -> None:
    """Wait until the trainer's device has done all it was given; nothing to wait for on a processor."""
    if trainer.device.type == "cuda":
        import torch

        torch.cuda.synchronize(trainer.device)
