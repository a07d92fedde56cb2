"""Targets for trials that differ from real ones in one point; only the trial's own process is changed."""

from __future__ import annotations

import sys
from multiprocessing.connection import Connection
from typing import Any, cast

from bench.measurements.base import Burst, Measurement
from bench.measurements.registry import MEASUREMENTS
from bench.suite.model import MeasurementName
from bench.trials.child import run_trial
from bench.trials.messages import TrialSpec
from bench.workloads import proxies, settings

LOOK = cast(MeasurementName, "look")


class Look(Measurement):
    """Shows what no measurement reports."""

    def start(self, trainer: Any) -> Burst:
        import torch

        image = trainer.fixed_batches(1)[0]["img"]
        return Burst(
            {
                "torch": float(id(sys.modules["torch"])),
                "threads": float(torch.get_num_threads()),
                "workers": float(trainer.train_loader.num_workers),
                "pixels": float(image.sum()),
                "channels_last": float(image.is_contiguous(memory_format=torch.channels_last)),
            }
        )


def run_trial_with_look(connection: Connection, spec: TrialSpec) -> None:
    """Run a trial that can be asked for a ``Look``."""
    MEASUREMENTS[LOOK] = Look
    run_trial(connection, spec)


def run_trial_of_two_epochs(connection: Connection, spec: TrialSpec) -> None:
    """Run a trial whose training is planned to end."""
    settings.EPOCHS = 2
    run_trial(connection, spec)


def run_trial_that_raises(connection: Connection, spec: TrialSpec, error: Exception, losses: int) -> None:
    """Run a trial whose training raises ``error`` once so many losses have been computed."""
    compute = proxies.TimedCriterion.__call__
    left = losses

    def fail(self: proxies.TimedCriterion, *args: Any, **kwargs: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise error
        return compute(self, *args, **kwargs)

    proxies.TimedCriterion.__call__ = fail  # type: ignore[method-assign]
    run_trial(connection, spec)
