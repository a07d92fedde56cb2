"""What training has learnt after a set number of images."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bench.measurements.base import Burst, Measurement
from bench.probes.learning_curve import LearningCurve, value_at

if TYPE_CHECKING:
    from bench.workloads.trainer import ProbedTrainer


class Learning(Measurement):
    """Losses and accuracy after as many images as the suite's ``learning.images``, counted from the trial's start.

    Epochs of warming up and of other measurements count; the burst trains what they leave to be trained, and takes
    nothing but the last point of the curve where they have gone further.

    Values, plain numbers: ``images`` (what they are taken after: at least an epoch), ``training_loss`` (mean over the
    steps of the epoch that ends there), ``growth`` (that over the mean of the first epoch), and, where the weights
    there were validated, ``validation_loss``, ``map50`` and ``map50_95``. Between the ends of two epochs all are
    interpolated linearly. A loss is the sum of the model's own terms, such as box, class and distance loss: the terms
    that techniques add (distillation, an L1 penalty) are left out, so that combinations compare.
    """

    name = "learning"

    def start(self, trainer: ProbedTrainer) -> Burst | None:
        """Return the burst at once where training has come far enough."""
        return _burst(trainer)

    def epoch_ended(self, trainer: ProbedTrainer) -> Burst | None:
        """Return the burst once training has come far enough."""
        return _burst(trainer)


def _burst(trainer: ProbedTrainer) -> Burst | None:
    curve = trainer.learning_curve
    if not curve.reached:
        return None
    if curve.lacks_validation:
        _validate(trainer, curve)
    values = figures(curve)
    for name, value in values.items():
        if not math.isfinite(value):
            from bench.workloads.trainer import LossNotFiniteError

            raise LossNotFiniteError(f"{name} was {value} after {curve.target} images")
    return Burst(values)


def figures(curve: LearningCurve) -> dict[str, float]:
    """Return the values of a curve that has reached its target."""
    first, loss = curve.training_loss[0].value, value_at(curve.training_loss, curve.target)
    assert loss is not None
    values = {"images": float(curve.target), "training_loss": loss, "growth": loss / first}
    validated = {name: value_at(points, curve.target) for name, points in curve.validation.items()}
    return values | {name: value for name, value in validated.items() if value is not None}


def _validate(trainer: ProbedTrainer, curve: LearningCurve) -> None:
    """Validate outside the training loop, unseen by those who watch and count what the loop does."""
    validator = trainer.validator
    callbacks, validator.callbacks = validator.callbacks, {event: [] for event in validator.callbacks}
    try:
        metrics = validator(trainer)
    finally:
        validator.callbacks = callbacks
    curve.add_validation(metrics)
