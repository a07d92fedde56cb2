"""Images in one training step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt

from bench.errors import BenchError
from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level

LARGEST = "largest"


class UnresolvedBatchError(BenchError):
    """The largest batch is asked for where nobody looked for it."""


class Batch(Optimization):
    """Batch size, in place of the workload's."""

    name = "batch"
    card = Card(
        summary="computes this many images in a step instead of the workload's batch",
        acts_on=("memory", "compute"),
        evidence="images in the largest batch whose loss was computed",
        cost="largest: before its first launch a run trains with one batch after another in processes of their own, "
        "doubling, then halving the gap to what does not fit, and journals what it tried; blocks are then pairs, of "
        "which each trial may take half of the memory",
        needs="at least that many images; with Ultralytics' nbs, small batches are accumulated up to nbs images",
        source="https://docs.ultralytics.com/modes/train/#train-settings",
    )
    level_type = Annotated[
        Annotated[StrictInt, Field(ge=1, le=65536)] | Literal["largest"],
        Field(description="a number of images from 1 to 65536, or largest for the most that fit into memory"),
    ]
    usual_levels = (8, 16, 32, 64)

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """The largest batch need not fall into equal parts."""
        if levels["batch"] == LARGEST and levels.get("gradient_accumulation", 1) != 1:
            return "the largest batch need not fall into equal parts; give gradient_accumulation a batch of a number"
        return None

    def configure(self, settings: dict[str, Any]) -> None:
        """Set ``batch``.

        Raises:
            UnresolvedBatchError: nobody has looked for the largest batch; only runs do.
        """
        if self.level == LARGEST:
            raise UnresolvedBatchError("the largest batch is looked for by `bench run` and `bench largest-batch` alone")
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
