"""Ending training when it no longer improves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from bench.errors import BenchError
from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level, Model, Workload

if TYPE_CHECKING:
    from bench.environment import Machine


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
        evidence="patience of the trainer's stopper, and the best epoch it has judged; a trial that stops has nothing "
        "left to compare, and its row says 'stopped at epoch N, patience M'",
        needs="validation after each epoch",
        source="https://docs.ultralytics.com/modes/train/#train-settings",
    )
    level_type = Annotated[Literal["off"] | Patience, Field(description="off or {method: patience, epochs: N}")]
    usual_levels = ("off", {"method": "patience", "epochs": 50})

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Without validation there is nothing to judge by, and where it is rare, Ultralytics makes it frequent."""
        if levels["early_stopping"] == "off":
            return None
        validation = levels.get("validation")
        if validation == "off":
            return "early stopping judges by validation, which is off"
        if isinstance(validation, dict):
            return "once its patience may end, Ultralytics validates after each epoch and not after every n-th"
        return None

    @classmethod
    def idle(cls, levels: Mapping[str, Level], workload: Workload, machine: Machine) -> str | None:
        """Validation may be off by a setting, too; the axis ``validation`` would set it itself."""
        if levels["early_stopping"] == "off" or "validation" in levels or workload.settings.get("val", True):
            return None
        return "early stopping judges by validation, which is off: leave out workload.settings.val"

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
            epoch, stopper = trainer.epoch + 1, trainer.stopper
            # Ultralytics has just judged the epoch, if it was validated; training may be over for another reason.
            if trainer.stop and epoch - stopper.best_epoch >= stopper.patience:
                raise StoppedEarlyError(
                    f"stopped at epoch {epoch}, patience {stopper.patience}: "
                    f"nothing better than epoch {stopper.best_epoch}"
                )

        if self.level != "off":
            trainer.add_callback("on_fit_epoch_end", report)

    def evidence(self, trainer: Any) -> Evidence:
        """Read the stopper."""
        stopper = trainer.stopper
        if self.level == "off":
            in_force, expected = stopper.patience == float("inf"), "never"
        else:
            in_force = stopper.patience == self._epochs and stopper.best_epoch > 0
            expected = f"after {self._epochs} epochs, judged by validation"
        judged = f"best so far epoch {stopper.best_epoch}" if stopper.best_epoch else "no epoch judged yet"
        return Evidence(
            in_force=in_force,
            observed="never stops early"
            if stopper.patience == float("inf")
            else f"stops after {stopper.patience} epochs without improvement; {judged}",
            expected=expected,
        )
