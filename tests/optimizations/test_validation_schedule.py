"""Which epochs are validated, when training stops early, and what is judged without an average."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from starting import StartTrial

from bench.optimizations.early_stopping import EarlyStopping, StoppedEarlyError
from bench.optimizations.validation import Validation, validates
from bench.suite.model import Level, Workload


@pytest.mark.parametrize(
    ("interval", "expected"), [(0, []), (1, [1, 2, 3, 4, 5, 6, 7]), (2, [2, 4, 6]), (3, [3, 6]), (10, [])]
)
def test_every_nth_epoch_is_validated(interval: int, expected: list[int]) -> None:
    assert [epoch for epoch in range(1, 8) if validates(epoch, interval)] == expected


def test_an_interval_has_to_be_longer_than_one() -> None:
    with pytest.raises(Exception, match="on, off or"):
        Validation.parse({"method": "every", "epochs": 1})


def test_early_stopping_needs_validation() -> None:
    patience = {"method": "patience", "epochs": 3}
    assert EarlyStopping.conflict({"early_stopping": patience, "validation": "off"}) is not None
    assert EarlyStopping.conflict({"early_stopping": patience, "validation": "on"}) is None
    assert EarlyStopping.conflict({"early_stopping": patience}) is None
    assert EarlyStopping.conflict({"early_stopping": "off", "validation": "off"}) is None


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


@pytest.mark.parametrize(("epoch", "stops"), [(5, False), (6, True)])
def test_an_early_stop_is_told_as_one(tiny_workload: Workload, epoch: int, stops: bool) -> None:
    callbacks: list[Callable[[Any], None]] = []
    trainer = SimpleNamespace(
        epoch=epoch,  # counted from 0; the stopper counts from 1
        stopper=SimpleNamespace(best_epoch=4, patience=3),
        add_callback=lambda event, callback: callbacks.append(callback),
    )
    EarlyStopping({"method": "patience", "epochs": 3}, tiny_workload).prepare_training(trainer)
    told = pytest.raises(StoppedEarlyError, match="after epoch 7: nothing better than epoch 4 in 3 epochs")
    with told if stops else nullcontext():
        callbacks[0](trainer)
