"""Processes that prepare batches beside the training process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StrictInt

from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level, Workload

if TYPE_CHECKING:
    from bench.environment import Machine

NO_WORKERS = "needs loader workers, and the loader has none"


class LoaderWorkers(Optimization):
    """Number of loader worker processes."""

    name = "loader_workers"
    card = Card(
        summary="decodes and augments pictures in this many processes beside the training process",
        acts_on=("data", "memory"),
        evidence="live worker processes of the training loader, counted",
        cost="starting the workers, before the first batch",
        needs="cores that training leaves free; with fewer, workers and training take turns",
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

    def observe(self, trainer: Any) -> None:
        """Count the live workers at the first batch of each epoch."""

        def note(trainer: Any) -> None:
            if self.observations.get("epoch") != trainer.epoch:
                alive = sum(worker.is_alive() for worker in training_workers(trainer))
                self.observations.update(epoch=trainer.epoch, alive=alive)

        trainer.add_callback("on_train_batch_start", note)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the workers of the last epoch; a loader never starts more than it has batches."""
        alive = self.observations.get("alive")
        return Evidence(
            in_force=alive == self.level,
            observed=f"{alive} live workers",
            expected=f"{self.level} live workers",
        )


def training_workers(trainer: Any) -> Sequence[Any]:
    """Return the worker processes of a trainer's training loader; none before its first batch."""
    workers: Sequence[Any] = getattr(trainer.train_loader.iterator, "_workers", ())
    return workers


def no_workers(levels: Mapping[str, Level], workload: Workload, machine: Machine) -> str | None:
    """Return why nothing about workers can be changed where a combination's loader has none, or None.

    Ultralytics itself has none on a processor and eight on a GPU.
    """
    usual = 8 if machine.has_cuda else 0
    workers = levels.get("loader_workers", workload.settings.get("workers", usual))
    if workers != 0:
        return None
    return f"{NO_WORKERS}: add the axis loader_workers or set workload.settings.workers"
