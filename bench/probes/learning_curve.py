"""What a training loses, and how well it detects, against the images that it has trained on."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.optimizations.regularization import PENALTY

ADDED_TERMS = frozenset({PENALTY, "dis_loss"})
"""Items of a loss that techniques add to it; without them every combination's loss is of the same terms."""

ACCURACIES = {"map50": "metrics/mAP50(B)", "map50_95": "metrics/mAP50-95(B)"}
"""Figure to Ultralytics' name of it."""


@dataclass(frozen=True)
class Point:
    """A figure after so many images of training.

    Attributes:
        images: trained on since the trial began, each as often as it was used.
        value: the figure there.
    """

    images: int
    value: float


def value_at(points: Sequence[Point], images: int) -> float | None:
    """Return the value at ``images``, linear between the points around it; None where they do not reach so far.

    Args:
        points: in the order of their images.
        images: where to look.
    """
    for point in points:
        if point.images == images:
            return point.value
    for before, after in itertools.pairwise(points):
        if before.images < images < after.images:
            share = (images - before.images) / (after.images - before.images)
            return before.value + share * (after.value - before.value)
    return None


def detection_loss(items: Mapping[str, Any], prefix: str = "") -> float:
    """Return the sum of a loss's items whose names begin with ``prefix``, without what techniques add."""
    names = (name for name in items if name.startswith(prefix))
    return sum(float(items[name]) for name in names if name.removeprefix(prefix) not in ADDED_TERMS)


def images_of_an_epoch(trainer: Any) -> int:
    """Return the images that each epoch trains on; known once the trainer has its loader."""
    loader = trainer.train_loader
    # Where Ultralytics compiles, it leaves out the last batch of an epoch that is not a whole one.
    images: int = min(len(loader) * trainer.batch_size, len(loader.dataset))
    return images


class LearningCurve:
    """Keeps the figures of every epoch of a trial from its first on, whatever the epoch was trained for.

    Attributes:
        images: trained on so far.
        training_loss: mean over each epoch's steps, at the epoch's end.
        validation: figure (``validation_loss``, ``map50``, ``map50_95``) at the end of each validated epoch.
    """

    def __init__(self, goal: int) -> None:
        """Begin before the first epoch.

        Args:
            goal: images after which the figures are wanted.
        """
        self.images = 0
        self.training_loss: list[Point] = []
        self.validation: dict[str, list[Point]] = {}
        self._goal = goal
        self._validated = False

    @property
    def target(self) -> int:
        """The images the figures are wanted after: the goal, but one epoch at least; known after one epoch."""
        return max(self._goal, self.training_loss[0].images)

    @property
    def reached(self) -> bool:
        """Whether training has come as far as the target."""
        return bool(self.training_loss) and self.images >= self.target

    @property
    def lacks_validation(self) -> bool:
        """Whether the last epoch was the one that reached the target, and was not validated."""
        before = self.training_loss[-2].images if len(self.training_loss) > 1 else 0
        return self.reached and before < self.target and not self._validated

    def epochs_to_goal(self, trainer: Any) -> int:
        """Return how many epochs the goal takes, the one that it lies in whole; at least one."""
        return math.ceil(self._goal / images_of_an_epoch(trainer))

    def attach(self, trainer: Any) -> None:
        """Follow a trainer's epochs from now on."""
        trainer.add_callback("on_train_epoch_start", self._begin_epoch)
        trainer.add_callback("on_val_end", self._note_that_validated)
        trainer.add_callback("on_fit_epoch_end", self.end_epoch)

    def end_epoch(self, trainer: Any) -> None:
        """Take the figures of an epoch that has ended."""
        self.images += images_of_an_epoch(trainer)
        self.training_loss.append(Point(self.images, detection_loss(trainer.tloss)))
        if self._validated:
            self.add_validation(trainer.metrics)

    def add_validation(self, metrics: Mapping[str, Any]) -> None:
        """Take what a validation of the weights after the last epoch gave."""
        self._validated = True
        values = {"validation_loss": detection_loss(metrics, "val/")}
        values |= {figure: float(metrics[name]) for figure, name in ACCURACIES.items() if name in metrics}
        for figure, value in values.items():
            self.validation.setdefault(figure, []).append(Point(self.images, value))

    def _begin_epoch(self, _: Any) -> None:
        self._validated = False

    def _note_that_validated(self, _: Any) -> None:
        self._validated = True
