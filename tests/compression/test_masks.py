"""Masks prune what arithmetic on small tensors says, and pruned weights stay zero."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from ultralytics.nn.modules import Conv

from bench.compression.masks import (
    Activity,
    apply_masks,
    filter_masks,
    filter_norms,
    global_masks,
    layer_masks,
    ramp,
)
from bench.compression.zeros import count_zeros, share_gone


def two_convolutions() -> nn.Sequential:
    """One convolution with weights 1, 2, 3, 4, one with 10, 20, 30, 40."""
    model = nn.Sequential(nn.Conv2d(2, 2, 1, bias=False), nn.Conv2d(2, 2, 1, bias=False))
    for conv, scale in zip(model, (1, 10), strict=True):
        conv.weight.data = scale * torch.tensor([1.0, -2.0, 3.0, -4.0]).view(2, 2, 1, 1)
    return model


def weights(model: nn.Sequential) -> list[list[float]]:
    return [conv.weight.flatten().tolist() for conv in model]


def test_each_layer_loses_the_same_share() -> None:
    model = two_convolutions()
    apply_masks(model, layer_masks(model, 0.5))
    assert weights(model) == [[0, 0, 3, -4], [0, 0, 30, -40]]
    assert count_zeros(nn.Sequential(model, Conv(2, 2, 1))).weights == pytest.approx(4 / 12)


def test_globally_the_small_layer_loses_all() -> None:
    model = two_convolutions()
    apply_masks(model, global_masks(model, 0.5))
    assert weights(model) == [[0, 0, 0, 0], [10, -20, 30, -40]]


def test_a_filter_goes_with_its_batch_norm() -> None:
    model = nn.Sequential(Conv(2, 2, 1), nn.Conv2d(2, 2, 1))
    # Norms: 5 and 1.
    model[0].conv.weight.data = torch.tensor([3.0, 4.0, 0.0, 1.0]).view(2, 2, 1, 1)
    model[0].bn.bias.data.fill_(1.0)
    assert filter_norms("0.conv", model[0].conv).tolist() == [5.0, 1.0]
    apply_masks(model, filter_masks(model, 0.5, filter_norms))
    assert model[0].conv.weight.flatten().tolist() == [3, 4, 0, 0]
    assert model[0].bn.weight.tolist() == [1, 0]
    assert model[0].bn.bias.tolist() == [1, 0]
    assert not model(torch.rand(1, 2, 3, 3)).isnan().any()
    assert model[0](torch.rand(1, 2, 3, 3))[:, 1].abs().max() == 0
    # The output convolution has no batch norm and keeps its filters.
    assert count_zeros(model).filters == 0.5


def test_activity_is_the_mean_absolute_output() -> None:
    model = nn.Sequential(Conv(1, 2, 1, act=False))
    model[0].conv.weight.data = torch.tensor([1.0, -3.0]).view(2, 1, 1, 1)
    model.eval()
    model[0].bn.eps = 0.0
    activity = Activity(model)
    model(torch.full((2, 1, 4, 4), 2.0))
    assert activity.importance("0.conv", model[0].conv).tolist() == [2.0, 6.0]
    activity.stop()
    model(torch.full((2, 1, 4, 4), 200.0))
    assert activity.importance("0.conv", model[0].conv).tolist() == [2.0, 6.0]


def test_activity_ignores_validation() -> None:
    model = nn.Sequential(Conv(1, 2, 1))
    activity = Activity(model)
    with torch.no_grad():
        model(torch.rand(2, 1, 4, 4))
    # Nothing seen: the filters' norms stand in.
    assert torch.equal(activity.importance("0.conv", model[0].conv), filter_norms("0.conv", model[0].conv))


@pytest.mark.parametrize(("done", "share"), [(0.0, 0.0), (0.25, 1 - 0.75**3), (0.5, 0.875), (1.0, 1.0), (2.0, 1.0)])
def test_ramp(done: float, share: float) -> None:
    assert ramp(done) == pytest.approx(share)


def test_no_masks_change_nothing() -> None:
    model = two_convolutions()
    before = copy.deepcopy(weights(model))
    apply_masks(model, {})
    assert weights(model) == before


def test_share_of_channels_gone_by_name() -> None:
    # 8 + 8 are left of 16 + 8; what has another name now does not count.
    assert share_gone({"a": 16, "b": 8, "c": 4}, {"a": 8, "b": 8, "d": 2}) == pytest.approx(1 / 3)
