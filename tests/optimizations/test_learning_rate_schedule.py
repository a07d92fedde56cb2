"""Learning rates by hand: 100 epochs, ending at a hundredth where the end can be set."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from starting import StartTrial

from bench.optimizations.learning_rate_schedule import rate_factor

factor = partial(rate_factor, epochs=100, final=0.01)


@pytest.mark.parametrize(
    ("schedule", "epoch", "expected"),
    [
        ("constant", 0, 1.0),
        ("constant", 99, 1.0),
        ("linear", 0, 1.0),
        ("linear", 50, 0.505),  # 0.5 * 0.99 + 0.01
        ("linear", 99, 0.0199),  # 0.01 * 0.99 + 0.01
        ("cosine", 0, 1.0),
        ("cosine", 50, 0.505),  # half way between 1 and 0.01
        ("cosine", 25, 0.8550178567),  # 0.01 + 0.99 * (1 + sqrt(1/2)) / 2
        ("step", 0, 1.0),
        ("step", 33, 1.0),
        ("step", 34, 0.1),
        ("step", 66, 0.1),
        ("step", 67, 0.01),
        ("step", 99, 0.01),
        ("one-cycle", 0, 0.04),  # 1 / 25
        ("one-cycle", 15, 0.52),  # half way between 0.04 and 1
        ("one-cycle", 30, 1.0),
        ("one-cycle", 65, 0.500002),  # half way between 1 and 0.04 / 10000
        ("one-cycle", 100, 0.000004),
    ],
)
def test_factor_is_the_one_worked_out_by_hand(schedule: str, epoch: int, expected: float) -> None:
    assert factor(schedule, epoch) == pytest.approx(expected, rel=1e-6)


def test_one_cycle_is_torchs_own() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    # torch puts the peak one step before a share of the steps and the end on the last step.
    torch_one = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=101, pct_start=31 / 101)
    for epoch in range(100):
        assert optimizer.param_groups[0]["lr"] == pytest.approx(factor("one-cycle", epoch), rel=1e-6)
        optimizer.step()
        torch_one.step()


def test_training_starts_at_the_schedules_first_rate(start_trial: StartTrial) -> None:
    trial = start_trial({"learning_rate_schedule": "one-cycle"})
    trial.ready()
    trial.measure("epoch")
    evidence = trial.evidence()["learning_rate_schedule"]
    assert evidence.in_force
    assert evidence.observed.startswith("rate factors 0.04, ")
