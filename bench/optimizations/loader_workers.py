"""Processes that prepare batches beside the training process."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StrictInt

from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level


class LoaderWorkers(Optimization):
    """Number of loader worker processes."""

    name = "loader_workers"
    card = Card(
        summary="decodes and augments pictures in this many processes beside the training process",
        acts_on=("data", "memory"),
        evidence="live worker processes of the training loader, counted",
        cost="starting the workers, before the first batch",
        source="https://docs.pytorch.org/docs/stable/data.html#multi-process-data-loading",
    )
    level_type = Annotated[StrictInt, Field(ge=0, le=256, description="a number of processes from 0 to 256")]
    usual_levels = (0, 1, 2, 4)

    @classmethod
    def extra_cores(cls, level: Level) -> int:
        """Return one core for each worker."""
        return int(level)  # type: ignore[arg-type]

    def configure(self, settings: dict[str, Any]) -> None:
        """Ask for the workers; the probed trainer insists where Ultralytics would set 0."""
        settings["workers"] = self.level

    def evidence(self, trainer: Any) -> Evidence:
        """Count the live workers of the training loader; a loader never starts more than it has batches."""
        workers = getattr(trainer.train_loader.iterator, "_workers", ())
        alive = sum(worker.is_alive() for worker in workers)
        return Evidence(
            in_force=alive == self.level,
            observed=f"{alive} live workers",
            expected=f"{self.level} live workers",
        )
