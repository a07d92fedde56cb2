"""Ultralytics' own training loop, one epoch at a time, taken apart into phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.measurements.base import Burst, Measurement
from bench.probes.clock import EventClock, HostClock
from bench.probes.compilation import compiled_seconds
from bench.probes.phases import Phase, Window

if TYPE_CHECKING:
    from bench.workloads.trainer import ProbedTrainer


class Epoch(Measurement):
    """One epoch with validation and checkpoint.

    Values, in seconds: ``seconds`` (the epoch), ``step`` (a step's mean), ``wait`` (the mean wait for a batch, the
    first included), ``split_seconds`` (the epoch that the phases were taken from) and one for each phase;
    ``training_loss`` is the mean over the epoch's steps, ``steps`` counts them; ``parts_share`` is the sum of the
    phases over the epoch they were taken from, which is timed apart from them; ``compilation`` is what torch's
    compiler took of ``seconds``. Series: ``step`` and ``wait``.

    On a CUDA device a burst is two epochs: the first is not synchronised and gives ``seconds``, ``step`` and
    ``wait``; the second waits for the device at every change of phase and gives the split. On a processor one
    epoch gives both.
    """

    name = "epoch"

    def __init__(self) -> None:
        self._windows: list[Window] = []
        self._seconds: list[float] = []
        self._began = 0
        self._compiled = [compiled_seconds()]

    def epoch_started(self, trainer: ProbedTrainer) -> None:
        """Open the next window."""
        synchronize(trainer)
        self._began = trainer.turns.now()
        trainer.phases.open(EventClock() if self._windows else HostClock(trainer.turns), Phase.FIRST_BATCH)

    def epoch_ended(self, trainer: ProbedTrainer) -> Burst | None:
        """Close the window; on a CUDA device the first is followed by a second."""
        synchronize(trainer)
        self._windows.append(trainer.phases.close())
        self._seconds.append((trainer.turns.now() - self._began) / 1e9)
        self._compiled.append(compiled_seconds())
        if trainer.device.type == "cuda" and len(self._windows) == 1:
            return None
        free, split = self._windows[0], self._windows[-1]
        values = {
            "seconds": self._seconds[0],
            "step": sum(free.steps) / len(free.steps),
            "wait": sum(free.waits) / len(free.waits),
            "steps": float(len(free.steps)),
            "split_seconds": self._seconds[-1],
            "compilation": self._compiled[1] - self._compiled[0],
            "training_loss": sum(float(item) for item in trainer.tloss.values()),
        }
        values |= {phase.value: split.seconds.get(phase, 0.0) for phase in Phase}
        values["parts_share"] = sum(split.seconds.values()) / self._seconds[-1]
        return Burst(values, {"step": free.steps, "wait": free.waits})


def synchronize(trainer: ProbedTrainer) -> None:
    """Wait until the trainer's device has done all it was given; nothing to wait for on a processor."""
    if trainer.device.type == "cuda":
        import torch

        torch.cuda.synchronize(trainer.device)
