"""Learning rates by hand: 100 epochs, ending at a hundredth where the end can be set."""

from __future__ import annotations

import re
from functools import partial
from types import SimpleNamespace

import pytest
import torch
from odd_trials import run_trial_with_a_dead_scheduler
from starting import StartTrial
from ultralytics.engine.trainer import BaseTrainer

import bench.trials.trial
from bench.optimizations.base import Evidence
from bench.optimizations.learning_rate_schedule import rate_factor
from bench.suite.model import Learning, Workload

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
        # After the last epoch each stays where it ended.
        ("constant", 150, 1.0),
        ("linear", 150, 0.01),
        ("cosine", 150, 0.01),
        ("step", 150, 0.01),
        ("one-cycle", 150, 0.000004),
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


@pytest.mark.parametrize(("schedule", "cosine"), [("linear", False), ("cosine", True)])
def test_linear_and_cosine_are_ultralytics_own(schedule: str, cosine: bool) -> None:
    trainer = SimpleNamespace(
        args=SimpleNamespace(cos_lr=cosine, lrf=0.01),
        epochs=100,
        optimizer=torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0),
    )
    BaseTrainer._setup_scheduler(trainer)
    assert [trainer.lf(epoch) for epoch in range(100)] == pytest.approx(
        [factor(schedule, epoch) for epoch in range(100)]
    )


def evidence_of_two_epochs(start_trial: StartTrial, schedule: str) -> Evidence:
    """Train two of three planned epochs: those of 24 pictures each that hold 72."""
    trial = start_trial({"learning_rate_schedule": schedule}, learning=Learning(images=3 * 24))
    trial.ready()
    trial.measure("epoch")
    trial.measure("epoch")
    return trial.evidence()["learning_rate_schedule"]


@pytest.mark.parametrize(
    ("schedule", "first", "second"),
    [
        ("constant", 1.0, 1.0),
        ("linear", 1.0, 0.67),  # 2/3 * 0.99 + 0.01
        ("cosine", 1.0, 0.7525),  # 0.01 + 0.99 * (1 + cos 60 degrees) / 2
        ("step", 1.0, 0.1),
        ("one-cycle", 0.04, 0.9944),  # 1/21 of the way down: (1 + cos(180 degrees / 21)) / 2
    ],
)
def test_two_epochs_show_the_rates_of_their_schedule(
    start_trial: StartTrial, schedule: str, first: float, second: float
) -> None:
    evidence = evidence_of_two_epochs(start_trial, schedule)
    assert evidence.in_force, evidence
    shown = re.fullmatch(
        r"rate factor (\S+) in epoch 1, (\S+) in epoch 2; planned by the formula over 3 epochs", evidence.observed
    )
    assert shown, evidence.observed
    # Shown with three digits.
    assert [float(rate) for rate in shown.groups()] == pytest.approx([first, second], rel=2e-3)


@pytest.mark.parametrize("schedule", ["cosine", "step"])
def test_a_schedule_that_never_reaches_the_optimizer_is_found_out(
    start_trial: StartTrial, monkeypatch: pytest.MonkeyPatch, schedule: str
) -> None:
    monkeypatch.setattr(bench.trials.trial, "run_trial", run_trial_with_a_dead_scheduler)
    evidence = evidence_of_two_epochs(start_trial, schedule)
    assert not evidence.in_force
    # Ultralytics' optimizer stays at the rate that it was built with.
    expected = "rate factor 1 in epoch 1, 1 in epoch 2; planned by the formula over 3 epochs"
    assert evidence.observed == expected


def test_rates_that_no_epoch_has_shown_are_not_in_force(start_trial: StartTrial, tiny_workload: Workload) -> None:
    settings = {**tiny_workload.settings, "warmup_epochs": 3}
    trial = start_trial({"learning_rate_schedule": "cosine"}, tiny_workload.model_copy(update={"settings": settings}))
    trial.ready()
    trial.measure("epoch")
    evidence = trial.evidence()["learning_rate_schedule"]
    assert not evidence.in_force
    assert evidence.observed.startswith("rate factor of no epoch after warming up; planned by the formula")
