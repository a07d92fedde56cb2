"""A batch in parts."""

from __future__ import annotations

from typing import Any

import pytest
from starting import StartTrial

from bench.optimizations.gradient_accumulation import GradientAccumulation, IndivisibleBatchError
from bench.suite.model import Workload


def test_parts_make_up_the_batch(tiny_workload: Workload) -> None:
    settings: dict[str, Any] = {"batch": 12, "nbs": 64}
    GradientAccumulation(3, tiny_workload).configure(settings)
    assert settings == {"batch": 4, "nbs": 12}


def test_unequal_parts_are_refused(tiny_workload: Workload) -> None:
    with pytest.raises(IndivisibleBatchError, match="a batch of 10 does not fall into 4 equal parts"):
        GradientAccumulation(4, tiny_workload).configure({"batch": 10})
    assert GradientAccumulation.conflict({"gradient_accumulation": 4, "batch": 10}) is not None
    assert GradientAccumulation.conflict({"gradient_accumulation": 5, "batch": 10}) is None
    assert GradientAccumulation.conflict({"gradient_accumulation": 4}) is None


def test_accumulation_and_batch_go_together(start_trial: StartTrial) -> None:
    trial = start_trial({"batch": 8, "gradient_accumulation": 2})
    trial.ready()
    trial.measure("epoch")
    trial.measure("forward_backward")
    trial.measure("epoch")
    evidence = trial.evidence()
    assert evidence["batch"].in_force, evidence["batch"].observed
    # 24 images are 6 batches of 4; a step after each second one makes 6 in two epochs.
    assert evidence["gradient_accumulation"].observed == "6 optimizer steps in 12 batches of 4 images"
    assert evidence["gradient_accumulation"].in_force
