"""The trainer's model, loss and optimizer on fixed batches that are on the device already."""

from __future__ import annotations

import itertools
import math
import time
from typing import TYPE_CHECKING, Any

from bench.measurements.base import Burst, Measurement
from bench.measurements.epoch import synchronize
from bench.probes.clock import Clock, EventClock, HostClock
from bench.probes.phases import Phase, Window

if TYPE_CHECKING:
    from bench.workloads.trainer import ProbedTrainer

FIXED_BATCHES = 2
FEWEST_STEPS = 4


class ForwardBackward(Measurement):
    """Seconds of a step's compute, without loading.

    Values, in seconds a step, which is one batch: ``step``, ``forward``, ``loss``, ``backward``, ``optimizer`` (with
    the EMA's update), ``other``; in seconds an image: ``seconds_per_image`` (of ``step``), ``forward_per_image``,
    ``backward_per_image``, which alone compare where batches differ in size; ``parts_share`` is the sum of these parts
    over a step that is timed apart from them. The weights change as often as in training: after every batch, or with
    gradient accumulation after every so many, which then share the time that it takes. All trials of a suite compute
    the same batches: the data set's first pictures, not augmented, preprocessed once.
    """

    name = "forward_backward"

    def start(self, trainer: ProbedTrainer) -> Burst:
        """Measure between two epochs; needs the training loop to have run one."""
        batches = trainer.fixed_batches(FIXED_BATCHES)
        steps = steps_a_burst(trainer.accumulate)
        free, step = _timed_steps(trainer, batches, steps, HostClock())
        split, split_step = free, step
        if trainer.device.type == "cuda":
            split, split_step = _timed_steps(trainer, batches, steps, EventClock())
        images = sum(len(batch["img"]) for batch in batches) / len(batches)
        per_step = {phase: seconds / steps for phase, seconds in split.seconds.items()}
        return Burst(
            {
                "seconds_per_image": step / images,
                "forward_per_image": per_step.get(Phase.FORWARD, 0.0) / images,
                "backward_per_image": per_step.get(Phase.BACKWARD, 0.0) / images,
                "step": step,
                "forward": per_step.get(Phase.FORWARD, 0.0),
                "loss": per_step.get(Phase.LOSS, 0.0),
                "backward": per_step.get(Phase.BACKWARD, 0.0),
                "optimizer": per_step.get(Phase.OPTIMIZER, 0.0) + per_step.get(Phase.EMA, 0.0),
                "other": per_step.get(Phase.OTHER, 0.0),
                "parts_share": sum(per_step.values()) / split_step,
            }
        )


def steps_a_burst(accumulate: int) -> int:
    """Return how many batches a burst computes: whole optimizer steps of ``accumulate``, and each batch as often."""
    whole = math.lcm(accumulate, FIXED_BATCHES)
    return math.ceil(FEWEST_STEPS / whole) * whole


def _timed_steps(
    trainer: ProbedTrainer, batches: list[dict[str, Any]], steps: int, clock: Clock
) -> tuple[Window, float]:
    """Run so many steps in one window; return it and the mean seconds of a step."""
    synchronize(trainer)
    began = time.perf_counter()
    trainer.phases.open(clock, Phase.OTHER)
    for number, batch in enumerate(itertools.islice(itertools.cycle(batches), steps), start=1):
        trainer.step_on(batch, update=number % trainer.accumulate == 0)
    synchronize(trainer)
    window = trainer.phases.close()
    return window, (time.perf_counter() - began) / steps
