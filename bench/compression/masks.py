"""Masks that keep pruned weights at zero while training goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn
from torch.nn.utils import prune

from bench.compression.live import weighted_convolutions

_unstructured: Callable[..., Any] = prune.L1Unstructured
_structured: Callable[..., Any] = prune.LnStructured

Masks = dict[str, torch.Tensor]
"""Name of a parameter to ones where it stays and zeros where it is pruned, of the parameter's shape."""


def ramp(done: float) -> float:
    """Return the share of the final amount that is pruned when a share ``done`` of the ramp has passed.

    The cubic ramp of Zhu and Gupta (2017): much while there is much to spare, little at the end.
    """
    return float(1 - (1 - min(done, 1.0)) ** 3)


def layer_masks(model: nn.Module, amount: float) -> Masks:
    """Prune the weights closest to zero, the same share of every convolution."""
    return {
        f"{name}.weight": _unstructured(amount).compute_mask(conv.weight, torch.ones_like(conv.weight))
        for name, conv in weighted_convolutions(model)
    }


def global_masks(model: nn.Module, amount: float) -> Masks:
    """Prune the weights closest to zero of all convolutions together, wherever they are."""
    weights = {f"{name}.weight": conv.weight for name, conv in weighted_convolutions(model)}
    together = torch.cat([weight.detach().flatten() for weight in weights.values()])
    mask = _unstructured(amount).compute_mask(together, torch.ones_like(together))
    parts = mask.split([weight.numel() for weight in weights.values()])
    return {name: part.view_as(weight) for (name, weight), part in zip(weights.items(), parts, strict=True)}


def filter_norms(_: str, conv: nn.Conv2d) -> torch.Tensor:
    """Return the Euclidean norm of each filter of a convolution, shape (filters,)."""
    norms: torch.Tensor = torch.linalg.vector_norm(conv.weight.detach(), dim=(1, 2, 3))
    return norms


def filter_masks(model: nn.Module, amount: float, importance: Callable[[str, nn.Conv2d], torch.Tensor]) -> Masks:
    """Prune the least important filters, the same share of every convolution with a batch norm behind it.

    The batch norm's scale and shift go with the filter, or its channel would live on as a constant.

    Args:
        model: an Ultralytics model.
        amount: share of the filters.
        importance: given a convolution's name and the convolution, returns a number for each filter.
    """
    masks: Masks = {}
    for name, block, conv in filtered_convolutions(model):
        scores = importance(f"{name}.conv", conv)[:, None, None, None]
        mask = _structured(amount, n=1, dim=0).compute_mask(scores, torch.ones_like(scores))
        masks[f"{name}.conv.weight"] = mask.expand_as(conv.weight).contiguous()
        masks[f"{name}.bn.weight"] = masks[f"{name}.bn.bias"] = mask.flatten().to(block.bn.weight.dtype)
    return masks


def filtered_convolutions(model: nn.Module) -> Iterator[tuple[str, Any, nn.Conv2d]]:
    """Yield name, block and convolution wherever one has a batch norm behind it; outputs of the head have none."""
    for name, module in model.named_modules():
        conv, norm = getattr(module, "conv", None), getattr(module, "bn", None)
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            yield name, module, conv


def apply_masks(model: nn.Module, masks: Masks) -> None:
    """Set the pruned parameters of ``model`` to zero, in place; no masks change nothing."""
    if not masks:
        return
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        torch._foreach_mul_([parameters[name] for name in masks], list(masks.values()))


class Activity:
    """Mean absolute value of what leaves each channel in training, gathered by forward hooks."""

    def __init__(self, model: nn.Module) -> None:
        self._sums: dict[str, torch.Tensor] = {}
        self._hooks = [
            block.register_forward_hook(lambda _, __, output, name=f"{name}.conv": self._add(name, output))
            for name, block, _ in filtered_convolutions(model)
        ]

    def _add(self, name: str, output: torch.Tensor) -> None:
        """Add one batch of shape (images, channels, height, width); every batch counts alike."""
        if torch.is_grad_enabled():
            mean = output.detach().abs().mean((0, 2, 3), dtype=torch.float32)
            self._sums[name] = self._sums[name] + mean if name in self._sums else mean

    def importance(self, name: str, conv: nn.Conv2d) -> torch.Tensor:
        """Return the activity of each filter of a convolution; one that never ran counts by its norm."""
        return self._sums[name] if name in self._sums else filter_norms(name, conv)

    def stop(self) -> None:
        """Gather no more."""
        for hook in self._hooks:
            hook.remove()
