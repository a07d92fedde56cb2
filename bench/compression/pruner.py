"""Pruning by masks, as training goes along."""

from __future__ import annotations

from typing import Any

from bench.compression.live import averaged_model, trained_model
from bench.compression.masks import (
    Activity,
    Masks,
    apply_masks,
    filter_masks,
    filter_norms,
    global_masks,
    layer_masks,
    ramp,
)


class Pruner:
    """Chooses masks in one or more stages, an epoch apart, and applies them after every optimizer step.

    Attributes:
        masks: those in force.
        stage: stages done.
    """

    def __init__(self, method: str, amount: float, stages: int) -> None:
        """Take the method, the share to prune in the end, and the number of stages to get there."""
        self._method = method
        self._amount = amount
        self._stages = stages
        self._activity: Activity | None = None
        self.masks: Masks = {}
        self.stage = 0

    def attach(self, trainer: Any) -> None:
        """Begin on a trainer that is set up: the first stage at once, or after an epoch where activity is needed."""
        if self._method == "activation":
            self._activity = Activity(trained_model(trainer))
        else:
            self._advance(trainer)
        trainer.add_callback("on_train_epoch_end", self._advance)
        trainer.optimizer.register_step_post_hook(lambda *_: apply_masks(trained_model(trainer), self.masks))

    def _advance(self, trainer: Any) -> None:
        """Choose the masks of the next stage, if there is one, and apply them."""
        if self.stage == self._stages:
            return
        self.stage += 1
        self.masks = self._choose(trained_model(trainer), self._amount * ramp(self.stage / self._stages))
        apply_masks(trained_model(trainer), self.masks)
        apply_masks(averaged_model(trainer), self.masks)
        if self._activity is not None and self.stage == self._stages:
            self._activity.stop()

    def _choose(self, model: Any, amount: float) -> Masks:
        """Return the masks that prune a share ``amount`` of ``model``."""
        if self._method == "l1-unstructured":
            return layer_masks(model, amount)
        if self._method == "global-unstructured":
            return global_masks(model, amount)
        return filter_masks(model, amount, self._activity.importance if self._activity else filter_norms)
