"""Which epochs are validated, when training stops early, and what is judged without an average."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from odd_trials import run_trial_without_improvement
from starting import StartTrial
from ultralytics.utils.torch_utils import EarlyStopping as Stopper

import bench.trials.trial
from bench.environment import Machine
from bench.optimizations.early_stopping import EarlyStopping, StoppedEarlyError
from bench.optimizations.validation import Validation, validates
from bench.suite.model import Level, Workload
from bench.trials.trial import TrialFailedError

PATIENCE: Level = {"method": "patience", "epochs": 3}


@pytest.mark.parametrize(
    ("interval", "expected"), [(0, []), (1, [1, 2, 3, 4, 5, 6, 7]), (2, [2, 4, 6]), (3, [3, 6]), (10, [])]
)
def test_every_nth_epoch_is_validated(interval: int, expected: list[int]) -> None:
    assert [epoch for epoch in range(1, 8) if validates(epoch, interval)] == expected


def test_an_interval_has_to_be_longer_than_one() -> None:
    with pytest.raises(Exception, match="on, off or"):
        Validation.parse({"method": "every", "epochs": 1})


def test_early_stopping_needs_validation_after_each_epoch() -> None:
    every: Level = {"method": "every", "epochs": 2}
    assert EarlyStopping.conflict({"early_stopping": PATIENCE, "validation": "off"}) == (
        "early stopping judges by validation, which is off"
    )
    assert EarlyStopping.conflict({"early_stopping": PATIENCE, "validation": every}) == (
        "once its patience may end, Ultralytics validates after each epoch and not after every n-th"
    )
    assert EarlyStopping.conflict({"early_stopping": PATIENCE, "validation": "on"}) is None
    assert EarlyStopping.conflict({"early_stopping": PATIENCE}) is None
    for validation in ("off", every):
        assert EarlyStopping.conflict({"early_stopping": "off", "validation": validation}) is None


def test_only_the_second_epoch_spends_time_on_validation(start_trial: StartTrial) -> None:
    trial = start_trial({"validation": {"method": "every", "epochs": 2}})
    trial.ready()
    seconds = [trial.measure("epoch").values["validation"] for _ in range(3)]
    assert seconds[0] == seconds[2] == 0 < seconds[1]


def test_a_burst_of_the_epochs_between_has_its_share_of_validation_wherever_it_begins(start_trial: StartTrial) -> None:
    trial = start_trial({"validation": {"method": "every", "epochs": 2}})
    assert trial.ready().facts["repeats_after"] == 2
    even = trial.measure("epoch", 2).values
    trial.measure("epoch")
    odd = trial.measure("epoch", 2).values
    for values in (even, odd):
        assert values["validation"] > 0
        assert values["steps"] == 6
        assert values["parts_share"] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("interval", "epochs", "validations"), [(2, 2, 1), (3, 12, 4), (4, 12, 3)])
def test_whole_cycles_hold_as_many_validations_wherever_they_begin(
    interval: int, epochs: int, validations: int
) -> None:
    for first in range(1, 20):
        assert sum(validates(epoch, interval) for epoch in range(first, first + epochs)) == validations


@pytest.mark.parametrize(("level", "epochs"), [("on", 1), ("off", 1), ({"method": "every", "epochs": 5}, 5)])
def test_validation_repeats_after_its_interval(tiny_workload: Workload, level: Level, epochs: int) -> None:
    assert Validation(level, tiny_workload).repeats_after(None) == epochs


@pytest.mark.parametrize(
    ("fitness", "told"),
    [
        ([0.5, 0.6, 0.4, 0.3], "stopped at epoch 4, patience 2: nothing better than epoch 2"),
        ([0.5, 0.4, 0.6, 0.4], None),
        ([None, None, None, None], None),  # never judged
        # Ultralytics stops at a validated epoch and at no other.
        ([0.5, None, None, None], None),
        ([0.5, None, None, 0.4], "stopped at epoch 4, patience 2: nothing better than epoch 1"),
    ],
)
def test_an_early_stop_is_told_where_ultralytics_stops(
    tiny_workload: Workload, fitness: list[float | None], told: str | None
) -> None:
    callbacks: list[Callable[[Any], None]] = []
    stopper = Stopper(patience=2)
    trainer = SimpleNamespace(stop=False, stopper=stopper, add_callback=lambda event, each: callbacks.append(each))
    EarlyStopping({"method": "patience", "epochs": 2}, tiny_workload).prepare_training(trainer)

    def train() -> None:
        for epoch, judged in enumerate(fitness):
            trainer.epoch = epoch
            trainer.stop |= stopper(epoch + 1, judged)
            callbacks[0](trainer)

    with pytest.raises(StoppedEarlyError, match=f"^{told}$") if told else nullcontext():
        train()


def test_training_that_ends_as_planned_did_not_stop_early(tiny_workload: Workload) -> None:
    callbacks: list[Callable[[Any], None]] = []
    trainer = SimpleNamespace(
        epoch=1, stop=True, stopper=Stopper(patience=50), add_callback=lambda event, each: callbacks.append(each)
    )
    trainer.stopper(1, 0.5)
    EarlyStopping({"method": "patience", "epochs": 50}, tiny_workload).prepare_training(trainer)
    callbacks[0](trainer)


def test_a_trial_that_stops_says_at_which_epoch(start_trial: StartTrial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.trials.trial, "run_trial", run_trial_without_improvement)
    trial = start_trial({"early_stopping": {"method": "patience", "epochs": 2}})
    trial.ready()
    trial.measure("epoch")
    trial.measure("epoch")
    shown = trial.evidence()["early_stopping"]
    assert shown.in_force
    assert shown.observed == "stops after 2 epochs without improvement; best so far epoch 1"
    trial.measure("epoch")
    with pytest.raises(TrialFailedError, match="stopped at epoch 3, patience 2: nothing better than epoch 1"):
        trial.measure("epoch")


def test_patience_that_judges_nothing_is_not_in_force(start_trial: StartTrial, tiny_workload: Workload) -> None:
    settings = {**tiny_workload.settings, "val": False}
    trial = start_trial({"early_stopping": PATIENCE}, tiny_workload.model_copy(update={"settings": settings}))
    trial.ready()
    trial.measure("epoch")
    shown = trial.evidence()["early_stopping"]
    assert not shown.in_force
    assert shown.observed == "stops after 3 epochs without improvement; no epoch judged yet"


@pytest.mark.parametrize(
    ("levels", "settings", "idle"),
    [
        ({"early_stopping": PATIENCE}, {"val": False}, True),
        ({"early_stopping": PATIENCE}, {"val": True}, False),
        ({"early_stopping": PATIENCE}, {}, False),
        ({"early_stopping": PATIENCE, "validation": "on"}, {"val": False}, False),
        ({"early_stopping": "off"}, {"val": False}, False),
    ],
)
def test_patience_is_idle_where_a_setting_switches_validation_off(
    tiny_workload: Workload, levels: dict[str, Level], settings: dict[str, Any], idle: bool
) -> None:
    workload = tiny_workload.model_copy(update={"settings": settings})
    reason = EarlyStopping.idle(levels, workload, Machine.here())
    expected = "early stopping judges by validation, which is off: leave out workload.settings.val"
    assert reason == (expected if idle else None)
