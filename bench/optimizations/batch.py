"""Images in one training step."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StrictInt

from bench.optimizations.base import Card, Evidence, Optimization


class Batch(Optimization):
    """Batch size, in place of the workload's."""

    name = "batch"
    card = Card(
        summary="computes this many images in a step instead of the workload's batch",
        acts_on=("memory", "compute"),
        evidence="images in the largest batch whose loss was computed",
        needs="at least that many images; with Ultralytics' nbs, small batches are accumulated up to nbs images",
        source="https://docs.ultralytics.com/modes/train/#train-settings",
    )
    level_type = Annotated[StrictInt, Field(ge=1, le=65536, description="a number of images from 1 to 65536")]
    usual_levels = (8, 16, 32, 64)

    def configure(self, settings: dict[str, Any]) -> None:
        """Set ``batch``."""
        settings["batch"] = self.level

    def observe(self, trainer: Any) -> None:
        """Note the most images whose loss was computed at once; an epoch's last batch may have fewer."""

        def note(_: object, batch: Any) -> None:
            self.observations["images"] = max(self.observations.get("images", 0), len(batch["img"]))

        trainer.loss_watchers.append(note)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the images seen with the images asked for, shared out among accumulated batches if there are any."""
        parts = next((int(each.level) for each in trainer.optimizations if each.name == "gradient_accumulation"), 1)
        expected = int(self.level) // parts  # type: ignore[arg-type]
        seen = self.observations.get("images", 0)
        return Evidence(
            in_force=seen == expected,
            observed=f"batches of {seen} images",
            expected=f"{expected} images" + (f" in each of {parts} parts" if parts > 1 else ""),
        )
