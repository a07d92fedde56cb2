"""Convolutions that compute with rounded weights and inputs, so that training learns to bear it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.ao.quantization import observer as observers

from bench.compression.convolutions import replace_module
from bench.compression.live import weighted_convolutions

OBSERVERS: dict[tuple[str, str], Any] = {
    ("min-max", "per-tensor"): observers.MinMaxObserver,
    ("min-max", "per-channel"): observers.PerChannelMinMaxObserver,
    ("moving-average", "per-tensor"): observers.MovingAverageMinMaxObserver,
    ("moving-average", "per-channel"): observers.MovingAveragePerChannelMinMaxObserver,
}
"""torch's observers: a range that only widens, or one that follows; for a tensor, or for each of its channels."""


class FakeQuantizer(nn.Module):
    """Rounds a tensor to the integers of a range that an observer follows in training, and back to floats.

    The gradient passes as if nothing had been rounded, and is zero outside of the range.
    """

    def __init__(self, observer: Any) -> None:
        super().__init__()
        self.observer = observer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``x`` rounded; validation leaves the range alone."""
        if self.training:
            self.observer(x.detach())
        scale, zero_point = self.observer.calculate_qparams()
        low, high = self.observer.quant_min, self.observer.quant_max
        if scale.numel() > 1:
            return torch.fake_quantize_per_channel_affine(x, scale, zero_point.int(), 0, low, high)
        return torch.fake_quantize_per_tensor_affine(x, scale, zero_point.int(), low, high)


class HalfPrecision(nn.Module):
    """Rounds a tensor to the numbers that 16-bit floats have, and back."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``x`` rounded; its gradient is rounded likewise."""
        return x.half().to(x.dtype)


class RoundedConv2d(nn.Conv2d):
    """A convolution with the parameters of another one, rounded anew at every forward pass.

    Attributes:
        weight_rounding: what the weights pass through.
        input_rounding: what the input passes through.
    """

    def __init__(self, original: nn.Conv2d, weight_rounding: nn.Module, input_rounding: nn.Module) -> None:
        super().__init__(
            original.in_channels,
            original.out_channels,
            original.kernel_size,  # type: ignore[arg-type]
            original.stride,  # type: ignore[arg-type]
            original.padding,  # type: ignore[arg-type]
            original.dilation,  # type: ignore[arg-type]
            original.groups,
            bias=False,
            padding_mode=original.padding_mode,
            device="meta",
        )
        self.weight, self.bias = original.weight, original.bias
        self.weight_rounding, self.input_rounding = weight_rounding, input_rounding

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Convolve the rounded input with the rounded weights."""
        out: torch.Tensor = self._conv_forward(self.input_rounding(x), self.weight_rounding(self.weight), self.bias)
        return out


def weight_quantizer(weight: torch.Tensor, bits: int, granularity: str, observer: str) -> FakeQuantizer:
    """Return a symmetric fake quantizer of 8 or 16 bits that has seen ``weight``, shape (filters, …)."""
    per_channel = granularity == "per-channel"
    quantizer = FakeQuantizer(
        OBSERVERS[observer, granularity](
            dtype=torch.qint8 if bits == 8 else torch.qint32,
            quant_min=-(2 ** (bits - 1)),
            quant_max=2 ** (bits - 1) - 1,
            qscheme=torch.per_channel_symmetric if per_channel else torch.per_tensor_symmetric,
        )
    )
    quantizer.observer(weight.detach())
    return quantizer


def input_quantizer(observer: str) -> FakeQuantizer:
    """Return an 8-bit affine fake quantizer of a whole tensor, with an empty range.

    The range is finite, because the model's moving average copies it before anything is observed.
    """
    quantizer = FakeQuantizer(
        OBSERVERS[observer, "per-tensor"](
            dtype=torch.quint8, quant_min=0, quant_max=255, qscheme=torch.per_tensor_affine
        )
    )
    quantizer.observer.min_val.fill_(0.0)
    quantizer.observer.max_val.fill_(0.0)
    return quantizer


def forget_inputs(model: nn.Module) -> None:
    """Let the next batch set the ranges of all inputs afresh."""
    for convolution in rounded_convolutions(model):
        if isinstance(convolution.input_rounding, FakeQuantizer):
            convolution.input_rounding.observer.min_val.fill_(float("inf"))
            convolution.input_rounding.observer.max_val.fill_(float("-inf"))


def quantize_to_integers(model: nn.Module, bits: int, granularity: str, observer: str, inputs: bool) -> None:
    """Let every convolution of ``model``, in place, compute with integers of 8 or 16 bits.

    Args:
        model: any model.
        bits: of the weights; inputs always have 8.
        granularity: of the weights' ranges: per-tensor or per-channel.
        observer: min-max or moving-average.
        inputs: whether inputs are rounded too.
    """
    for name, conv in list(weighted_convolutions(model)):
        weights = weight_quantizer(conv.weight, bits, granularity, observer)
        replace_module(
            model, name, RoundedConv2d(conv, weights, input_quantizer(observer) if inputs else nn.Identity())
        )


def round_to_half(model: nn.Module) -> None:
    """Let every convolution of ``model``, in place, compute with weights that 16-bit floats have."""
    for name, conv in list(weighted_convolutions(model)):
        replace_module(model, name, RoundedConv2d(conv, HalfPrecision(), nn.Identity()))


def without_rounding(model: nn.Module) -> None:
    """Give every convolution of ``model`` that rounds, in place, the weights that it rounds to, and round no more."""
    for name, module in list(model.named_modules()):
        if isinstance(module, RoundedConv2d):
            plain = nn.Conv2d(
                module.in_channels,
                module.out_channels,
                module.kernel_size,  # type: ignore[arg-type]
                module.stride,  # type: ignore[arg-type]
                module.padding,  # type: ignore[arg-type]
                module.dilation,  # type: ignore[arg-type]
                module.groups,
                bias=module.bias is not None,
                padding_mode=module.padding_mode,
                device=module.weight.device,
            )
            with torch.no_grad():
                plain.weight.copy_(module.weight_rounding.eval()(module.weight))
                if module.bias is not None and plain.bias is not None:
                    plain.bias.copy_(module.bias)
            replace_module(model, name, plain.requires_grad_(module.weight.requires_grad).eval())


def rounded_convolutions(model: nn.Module) -> list[RoundedConv2d]:
    """Return the convolutions that round, in the model's order."""
    return [module for module in model.modules() if isinstance(module, RoundedConv2d)]


def ranges(model: nn.Module) -> list[torch.Tensor]:
    """Return a copy of the smallest and largest values of each range that is observed."""
    return [torch.stack([seen.min_val, seen.max_val]).clone() for seen in _observers(model)]


def _observers(model: nn.Module) -> Iterator[Any]:
    """Yield the observers of all fake quantizers."""
    for module in model.modules():
        if isinstance(module, FakeQuantizer):
            yield module.observer
