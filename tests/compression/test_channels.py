"""Channels leave models of every block that Torch-Pruning can, or cannot by itself, follow."""

from __future__ import annotations

import pytest
import torch
from starting import TINY
from torch import nn
from ultralytics.nn.modules import C2f
from ultralytics.nn.tasks import DetectionModel

pytest.importorskip("torch_pruning")

from bench.compression.channels import TwoConvolutionC2f, remove_channels, split_first_convolutions
from bench.compression.live import weighted_convolutions


def parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("training", [True, False])
def test_two_convolutions_compute_what_one_did(training: bool) -> None:
    torch.manual_seed(0)
    block = C2f(8, 16, 2, True).train(training)
    block.cv1.bn.running_mean.uniform_()
    block.cv1.bn.weight.data.uniform_()
    image = torch.rand(2, 8, 6, 6)
    torch.testing.assert_close(TwoConvolutionC2f(block).train(training)(image), block(image))


def test_a_model_gives_the_same_predictions_before_channels_go() -> None:
    model = DetectionModel(TINY, verbose=False).eval()
    image = torch.rand(1, 3, 64, 64)
    before = model(image)[0]
    split_first_convolutions(model)
    torch.testing.assert_close(model.eval()(image)[0], before)


@pytest.mark.parametrize("name", [str(TINY), "yolov5n.yaml", "yolo26n.yaml"])
def test_channels_leave_and_the_model_still_trains(name: str) -> None:
    model = DetectionModel(name, nc=3, verbose=False)
    before = parameters(model)
    remove_channels(model, 0.5)
    assert parameters(model) < 0.6 * before
    predictions = model.train()(torch.rand(2, 3, 64, 64))
    predictions = predictions.get("one2many", predictions)
    assert predictions["scores"].shape[1] == 3
    (predictions["scores"].sum() + predictions["boxes"].sum()).backward()
    learning = {name: conv for name, conv in weighted_convolutions(model) if "one2one" not in name}
    assert not [name for name, conv in learning.items() if conv.weight.grad is None]


def test_a_model_without_a_detect_head_is_refused() -> None:
    model = nn.Module()
    model.model = nn.Sequential(nn.Conv2d(3, 3, 1))
    with pytest.raises(TypeError, match="Detect head; this one ends in Conv2d"):
        remove_channels(model, 0.5)
