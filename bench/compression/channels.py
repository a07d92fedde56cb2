"""Channels taken out of a model for good, with Torch-Pruning."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import torch
import torch_pruning
from torch import nn
from ultralytics.nn.modules import C2f, Conv, Detect, block, head

from bench.compression.convolutions import replace_module

ROUND_TO = 8
"""Remaining channels are a multiple of this, which kernels like."""

OPAQUE = (
    block.A2C2f,
    block.ADown,
    block.C2,
    block.C2fAttn,
    block.C2PSA,
    block.CBLinear,
    block.PSA,
    block.PSABlock,
    block.RepNCSPELAN4,
    block.TorchVision,
)
"""Blocks that split, reshape or attend in ways that Torch-Pruning cannot follow; they keep all their channels."""


class TwoConvolutionC2f(nn.Module):
    """A C2f block whose first convolution is two, each giving a half, so that no output has to be split."""

    def __init__(self, original: C2f) -> None:
        super().__init__()
        self.first, self.second = (_half(original.cv1, half) for half in (0, 1))
        self.cv2 = original.cv2
        self.m = original.m

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Compute what the original block computes."""
        parts = [self.first(x), self.second(x)]
        for inner in self.m:
            parts.append(inner(parts[-1]))
        out: torch.Tensor = self.cv2(torch.cat(parts, 1))
        return out


def _half(convolution: Conv, half: int) -> Conv:
    """Return a convolution that gives the first or second half of another one's channels."""
    conv = convolution.conv
    count = conv.out_channels // 2
    channels = slice(half * count, (half + 1) * count)
    result = Conv(conv.in_channels, count, conv.kernel_size[0], conv.stride[0], act=convolution.act)
    result.conv.weight.data.copy_(conv.weight.data[channels])
    for name, value in convolution.bn.state_dict().items():
        result.bn.state_dict()[name].copy_(value[channels] if value.ndim else value)
    result.bn.eps, result.bn.momentum = convolution.bn.eps, convolution.bn.momentum
    return result


def split_first_convolutions(model: nn.Module) -> None:
    """Give every C2f block of ``model``, in place, a form that Torch-Pruning can follow."""
    for name, module in list(model.named_modules()):
        if isinstance(module, C2f) and type(module).forward is C2f.forward:
            replace_module(model, name, TwoConvolutionC2f(module))


def remove_channels(model: Any, amount: float) -> None:
    """Take the channels whose filters have the smallest norm out of ``model``, in place.

    Args:
        model: an Ultralytics detection model.
        amount: share of the channels of each group of layers that depend on each other.

    Raises:
        TypeError: the model's head is not a Detect head, so its outputs cannot be kept apart.
    """
    last = model.model[-1]
    if not isinstance(last, Detect) or isinstance(last, head.RTDETRDecoder):
        raise TypeError(
            f"channels can be removed from models with a Detect head; this one ends in {type(last).__name__}"
        )
    split_first_convolutions(model)
    side = 2 * int(max(last.stride))
    image = torch.zeros(1, model.yaml.get("channels", 3), side, side)
    training = model.training
    # In training, end-to-end heads cut the gradient that the tracing follows.
    model.eval()
    with ExitStack() as stack:
        keep = [outputs[-1] for name in _BRANCHES for outputs in getattr(last, name, None) or ()]
        for name, shapes in _opaque_shapes(model, image).items():
            stand_in = _StandIn(*shapes)
            stack.callback(replace_module, model, name, model.get_submodule(name))
            replace_module(model, name, stand_in)
            keep.append(stand_in)
        torch_pruning.pruner.MagnitudePruner(
            model,
            image,
            importance=torch_pruning.importance.MagnitudeImportance(p=2),
            pruning_ratio=amount,
            ignored_layers=keep,
            round_to=ROUND_TO,
            output_transform=_raw_outputs,
        ).step()
    model.train(training)


_BRANCHES = ("cv2", "cv3", "one2one_cv2", "one2one_cv3")


def _raw_outputs(output: Any) -> list[torch.Tensor]:
    """Return boxes and scores of every branch, before they are decoded."""
    predictions = output[1]
    branches = [predictions[name] for name in ("one2many", "one2one")] if "one2many" in predictions else [predictions]
    return [branch[name] for branch in branches for name in ("boxes", "scores")]


class _StandIn(nn.Module):
    """What an opaque block looks like from outside; its depthwise convolution ties its input's channels down."""

    def __init__(self, before: torch.Size, after: torch.Size) -> None:
        super().__init__()
        self.tied = nn.Conv2d(before[1], before[1], 1, groups=before[1])
        stride = before[2] // after[2]
        self.mixed = nn.Conv2d(before[1], after[1], stride, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return a picture of the size and channels of the opaque block's."""
        out: torch.Tensor = self.mixed(self.tied(x))
        return out


def _opaque_shapes(model: nn.Module, image: torch.Tensor) -> dict[str, tuple[torch.Size, torch.Size]]:
    """Return names of the outermost opaque blocks with the shapes that go in and come out."""
    shapes: dict[str, tuple[torch.Size, torch.Size]] = {}
    handles = []
    found: list[str] = []
    for name, module in model.named_modules():
        if isinstance(module, OPAQUE) and not name.startswith(tuple(f"{outer}." for outer in found)):
            found.append(name)
            handles.append(
                module.register_forward_hook(
                    lambda _, inputs, output, name=name: shapes.update({name: (inputs[0].shape, output.shape)})
                )
            )
    with torch.no_grad():
        model(image)
    for handle in handles:
        handle.remove()
    return shapes
