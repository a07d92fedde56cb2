"""Reading the model that a trial trains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def trained_model(trainer: Any) -> Any:
    """Return the detection model that is trained, out of whatever compiles or distils it."""
    return without_teacher(trainer.model)


def averaged_model(trainer: Any) -> Any:
    """Return the moving average of the trained model, which validation and checkpoints use."""
    return without_teacher(trainer.ema.ema)


def without_teacher(model: Any) -> Any:
    """Return the student of a distillation model, and any other model as it is."""
    from ultralytics.utils.torch_utils import unwrap_model

    model = unwrap_model(model)
    return getattr(model, "student_model", model)


def weighted_convolutions(model: Any) -> Iterator[tuple[str, torch.nn.Conv2d]]:
    """Yield names and modules of the convolutions that learn.

    The one inside Ultralytics' DFL layer is left out: its weights are the fixed numbers 0, 1, 2, ….
    """
    import torch
    from ultralytics.nn.modules import DFL

    fixed = {id(module.conv) for module in model.modules() if isinstance(module, DFL)}
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Conv2d) and id(module) not in fixed:
            yield name, module
