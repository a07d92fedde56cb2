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
from bench.suite.model import Workload


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
