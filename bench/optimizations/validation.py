"""How often the model is validated during training."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Model


class Every(Model):
    """Validation after every ``epochs``-th epoch."""

    method: Literal["every"]
    epochs: int = Field(ge=2, le=10_000, description="epochs from one validation to the next")


class Validation(Optimization):
    """Validation after each epoch, after some, or after none."""

    name = "validation"
    card = Card(
        summary="validates after each epoch (on), after every n-th, or only when training ends (off)",
        acts_on=("epoch",),
        evidence="validations that ran against epochs trained, counted",
        source="https://docs.ultralytics.com/modes/train/#train-settings",
    )
    level_type = Annotated[
        Literal["on", "off"] | Every,
        Field(description="on, off or {method: every, epochs: N}"),
    ]
    usual_levels = ("on", {"method": "every", "epochs": 2}, "off")

    def prepare_training(self, trainer: Any) -> None:
        """Set ``val``, before each epoch's end where not all epochs are alike."""
        trainer.args.val = self.level == "on"
        if isinstance(self.level, dict):
            trainer.add_callback("on_train_epoch_end", self._decide)

    def _decide(self, trainer: Any) -> None:
        """Say whether the epoch that ends is to be validated."""
        trainer.args.val = validates(trainer.epoch + 1, self._interval)
        if not trainer.args.val:
            # An old fitness would make Ultralytics save weights that nobody has judged as the best ones.
            trainer.fitness = None

    @property
    def _interval(self) -> int:
        """Epochs from one validation to the next; 0 for never."""
        if isinstance(self.level, dict):
            return Every.model_validate(self.level).epochs
        return 1 if self.level == "on" else 0

    def repeats_after(self, trainer: Any) -> int:
        """The epochs from one validation to the next."""
        return max(1, self._interval)

    def observe(self, trainer: Any) -> None:
        """Count validations that came to their end, and epochs."""
        self.observations.update(validations=0, epochs=0)

        def count(what: str) -> Any:
            def note(*_: object) -> None:
                self.observations[what] += 1

            return note

        trainer.add_callback("on_val_end", count("validations"))
        trainer.add_callback("on_train_epoch_end", count("epochs"))

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the validations seen with those planned for the epochs seen."""
        seen, epochs = self.observations["validations"], self.observations["epochs"]
        planned = sum(validates(epoch, self._interval) for epoch in range(1, epochs + 1))
        return Evidence(
            in_force=seen == planned and epochs > 0,
            observed=f"{seen} validations in {epochs} epochs",
            expected=f"{planned} validations",
        )


def validates(epoch: int, interval: int) -> bool:
    """Return whether the ``epoch``-th epoch, counted from 1, is followed by validation; interval 0 is never."""
    return interval > 0 and epoch % interval == 0
