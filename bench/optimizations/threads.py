"""Threads that torch computes with on a processor."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StrictInt

from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level


class Threads(Optimization):
    """Threads within one operation."""

    name = "threads"
    card = Card(
        summary="lets every operation on the processor use this many threads; Ultralytics sets one",
        acts_on=("compute",),
        evidence="torch.get_num_threads in the trial",
        source="https://docs.pytorch.org/docs/stable/notes/cpu_threading_torchscript_inference.html",
    )
    level_type = Annotated[StrictInt, Field(ge=1, le=1024, description="a number of threads from 1 to 1024")]
    usual_levels = (1, 2, 4)

    @classmethod
    def extra_cores(cls, level: Level) -> int:
        """Return one core for each thread beyond the first."""
        return int(level) - 1  # type: ignore[arg-type]

    def prepare_trainer(self, trainer: Any) -> None:
        """Set the number of threads of this process, after Ultralytics has set its own."""
        import torch

        torch.set_num_threads(int(self.level))  # type: ignore[arg-type]

    def evidence(self, trainer: Any) -> Evidence:
        """Ask torch."""
        import torch

        seen = torch.get_num_threads()
        return Evidence(in_force=seen == self.level, observed=f"{seen} threads", expected=f"{self.level} threads")
