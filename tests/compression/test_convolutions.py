"""Cheaper convolutions have the parameters that arithmetic says, and the shape of what they replace."""

from __future__ import annotations

import pytest
import torch
from starting import TINY
from ultralytics.nn.modules import C2f, Conv, GhostConv, RepConv
from ultralytics.nn.tasks import DetectionModel

from bench.compression.convolutions import depthwise_separable, ghost, replace_convolutions, standard_convolutions


def parameters(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_standard_convolution_as_the_yardstick() -> None:
    # 16 * 32 * 3 * 3 weights, 2 * 32 of the batch norm.
    assert parameters(Conv(16, 32, 3, 2)) == 4672


def test_depthwise_separable_parameters() -> None:
    # 16 * 3 * 3 + 2 * 16 depthwise, 16 * 32 + 2 * 32 pointwise.
    assert parameters(depthwise_separable(Conv(16, 32, 3, 2))) == 144 + 32 + 512 + 64


def test_ghost_parameters() -> None:
    # 16 filters of 16 * 3 * 3 and 2 * 16, then 16 depthwise ones of 5 * 5 and 2 * 16.
    assert parameters(ghost(Conv(16, 32, 3, 2))) == 2304 + 32 + 400 + 32


def test_ghost_leaves_an_odd_number_of_filters() -> None:
    convolution = Conv(16, 33, 3)
    assert ghost(convolution) is convolution


@pytest.mark.parametrize("make", [depthwise_separable, ghost])
@pytest.mark.parametrize("stride", [1, 2])
def test_shape_and_activation_stay(make: object, stride: int) -> None:
    convolution = Conv(16, 32, 3, stride)
    images = torch.rand(2, 16, 10, 10)
    replacement = make(convolution)  # type: ignore[operator]
    assert replacement(images).shape == convolution(images).shape


def test_activation_of_the_mixing_convolution_is_kept() -> None:
    assert isinstance(depthwise_separable(Conv(8, 8, 3, act=False))[1].act, torch.nn.Identity)


def test_what_counts_as_standard() -> None:
    model = torch.nn.Sequential(
        Conv(3, 8, 3), Conv(8, 8, 1), Conv(8, 8, 3), GhostConv(8, 8, 3), RepConv(8, 8), C2f(8, 8)
    )
    assert set(standard_convolutions(model)) == {"2", "5.m.0.cv1", "5.m.0.cv2"}


@pytest.mark.parametrize("method", ["depthwise-separable", "ghost"])
def test_a_whole_model_is_replaced_and_still_detects(method: str) -> None:
    model = DetectionModel(TINY, verbose=False)
    before = parameters(model)
    replace_convolutions(model, method)
    assert not standard_convolutions(model)
    assert parameters(model) < before / 1.5
    assert {module.eps for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)} == {1e-3}
    assert model.train()(torch.rand(1, 3, 64, 64))["scores"].shape == (1, 3, 8 * 8 + 4 * 4)
