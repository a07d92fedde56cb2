"""Cheaper stand-ins for standard convolutions."""

from __future__ import annotations

from typing import Any

from torch import nn
from ultralytics.nn.modules import Conv, DWConv, GhostConv, RepConv
from ultralytics.utils.torch_utils import initialize_weights

SELF_CONTAINED = (GhostConv, RepConv)
"""Blocks that reach into their own convolutions, whose insides must stay what they are."""


def standard_convolutions(model: nn.Module) -> dict[str, Conv]:
    """Return the convolutions that look at more than one pixel and mix all channels, by name.

    The first one is left out, as MobileNet leaves it: three colours are too few to separate.
    """
    inside = tuple(f"{name}." for name, module in model.named_modules() if isinstance(module, SELF_CONTAINED))
    return {
        name: module
        for name, module in model.named_modules()
        if type(module) is Conv
        and module.conv.kernel_size != (1, 1)
        and module.conv.groups == 1
        and module.conv.in_channels > 3
        and not name.startswith(inside)
    }


def depthwise_separable(convolution: Conv) -> nn.Module:
    """Return a depthwise convolution of the same kernel, then a pointwise one that mixes the channels."""
    conv = convolution.conv
    depthwise = DWConv(conv.in_channels, conv.in_channels, conv.kernel_size[0], conv.stride[0], conv.dilation[0])
    pointwise = Conv(conv.in_channels, conv.out_channels, 1, act=convolution.act)
    return nn.Sequential(depthwise, pointwise)


def ghost(convolution: Conv) -> nn.Module:
    """Return half the filters, and a cheap 5x5 depthwise convolution that makes the other half from them.

    An odd number of filters has no half; such a convolution is returned as it is.
    """
    conv = convolution.conv
    if conv.out_channels % 2:
        replacement: nn.Module = convolution
    else:
        kernel, stride = conv.kernel_size[0], conv.stride[0]
        replacement = GhostConv(conv.in_channels, conv.out_channels, kernel, stride, act=convolution.act)
    return replacement


def replace_convolutions(model: nn.Module, method: str) -> None:
    """Replace every standard convolution of ``model`` in place.

    Args:
        model: an Ultralytics model.
        method: depthwise-separable or ghost.
    """
    make = {"depthwise-separable": depthwise_separable, "ghost": ghost}[method]
    for name, convolution in standard_convolutions(model).items():
        replace_module(model, name, make(convolution))
    # New batch norms need the epsilon and momentum that Ultralytics gives to its own.
    initialize_weights(model)


def replace_module(model: nn.Module, name: str, replacement: Any) -> None:
    """Put ``replacement`` where the module called ``name`` is, with the attributes that Ultralytics routes by."""
    replaced = model.get_submodule(name)
    for attribute in ("f", "i", "type", "np"):
        if hasattr(replaced, attribute):
            setattr(replacement, attribute, getattr(replaced, attribute))
    parent, _, last = name.rpartition(".")
    setattr(model.get_submodule(parent), last, replacement)
