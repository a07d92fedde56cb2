"""Epochs in turns: the same numbers, the trial's own time alone, and the others frozen meanwhile."""

from __future__ import annotations

import time

import pytest
from processes import cpu_ticks, eventually, group, states
from starting import StartTrial

from bench.measurements.base import Burst
from bench.trials.trial import Trial


def in_turns(trial: Trial, seconds: float) -> tuple[Burst, int]:
    """Return a burst and the turns it took."""
    turns = 1
    while (burst := trial.take_turn("epoch", seconds)) is None:
        turns += 1
    return burst, turns


def test_an_epoch_may_stand_still_after_every_step(start_trial: StartTrial) -> None:
    trial, whole = start_trial(), start_trial()
    trial.ready()
    whole.ready()
    losses = []
    for _ in range(2):
        burst, turns = in_turns(trial, seconds=0.0)
        assert turns == burst.values["steps"] + 1 == 7
        losses.append(burst.values["training_loss"])
    assert losses == [whole.measure("epoch").values["training_loss"] for _ in range(2)]


def test_standing_still_is_no_part_of_the_epoch(start_trial: StartTrial) -> None:
    trial = start_trial({"loader_workers": 2})
    trial.ready()
    assert trial.take_turn("epoch", 0.0) is None
    members = group(trial.group)
    assert len(members) == 3
    assert eventually(lambda: states(members) == {"T"})
    spent = cpu_ticks(members)
    time.sleep(5)
    assert cpu_ticks(members) == spent
    burst, _ = in_turns(trial, 1000.0)
    assert burst.values["seconds"] < 5
    assert burst.values["parts_share"] == pytest.approx(1, abs=0.02)
    assert sum(burst.series["step"]) + sum(burst.series["wait"]) <= burst.values["seconds"]


def test_an_epoch_shorter_than_a_turn_takes_one(start_trial: StartTrial) -> None:
    trial = start_trial()
    trial.ready()
    assert in_turns(trial, seconds=1000.0)[1] == 1
    assert trial.measure("epoch").values["steps"] == 6
