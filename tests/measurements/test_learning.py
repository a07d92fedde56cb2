"""What a real trial shows of its learning."""

from __future__ import annotations

import pytest
from starting import StartTrial

from bench.suite.model import Learning, ShapesData, Workload


def test_shapes_are_learnt_and_epochs_of_warming_up_count(start_trial: StartTrial, tiny_workload: Workload) -> None:
    learner = tiny_workload.model_copy(
        update={
            "data": ShapesData(images=48, validation_images=8, size=64),
            "settings": {"nbs": 4, "mosaic": 0.0},
        }
    )
    trial = start_trial(workload=learner, learning=Learning(images=6 * 48))
    trial.ready()
    first = trial.measure("epoch").values["training_loss"]
    learnt = trial.measure("learning").values
    assert learnt["images"] == 6 * 48
    assert learnt["growth"] == pytest.approx(learnt["training_loss"] / first)
    assert learnt["growth"] < 0.85
    assert learnt["map50"] > 0
    # The seventh epoch is another measurement's, and the point looked at stays where it was.
    assert trial.measure("epoch").values["training_loss"] != learnt["training_loss"]
    assert trial.measure("learning").values == learnt


def test_a_goal_within_an_epoch_is_its_end(start_trial: StartTrial, tiny_workload: Workload) -> None:
    trial = start_trial(learning=Learning(images=5))
    trial.ready()
    loss = trial.measure("epoch").values["training_loss"]
    learnt = trial.measure("learning").values
    assert (learnt["images"], learnt["training_loss"], learnt["growth"]) == (24, loss, 1.0)


def test_what_the_loop_does_not_validate_is_validated_unseen(start_trial: StartTrial) -> None:
    trial = start_trial({"validation": "off"}, learning=Learning(images=24))
    trial.ready()
    trial.measure("epoch")
    assert {"validation_loss", "map50", "map50_95"} <= trial.measure("learning").values.keys()
    # Its evidence is that no validation was seen.
    assert trial.evidence()["validation"].in_force


def test_what_a_technique_adds_is_no_part_of_the_loss(start_trial: StartTrial, tiny_workload: Workload) -> None:
    """With a penalty in the loss the epoch's own figure has it, and the figure that is compared has not."""
    level = {"method": "l1", "amount": 0.001}
    trial = start_trial({"regularization": level}, learning=Learning(images=24))
    trial.ready()
    whole = trial.measure("epoch").values["training_loss"]
    plain = start_trial({"regularization": "none"}, learning=Learning(images=24))
    plain.ready()
    plain.measure("epoch")
    learnt, without = (each.measure("learning").values["training_loss"] for each in (trial, plain))
    assert learnt < whole - 0.1
    assert learnt == pytest.approx(without, rel=0.05)
