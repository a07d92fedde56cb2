"""Batches that each loader worker prepares ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StrictInt

from bench.optimizations.base import Card, Evidence, Optimization
from bench.optimizations.loader_workers import NO_WORKERS, no_workers
from bench.suite.model import Level, Workload

if TYPE_CHECKING:
    from bench.environment import Machine

ULTRALYTICS_OWN = 4


class PrefetchFactor(Optimization):
    """Batches ready or under way for each worker."""

    name = "prefetch_factor"
    card = Card(
        summary="has each loader worker keep this many batches of the training split ready or under way",
        acts_on=("data", "memory"),
        evidence="batches ready or under way in the live loader, divided by its workers",
        needs="loader workers; 4 is Ultralytics' own",
        source="https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader",
    )
    level_type = Annotated[StrictInt, Field(ge=1, le=1024, description="batches for each worker, from 1 to 1024")]
    usual_levels = (ULTRALYTICS_OWN, 2, 8)

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Without workers nothing is prepared ahead; Ultralytics' own number stands for that, too."""
        other = levels["prefetch_factor"] != ULTRALYTICS_OWN
        return NO_WORKERS if other and levels.get("loader_workers") == 0 else None

    @classmethod
    def idle(cls, levels: Mapping[str, Level], workload: Workload, machine: Machine) -> str | None:
        """Without workers nothing is prepared ahead."""
        return no_workers(levels, workload, machine) if levels["prefetch_factor"] != ULTRALYTICS_OWN else None

    def prepare_loader(self, trainer: Any, loader: Any, mode: str) -> None:
        """Set the number where there are workers; torch refuses one without."""
        if mode == "train" and loader.num_workers:
            loader.prefetch_factor = self.level

    def observe(self, trainer: Any) -> None:
        """Note the most batches that were ready or under way when the loop received one."""
        self.observations["ahead"] = 0

        def note(trainer: Any) -> None:
            # Not `_tasks_outstanding`: a batch that came before its turn is waiting, yet counts there no more.
            ahead = len(getattr(trainer.train_loader.iterator, "_task_info", ()))
            self.observations["ahead"] = max(self.observations["ahead"], ahead)

        trainer.add_callback("on_train_batch_start", note)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare batches ahead with those asked for; a pass that ends has no more than are left of it."""
        loader = trainer.train_loader
        workers = loader.num_workers
        ahead = self.observations["ahead"]
        asked = int(self.level) * workers  # type: ignore[arg-type]
        # What Ultralytics' own loader draws from starts again at the end, and has no length.
        if isinstance(loader.batch_sampler, Sized):
            asked = min(asked, len(loader) - 1)
        return Evidence(
            in_force=ahead == asked if workers else self.level == ULTRALYTICS_OWN,
            observed=f"{ahead} batches ready or under way for {workers} workers",
            expected=f"{asked} batches",
        )
