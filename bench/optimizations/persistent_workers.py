"""Loader workers kept from one epoch to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization
from bench.optimizations.loader_workers import NO_WORKERS, no_workers, training_workers
from bench.suite.model import Level, Workload

if TYPE_CHECKING:
    from bench.environment import Machine


class PersistentWorkers(Optimization):
    """Loader workers that live on, or are started anew for every epoch."""

    name = "persistent_workers"
    card = Card(
        summary="keeps the loader's workers from epoch to epoch (on, Ultralytics' own), or starts new ones (off)",
        acts_on=("data", "epoch"),
        evidence="process numbers of the training loader's workers, compared from one epoch to the next",
        needs="loader workers",
        source="https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader",
    )
    level_type = Literal["on", "off"]
    usual_levels = ("on", "off")

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Without workers there is none to start anew."""
        return NO_WORKERS if levels["persistent_workers"] == "off" and levels.get("loader_workers") == 0 else None

    @classmethod
    def idle(cls, levels: Mapping[str, Level], workload: Workload, machine: Machine) -> str | None:
        """Without workers there is none to start anew."""
        return no_workers(levels, workload, machine) if levels["persistent_workers"] == "off" else None

    def prepare_loader(self, trainer: Any, loader: Any, mode: str) -> None:
        """Make the loader end its workers with each pass, as a plain DataLoader does."""
        if self.level == "off" and mode == "train" and loader.num_workers:
            from bench.workloads.restarting_loader import make_restarting

            make_restarting(loader)

    def observe(self, trainer: Any) -> None:
        """Note the workers' process numbers at the first batch of each epoch."""
        self.observations["epochs"] = {}

        def note(trainer: Any) -> None:
            workers = training_workers(trainer)
            self.observations["epochs"].setdefault(trainer.epoch, {worker.pid for worker in workers})

        trainer.add_callback("on_train_batch_start", note)

    def evidence(self, trainer: Any) -> Evidence:
        """Count pairs of neighbouring epochs that had the same workers; measuring the loader alone starts new ones."""
        epochs: dict[int, set[int]] = self.observations["epochs"]
        pairs = [(epochs[epoch], epochs[epoch + 1]) for epoch in epochs if epoch + 1 in epochs]
        kept = sum(before == after for before, after in pairs if before)
        shared = sum(bool(before & after) for before, after in pairs)
        if self.level == "on":
            without = not any(epochs.values()) and not trainer.train_loader.num_workers
            in_force = kept > 0 or without
        else:
            in_force = bool(pairs) and all(epochs.values()) and not shared
        return Evidence(
            in_force=in_force,
            observed=f"{trainer.train_loader.num_workers} workers, the same in {kept} of {len(pairs)} pairs of epochs",
            expected="the same workers from epoch to epoch, if any" if self.level == "on" else "new ones every epoch",
        )
