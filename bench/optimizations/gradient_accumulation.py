"""One optimizer step for the gradients of several smaller batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StrictInt

from bench.errors import BenchError
from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level


class IndivisibleBatchError(BenchError):
    """A batch cannot be shared out in equal parts."""


class GradientAccumulation(Optimization):
    """Parts that a batch is computed in before the weights change."""

    name = "gradient_accumulation"
    card = Card(
        summary="computes a batch in this many smaller ones and changes the weights once, after the last",
        acts_on=("memory", "compute"),
        evidence="batches from one optimizer step of the training loop to the next, and images in each",
        needs="a batch that the number divides; sets Ultralytics' nbs to the batch at every level, 1 included",
        source="https://docs.ultralytics.com/modes/train/#train-settings",
    )
    level_type = Annotated[StrictInt, Field(ge=1, le=1024, description="a number of parts from 1 to 1024")]
    usual_levels = (1, 2, 4)
    applied_after = ("batch",)

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """A batch has to fall into equal parts."""
        batch, parts = levels.get("batch"), levels["gradient_accumulation"]
        if isinstance(batch, int) and isinstance(parts, int) and batch % parts:
            return f"a batch of {batch} does not fall into {parts} equal parts"
        return None

    def configure(self, settings: dict[str, Any]) -> None:
        """Set ``batch`` to a part's size and ``nbs`` to the whole.

        Raises:
            IndivisibleBatchError: the parts would not be equal.
        """
        whole, parts = int(settings["batch"]), int(self.level)  # type: ignore[arg-type]
        if whole % parts:
            raise IndivisibleBatchError(f"a batch of {whole} does not fall into {parts} equal parts")
        settings.update(batch=whole // parts, nbs=whole)

    def observe(self, trainer: Any) -> None:
        """Note the number of each batch of the training loop that ended in an optimizer step, and images in it."""
        seen = self.observations
        seen.update(batches=0, in_loop=False, steps=[], images=0)

        def begin(_: Any) -> None:
            seen["batches"] += 1
            seen["in_loop"] = True

        def end(_: Any) -> None:
            seen["in_loop"] = False

        def note(_: object, batch: Any) -> None:
            seen["images"] = max(seen["images"], len(batch["img"]))

        step = trainer.optimizer_step

        def noted_step() -> None:
            # Steps on fixed batches are none of the training loop's.
            if seen["in_loop"]:
                seen["steps"].append(seen["batches"])
            step()

        trainer.optimizer_step = noted_step
        trainer.add_callback("on_train_batch_start", begin)
        trainer.add_callback("on_train_batch_end", end)
        trainer.loss_watchers.append(note)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the last distance between two steps, and the images in between, with what was asked for."""
        seen = self.observations
        whole = next((int(each.level) for each in trainer.optimizations if each.name == "batch"), self.workload.batch)
        last = [0, *seen["steps"]][-2:]
        distance = last[1] - last[0] if seen["steps"] else 0
        return Evidence(
            in_force=distance == self.level and distance * seen["images"] == whole,
            observed=f"{len(seen['steps'])} optimizer steps in {seen['batches']} batches of {seen['images']} images",
            expected=f"a step after every {self.level} batches, {whole} images",
        )
