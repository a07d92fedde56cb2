"""Ending training when it no longer improves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from bench.errors import BenchError
from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level, Model


class StoppedEarlyError(BenchError):
    """Training ended because it no longer improved, as the level asks."""


class Patience(Model):
    """Training ends after ``epochs`` epochs without a better result."""

    method: Literal["patience"]
    epochs: int = Field(ge=1, le=100_000, description="epochs without improvement after which training ends")


class EarlyStopping(Optimization):
    """Ultralytics' early stopping by validation fitness."""

    name = "early_stopping"
    card = Card(
        summary="ends training when the validation result has not improved for a number of epochs; "
        "saves whole epochs at the end of training and makes none of them faster",
        acts_on=("epoch",),
        evidence="patience of the trainer's stopper, and the best epoch it has judged",
        needs="validation",
        source="https://docs.ultralytics.com/modes/train/#train-settings",
    )
    level_type = Annotated[Literal["off"] | Patience, Field(description="off or {method: patience, epochs: N}")]
    usual_levels = ("off", {"method": "patience", "epochs": 50})

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Without validation there is nothing to judge by."""
        if levels["early_stopping"] != "off" and levels.get("validation") == "off":
            return "early stopping judges by validation, which is off"
        return None

    def configure(self, settings: dict[str, Any]) -> None:
        """Set ``patience``; 0 is never."""
        settings["patience"] = self._epochs

    @property
    def _epochs(self) -> int:
        """Epochs without improvement; 0 for never."""
        return Patience.model_validate(self.level).epochs if isinstance(self.level, dict) else 0

    def prepare_training(self, trainer: Any) -> None:
        """Say so when training ends early; a trial that just went away would look like a crash."""

        def report(trainer: Any) -> None:
            if trainer.epoch + 1 - trainer.stopper.best_epoch >= trainer.stopper.patience:
                raise StoppedEarlyError(
                    f"training ended after epoch {trainer.epoch + 1}: nothing better than epoch "
                    f"{trainer.stopper.best_epoch} in {self._epochs} epochs"
                )

        if self.level != "off":
            trainer.add_callback("on_fit_epoch_end", report)

    def evidence(self, trainer: Any) -> Evidence:
        """Read the stopper."""
        stopper = trainer.stopper
        expected = self._epochs or float("inf")
        never = stopper.patience == float("inf")
        return Evidence(
            in_force=stopper.patience == expected,
            observed="never stops early"
            if never
            else f"stops after {stopper.patience} epochs without improvement; best so far epoch {stopper.best_epoch}",
            expected="never" if self.level == "off" else f"after {self._epochs} epochs",
        )
