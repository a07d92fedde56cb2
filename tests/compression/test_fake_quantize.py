"""Rounding on small tensors, worked out by hand, and what it does to gradients, copies and checkpoints."""

from __future__ import annotations

import copy
import io

import pytest
import torch
from starting import TINY
from torch import nn
from ultralytics.nn.tasks import DetectionModel
from ultralytics.utils.torch_utils import ModelEMA

from bench.compression.fake_quantize import (
    HalfPrecision,
    RoundedConv2d,
    forget_inputs,
    input_quantizer,
    quantize_to_integers,
    ranges,
    rounded_convolutions,
    weight_quantizer,
)

# Symmetric ranges of 8 bits have steps of (largest absolute value) / 127.5: here 1 and 0.1.
FILTERS = torch.tensor([[127.5, -0.6, 0.4], [12.75, -0.26, 0.04]]).view(2, 3, 1, 1)


def test_each_channel_has_a_step_of_its_own() -> None:
    rounded = weight_quantizer(FILTERS, 8, "per-channel", "min-max").eval()(FILTERS)
    # 127.5 rounds to 128, which 8 bits do not have.
    assert rounded.flatten().tolist() == pytest.approx([127, -1, 0, 12.7, -0.3, 0], abs=1e-5)


def test_one_step_for_the_tensor_loses_the_small_channel() -> None:
    rounded = weight_quantizer(FILTERS, 8, "per-tensor", "min-max").eval()(FILTERS)
    assert rounded.flatten().tolist() == pytest.approx([127, -1, 0, 13, 0, 0], abs=1e-5)


def test_sixteen_bits_have_steps_of_a_257th() -> None:
    # 127.5 / 32767.5 is 1 / 257: -0.6 is 154.2 steps, 0.4 is 102.8.
    rounded = weight_quantizer(FILTERS[:1], 16, "per-tensor", "min-max").eval()(FILTERS[:1])
    assert rounded.flatten().tolist() == pytest.approx([32767 / 257, -154 / 257, 103 / 257], abs=1e-4)


def test_inputs_are_affine_and_their_range_follows() -> None:
    quantizer = input_quantizer("moving-average")
    forget_inputs(nn.Sequential(RoundedConv2d(nn.Conv2d(1, 1, 1), nn.Identity(), quantizer)))
    # From -1 to 254: steps of 1, zero at 1.
    assert quantizer(torch.tensor([-1.0, 0.4, 0.6, 254.0])).tolist() == [-1, 0, 1, 254]
    quantizer(torch.tensor([-1.0, 154.0]))
    # One percent of the way from 254 to 154.
    assert ranges(quantizer)[0].tolist() == pytest.approx([-1, 253])


def test_min_max_only_widens_and_validation_changes_nothing() -> None:
    quantizer = input_quantizer("min-max")
    quantizer(torch.tensor([-1.0, 5.0]))
    quantizer(torch.tensor([-2.0, 3.0]))
    quantizer.eval()(torch.tensor([-9.0, 9.0]))
    assert ranges(quantizer)[0].tolist() == [-2, 5]


def test_gradient_passes_inside_the_range_only() -> None:
    quantizer = input_quantizer("min-max")
    quantizer(torch.tensor([0.0, 255.0]))
    x = torch.tensor([3.3, 300.0], requires_grad=True)
    quantizer.eval()(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1, 0]


def test_half_precision_has_eleven_significant_bits() -> None:
    # Between 2048 and 4096 the 16-bit floats are the even numbers.
    assert HalfPrecision()(torch.tensor([2049.1, 0.5])).tolist() == [2050, 0.5]


def quantized_model() -> DetectionModel:
    model = DetectionModel(TINY, verbose=False)
    quantize_to_integers(model, 8, "per-channel", "moving-average", inputs=True)
    return model


def test_a_quantized_model_keeps_its_parameters_and_names() -> None:
    model = DetectionModel(TINY, verbose=False)
    names = [name for name, _ in model.named_parameters()]
    quantize_to_integers(model, 8, "per-channel", "moving-average", inputs=True)
    assert [name for name, _ in model.named_parameters()] == names


def test_moving_average_stays_finite_and_the_model_can_be_saved() -> None:
    model = quantized_model().train()
    average = ModelEMA(model)
    forget_inputs(model)
    model(torch.rand(2, 3, 64, 64))
    average.update(model)
    assert all(torch.isfinite(seen).all() for seen in ranges(average.ema))
    assert torch.isfinite(average.ema(torch.rand(1, 3, 64, 64))[0]).all()
    saved = io.BytesIO()
    torch.save(copy.deepcopy(average.ema).half(), saved)
    saved.seek(0)
    loaded = torch.load(saved, weights_only=False)
    assert len(rounded_convolutions(loaded)) == len(rounded_convolutions(model)) > 10
