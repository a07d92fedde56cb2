"""Batches in memory that a GPU reads by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level

if TYPE_CHECKING:
    from bench.environment import Machine


class PinMemory(Optimization):
    """Page-locked batches."""

    name = "pin_memory"
    card = Card(
        summary="puts each batch into page-locked memory, from which it is copied to the GPU while the host goes on",
        acts_on=("data", "memory"),
        evidence="whether the pictures of the batches that the training loop receives are pinned",
        needs="CUDA; Ultralytics itself pins there, so off departs from it",
        source="https://docs.pytorch.org/docs/stable/data.html#memory-pinning",
    )
    level_type = Literal["off", "on"]
    usual_levels = ("off", "on")

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        """Torch ignores the setting without a GPU."""
        return "needs CUDA" if level == "on" and not machine.has_cuda else None

    def prepare_loader(self, trainer: Any, loader: Any, mode: str) -> None:
        """Set the loader's attribute, of both splits, before its first batch."""
        loader.pin_memory = self.level == "on"

    def observe(self, trainer: Any) -> None:
        """Look at the pictures of each batch before they go to the device."""
        self.observations.update(pinned=0, batches=0)
        preprocess = trainer.preprocess_batch

        def look(batch: dict[str, Any]) -> dict[str, Any]:
            # Batches made on the device for measurements are neither.
            if batch["img"].device.type == "cpu" and self.observations["in_loop"]:
                self.observations["batches"] += 1
                self.observations["pinned"] += batch["img"].is_pinned()
            result: dict[str, Any] = preprocess(batch)
            return result

        def enter(_: Any) -> None:
            self.observations["in_loop"] = True

        def leave(_: Any) -> None:
            self.observations["in_loop"] = False

        leave(trainer)
        trainer.preprocess_batch = look
        trainer.add_callback("on_train_batch_start", enter)
        trainer.add_callback("on_train_batch_end", leave)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare pinned batches with all."""
        pinned, batches = self.observations["pinned"], self.observations["batches"]
        return Evidence(
            in_force=batches > 0 and pinned == (batches if self.level == "on" else 0),
            observed=f"{pinned} of {batches} batches pinned",
            expected="all pinned" if self.level == "on" else "none pinned",
        )
