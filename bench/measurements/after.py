"""What comes out of the training: size, speed, accuracy and energy of the trained model as it is deployed."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from bench.measurements.base import Burst, Measurement
from bench.measurements.epoch import synchronize
from bench.probes.nvml import gpu_meter

if TYPE_CHECKING:
    from bench.workloads.trainer import ProbedTrainer

SECONDS = 1.0
"""How long the model is run for its latency, and again for its throughput."""


class After(Measurement):
    """The weights that validation uses, as they are now, in the runtime and with the numbers of the combination.

    Values: ``size`` in bytes of what would be shipped; ``latency_p50`` and ``latency_p95`` in seconds for one picture
    alone; ``seconds_per_image`` in batches of the training's size, the median call's; ``map50`` and ``map50_95`` on
    the validation split, 0 to 1; ``deploying``, the seconds that bringing the model there took, for one picture;
    and where NVML tells, ``joules_per_image`` of the whole GPU in those batches. Timed is the network with the
    decoding of its boxes, pictures in memory to predictions in memory, without non-maximum suppression. Series:
    ``latency``, call by call.
    """

    name = "after"

    def start(self, trainer: ProbedTrainer) -> Burst:
        """Deploy, time and validate at once, between two epochs; the training is left as it was."""
        import time

        from bench.after.accuracy import accuracy
        from bench.after.deploy import deploy, trained_copy
        from bench.after.percentile import percentile
        from bench.after.pictures import training_pictures
        from bench.after.timing import time_calls

        batch = trainer.batch_size
        images = training_pictures(trainer, batch)
        many = deploy(trainer, batch)
        began = time.perf_counter()
        single = deploy(trainer, 1)
        deploying = time.perf_counter() - began
        meter = gpu_meter(str(trainer.device))
        alone = time_calls(lambda: single(images[:1]), lambda: synchronize(trainer), meter, SECONDS)
        together = time_calls(lambda: many(images), lambda: synchronize(trainer), meter, SECONDS)
        judged = accuracy(trainer, single, trained_copy(trainer))
        values = {
            "size": float(single.size),
            "latency_p50": percentile(alone.seconds, 50),
            "latency_p95": percentile(alone.seconds, 95),
            "seconds_per_image": median(together.seconds) / batch,
            "map50": judged.map50,
            "map50_95": judged.map50_95,
            "deploying": deploying,
        }
        if together.joules is not None:
            values["joules_per_image"] = together.joules / (len(together.seconds) * batch)
        return Burst(values, {"latency": alone.seconds})
