"""Targets for trials that differ from real ones in one point; only the trial's own process is changed."""

from __future__ import annotations

import sys
from multiprocessing.connection import Connection
from typing import Any, cast

from bench.measurements.base import Burst, Measurement
from bench.measurements.registry import MEASUREMENTS
from bench.suite.model import MeasurementName
from bench.trials.child import live_as_trial, run_trial
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


def run_trial_with_a_dead_scheduler(connection: Connection, spec: TrialSpec) -> None:
    """Run a trial whose scheduler plans learning rates and never sets them."""
    from torch.optim.lr_scheduler import LambdaLR

    LambdaLR.step = lambda self, epoch=None: None  # type: ignore[method-assign]
    run_trial(connection, spec)


def run_trial_without_improvement(connection: Connection, spec: TrialSpec) -> None:
    """Run a trial whose epochs are all judged alike."""
    from bench.workloads.trainer import ProbedTrainer

    validate = ProbedTrainer.validate

    def validate_alike(self: ProbedTrainer) -> Any:
        metrics, _ = validate(self)
        return metrics, 0.5

    ProbedTrainer.validate = validate_alike  # type: ignore[method-assign]
    run_trial(connection, spec)


def run_trial_that_says_where_it_compiles(connection: Connection, spec: TrialSpec) -> None:
    """Be a trial that only ends, telling the folders in which torch's compilers and Triton keep what they made."""

    def tell() -> None:
        from torch._inductor.runtime.cache_dir_utils import cache_dir, triton_cache_dir

        raise RuntimeError(f"{cache_dir()} and {triton_cache_dir(0)}")

    live_as_trial(connection, spec, tell)
