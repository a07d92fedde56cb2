"""Distances between two sets of predictions on tiny tensors, worked out by hand, and the teacher that is made."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import pytest
import torch
from starting import TINY
from torch import nn
from ultralytics.nn.tasks import DetectionModel

from bench.compression.distil import (
    DistillingCriterion,
    Predictions,
    bernoulli_divergence,
    branches,
    load_teacher,
    mean_squared_error,
)
from bench.compression.teacher import larger_architecture, untrained_teacher


def predictions(scores: list[float], boxes: list[float]) -> Predictions:
    """One image, one class, one box coordinate, an anchor for each number."""
    return {"scores": torch.tensor([[scores]]).float(), "boxes": torch.tensor([[boxes]]).float()}


def test_mean_squared_error() -> None:
    # Scores: (1 + 9) / 2; boxes: (0 + 4) / 2.
    student, teacher = predictions([0, 3], [1, 1]), predictions([1, 0], [1, 3])
    assert float(mean_squared_error(student, teacher)) == pytest.approx(5 + 2)


def test_divergence_between_even_chances_and_three_to_one() -> None:
    # Teacher: logit ln 3, so 3/4 to 1/4. Student: 1/2 to 1/2.
    student, teacher = predictions([0], [0]), predictions([math.log(3)], [0])
    expected = 0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5)
    assert float(bernoulli_divergence(student, teacher, 1)) == pytest.approx(expected)


def test_temperature_softens_and_its_square_restores() -> None:
    # At temperature 2, a logit of 2 ln 3 is what ln 3 was; the result is times 4.
    student, teacher = predictions([0], [0]), predictions([2 * math.log(3)], [0])
    expected = 4 * (0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5))
    assert float(bernoulli_divergence(student, teacher, 2)) == pytest.approx(expected)


def test_divergence_sums_classes_and_averages_anchors_and_images() -> None:
    one = bernoulli_divergence(predictions([0], [0]), predictions([1], [0]), 1)
    many = bernoulli_divergence({"scores": torch.zeros(2, 3, 5)}, {"scores": torch.ones(2, 3, 5)}, 1)
    assert float(many) == pytest.approx(3 * float(one))


@pytest.mark.parametrize("logit", [-200.0, 200.0])
def test_divergence_stays_finite_where_sigmoids_saturate(logit: float) -> None:
    divergence = float(bernoulli_divergence(predictions([-logit], [0]), predictions([logit], [0]), 1))
    assert divergence == pytest.approx(200)


def test_divergence_of_equals_is_zero() -> None:
    same = predictions([0.3, -2], [0, 0])
    assert float(bernoulli_divergence(same, same, 4)) == pytest.approx(0, abs=1e-6)


class _Fixed(nn.Module):
    """A teacher that says the same of every picture."""

    def __init__(self, says: Predictions) -> None:
        super().__init__()
        self.says, self.bias = says, nn.Parameter(torch.zeros(1))

    def forward(self, _: torch.Tensor) -> tuple[None, Predictions]:
        return None, self.says


def test_criterion_appends_the_part_times_weight_and_images() -> None:
    def target(*_: Any) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        return torch.tensor([1.0, 2.0]), {"box_loss": torch.tensor(0.5)}

    teacher = _Fixed(predictions([1, 0], [1, 3]))
    criterion = DistillingCriterion(target, teacher, mean_squared_error, 0.5)
    loss, items = criterion(predictions([0, 3], [1, 1]), {"img": torch.zeros(4, 3, 8, 8)})
    # The distance is 7 (above); half of it, times 4 images.
    assert loss.tolist() == [1, 2, 14]
    assert items["box_loss"] == 0.5
    assert float(items["dis_loss"]) == 3.5
    assert not teacher.training
    assert not teacher.bias.requires_grad


def test_branches_of_training_and_evaluation() -> None:
    one: Predictions = {"scores": torch.zeros(1), "boxes": torch.zeros(1)}
    assert branches(one) == [one]
    assert branches(("decoded", one)) == [one]
    assert branches({"one2many": one, "one2one": one}) == [one, one]


def test_one_scale_up_where_there_is_one() -> None:
    scales = {"n": [0.5, 0.25, 1024], "s": [0.5, 0.5, 1024]}
    assert larger_architecture({"scales": scales, "scale": "n"})["scale"] == "s"
    assert larger_architecture({"scales": scales, "scale": ""})["scale"] == "s"
    assert larger_architecture({"scales": scales, "scale": "s"})["scale"] == "s"
    assert "scale" not in larger_architecture({"backbone": []})


def test_teacher_of_a_nano_model_is_a_small_one_made_once_without_touching_the_random_state() -> None:
    student = DetectionModel("yolov5n.yaml", nc=3, verbose=False)
    state = torch.get_rng_state()
    file = untrained_teacher(student)
    assert torch.equal(torch.get_rng_state(), state)
    written = file.stat().st_mtime_ns
    assert untrained_teacher(student) == file
    assert file.stat().st_mtime_ns == written
    teacher = load_teacher(file, torch.device("cpu"))
    assert teacher.yaml["scale"] == "s"
    assert teacher.model[-1].nc == 3


def test_gradient_reaches_the_student_only() -> None:
    student = DetectionModel(TINY, verbose=False)
    teacher = load_teacher(untrained_teacher(student), torch.device("cpu"))
    zero = torch.zeros(1), {}
    criterion = DistillingCriterion(lambda *_: zero, teacher, partial(bernoulli_divergence, temperature=4), 1)
    image = torch.rand(2, 3, 64, 64)
    loss, _ = criterion(student.train()(image), {"img": image})
    loss.sum().backward()
    assert any(parameter.grad is not None for parameter in student.parameters())
    assert all(parameter.grad is None for parameter in teacher.parameters())
