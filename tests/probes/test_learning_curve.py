"""Figures read off a curve, worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bench.measurements.learning import figures
from bench.probes.learning_curve import LearningCurve, Point, detection_loss, value_at

POINTS = (Point(100, 8.0), Point(200, 4.0), Point(400, 3.0))


@pytest.mark.parametrize(
    ("images", "value"),
    [(100, 8.0), (125, 7.0), (200, 4.0), (300, 3.5), (400, 3.0), (99, None), (401, None)],
)
def test_between_two_points_a_curve_is_straight(images: int, value: float | None) -> None:
    assert value_at(POINTS, images) == value


def test_what_techniques_add_to_a_loss_is_left_out() -> None:
    items = {"box_loss": 1.0, "cls_loss": 2.0, "dfl_loss": 0.5, "dis_loss": 40.0, "l1_loss": 7.0}
    assert detection_loss(items) == 3.5
    metrics = {f"val/{name}": value for name, value in items.items()} | {"metrics/mAP50(B)": 0.9, "fitness": 1.0}
    assert detection_loss(metrics, "val/") == 3.5


def trainer(batches: int, batch: int, images: int, loss: float, **metrics: float) -> Any:
    loader = type("Loader", (), {"dataset": range(images), "__len__": lambda self: batches})()
    named = {f"val/{name}": value for name, value in metrics.items()} | {"metrics/mAP50(B)": 0.25}
    return SimpleNamespace(train_loader=loader, batch_size=batch, tloss={"box_loss": loss}, metrics=named)


def test_images_are_those_trained_on_whatever_the_batch() -> None:
    curve = LearningCurve(100)
    curve.end_epoch(trainer(3, 8, 20, 5.0))  # the last batch has 4 images
    assert curve.images == 20
    curve.end_epoch(trainer(2, 8, 20, 4.0))  # the last batch is left out
    assert curve.images == 36
    assert not curve.reached


def test_figures_of_a_curve_that_went_further_are_those_of_the_goal() -> None:
    curve = LearningCurve(50)
    for loss in (8.0, 6.0, 5.0, 1.0):
        curve.end_epoch(trainer(5, 4, 20, loss))
    # 50 lies half-way between 40 and 60.
    assert figures(curve) == {"images": 50.0, "training_loss": 5.5, "growth": 5.5 / 8.0}


def test_validation_is_wanted_only_where_the_goal_was_just_reached() -> None:
    curve = LearningCurve(40)
    wanted = []
    for loss in (8.0, 6.0, 5.0):
        curve.end_epoch(trainer(5, 4, 20, loss))
        wanted.append(curve.lacks_validation)
    assert wanted == [False, True, False]
    validated = LearningCurve(20)
    validated.end_epoch(trainer(5, 4, 20, 8.0))
    assert validated.lacks_validation
    validated.add_validation({"val/box_loss": 2.0, "metrics/mAP50(B)": 0.25})
    assert not validated.lacks_validation
    assert figures(validated) == {
        "images": 20.0,
        "training_loss": 8.0,
        "growth": 1.0,
        "validation_loss": 2.0,
        "map50": 0.25,
    }


@pytest.mark.parametrize(
    ("goal", "batches", "epochs"),
    [
        (100, 3, 5),
        (101, 3, 6),  # the goal lies in the sixth
        (100, 2, 7),  # 16 of 20 images where the last batch is left out: 6.25
        (5, 3, 1),
    ],
)
def test_epochs_to_the_goal_are_whole(goal: int, batches: int, epochs: int) -> None:
    assert LearningCurve(goal).epochs_to_goal(trainer(batches, 8, 20, 5.0)) == epochs
