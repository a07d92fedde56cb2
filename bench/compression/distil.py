"""A student that learns from a teacher's outputs beside the labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

Predictions = dict[str, torch.Tensor]
"""Raw outputs of a head: boxes (images, 4 x bins, anchors) and scores (images, classes, anchors), as logits."""

Difference = Callable[[Predictions, Predictions], torch.Tensor]
"""A scalar: how far a student's predictions, the first, are from its teacher's."""


def mean_squared_error(student: Predictions, teacher: Predictions) -> torch.Tensor:
    """Return the mean squared difference of the scores' logits plus that of the raw boxes."""
    return functional.mse_loss(student["scores"], teacher["scores"]) + functional.mse_loss(
        student["boxes"], teacher["boxes"]
    )


def bernoulli_divergence(student: Predictions, teacher: Predictions, temperature: float) -> torch.Tensor:
    """Return the Kullback-Leibler divergence of the student's class probabilities from the teacher's.

    YOLO's classes do not exclude each other: each is a yes or no of its own, softened by the temperature. Summed over
    classes, averaged over anchors and images, times the temperature squared, which keeps gradients' size (Hinton 2015).
    """
    hard, soft = teacher["scores"] / temperature, student["scores"] / temperature
    # Logarithms of sigmoids, because a sigmoid that rounds to 0 or 1 has no logarithm of its own.
    yes = hard.sigmoid() * (functional.logsigmoid(hard) - functional.logsigmoid(soft))
    no = (-hard).sigmoid() * (functional.logsigmoid(-hard) - functional.logsigmoid(-soft))
    return (yes + no).sum(1).mean() * temperature**2


def branches(output: Any) -> list[Predictions]:
    """Return the raw predictions in a model's output: of two heads where it is end-to-end, else of one."""
    raw = output[1] if isinstance(output, tuple) else output
    return [raw["one2many"], raw["one2one"]] if "one2many" in raw else [raw]


class DistillingCriterion:
    """A criterion that adds to the loss how far the predictions are from a teacher's.

    Attributes:
        teacher: the frozen teacher; it runs inside the step, once for each call.
    """

    def __init__(self, target: Any, teacher: torch.nn.Module, difference: Difference, weight: float) -> None:
        """Take the criterion to add to, the teacher, what to add and its weight."""
        self.target = target
        self.teacher = teacher.eval().requires_grad_(False)
        self._difference = difference
        self._weight = weight

    def __call__(self, predictions: Any, batch: dict[str, Any]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Return the loss with one more part, and its parts by name with ``dis_loss`` among them.

        As in Ultralytics, what is returned for the gradient is summed over the images of the batch, and what is
        returned for reading is not.
        """
        with torch.no_grad():
            taught = branches(self.teacher(batch["img"]))
        loss, items = self.target(predictions, batch)
        learnt = branches(predictions)
        pairs = list(zip(learnt, taught, strict=True))
        part = self._weight * sum((self._difference(*pair) for pair in pairs), loss.new_zeros(())) / len(pairs)
        return torch.cat([loss, part.reshape(1) * len(batch["img"])]), {**items, "dis_loss": part.detach().reshape(1)}


def load_teacher(file: Path, device: torch.device) -> torch.nn.Module:
    """Return the model of a checkpoint, in evaluation mode on a device."""
    from ultralytics.nn.tasks import load_checkpoint

    teacher: torch.nn.Module = load_checkpoint(file, device=device)[0]
    return teacher
