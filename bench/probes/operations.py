"""What a forward pass computes, counted on a copy of the model that shares its weights."""

from __future__ import annotations

from collections import OrderedDict
from copy import deepcopy
from types import FunctionType
from typing import Any

HOOKS = ("_backward_hooks", "_backward_pre_hooks", "_forward_hooks", "_forward_pre_hooks")


def forward_gflops(model: Any, image_size: int) -> float | None:
    """Return the floating point operations of one picture's forward pass in training, in units of 10^9.

    They are counted as Ultralytics counts them, by the rules of ultralytics-thop: a multiplication and an addition are
    two, activation functions are none. The loss and the backward pass are no part of them. The model, its statistics
    and the random numbers to come stay as they are.

    Args:
        model: an Ultralytics model, not compiled.
        image_size: side of the network's input in pixels.

    Returns:
        10^9 operations; None where they cannot be counted.
    """
    import torch
    from ultralytics.utils.torch_utils import get_flops

    kept: dict[int, Any] = {id(parameter): parameter for parameter in model.parameters()}
    for module in model.modules():
        # A hook's owner would be copied with it, and calls of the copy taken for the training's.
        kept |= {id(getattr(module, name)): OrderedDict() for name in HOOKS}
    # The loss holds the probes, and through them the trainer.
    criterion = getattr(model, "criterion", None)
    if criterion is not None:
        kept[id(criterion)] = None
    device = next(model.parameters()).device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []), torch.no_grad():
        try:
            bare = deepcopy(model, kept)
        except Exception:  # what a technique has put into a model need not be copyable
            return None
        for module in bare.modules():
            for name in _replaced_methods(module):
                # A copy shares plain functions: this one would run the live model's layers, as they are trained.
                delattr(module, name)
        # Ultralytics counts with pixels that nobody has set.
        bare.register_forward_pre_hook(lambda _, inputs: tuple(map(torch.zeros_like, inputs)))
        return get_flops(bare.eval(), image_size) or None


def _replaced_methods(module: Any) -> list[str]:
    """Return the names of a module's methods that it has a plain function of its own for, such as a closure.

    Bound methods are none: a copy's are bound to the copy.
    """
    own = vars(module).items()
    return [name for name, value in own if isinstance(value, FunctionType) and hasattr(type(module), name)]
