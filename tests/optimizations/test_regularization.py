"""The L1 penalty and the place of dropout."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from bench.optimizations.regularization import (
    PENALTY,
    NoPlaceForDropoutError,
    PenalizedCriterion,
    Regularization,
    insert_dropout,
    penalized_weights,
)


def test_penalty_is_added_for_each_image() -> None:
    weight = nn.Parameter(torch.tensor([[1.0, -2.0], [0.0, 3.0]]))

    def criterion(predictions: Any, batch: Any) -> Any:
        return torch.tensor([4.0, 6.0]), {"box_loss": torch.tensor(5.0)}

    penalized = PenalizedCriterion(criterion, [weight], amount=0.5)
    loss, items = penalized(None, {"img": torch.zeros(2, 3, 8, 8)})
    assert loss.sum().item() == 16.0  # 4 + 6 + 2 images * 0.5 * (1 + 2 + 0 + 3)
    assert {name: value.item() for name, value in items.items()} == {"box_loss": 5.0, PENALTY: 3.0}
    loss.sum().backward()
    assert weight.grad is not None
    assert weight.grad.tolist() == [[1.0, -1.0], [0.0, 1.0]]  # 2 images * 0.5 * sign


def test_biases_and_normalization_are_not_penalized() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Conv2d(4, 2, 1))
    model[2].weight.requires_grad = False
    assert [tuple(weight.shape) for weight in penalized_weights(model)] == [(4, 3, 1, 1)]


def test_dropout_stands_before_the_last_convolution_and_acts_in_training_only() -> None:
    model = nn.Module()
    model.model = nn.Sequential(
        nn.Conv2d(3, 64, 1), nn.ModuleDict({"cv2": nn.Sequential(nn.ReLU(), nn.Conv2d(64, 1, 1))})
    )
    insert_dropout(model, 0.5)
    branch = model.model[-1]["cv2"]
    assert [type(module) for module in branch] == [nn.ReLU, nn.Dropout2d, nn.Conv2d]
    images = torch.ones(1, 64, 2, 2)
    torch.manual_seed(0)
    assert not torch.equal(branch(images), branch(images))
    branch.eval()
    assert torch.equal(branch(images), branch(images))


def test_a_head_without_branches_is_refused() -> None:
    model = nn.Module()
    model.model = nn.Sequential(nn.Linear(2, 2))
    with pytest.raises(NoPlaceForDropoutError, match="Linear has no branch"):
        insert_dropout(model, 0.5)


@pytest.mark.parametrize(
    "raw", ["l2", {"method": "l1"}, {"method": "l3", "amount": 0.1}, {"method": "l1", "amount": 0}]
)
def test_a_level_names_its_method_and_amount(raw: object) -> None:
    with pytest.raises(Exception, match=r"none or .method: l2"):
        Regularization.parse(raw)
