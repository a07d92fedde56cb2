"""Trying cuDNN's convolution algorithms before choosing one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level

if TYPE_CHECKING:
    from bench.environment import Machine


class CudnnBenchmark(Optimization):
    """cuDNN's own benchmark of its algorithms, once for every shape."""

    name = "cudnn_benchmark"
    card = Card(
        summary="times cuDNN's convolution algorithms at the first batch of every shape and keeps the fastest",
        acts_on=("compute", "memory"),
        evidence="torch.backends.cudnn.benchmark, read during training steps",
        cost="the timing of the algorithms, at the first batch of every shape",
        needs="CUDA",
        source="https://docs.pytorch.org/tutorials/recipes/recipes/tuning_guide.html#enable-cudnn-auto-tuner",
    )
    level_type = Literal["off", "on"]
    usual_levels = ("off", "on")

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        """There is no cuDNN without CUDA."""
        return "needs CUDA" if level == "on" and not machine.has_cuda else None

    def prepare_training(self, trainer: Any) -> None:
        """Set the flag right before the first step, since others set it while the trainer is built."""
        import torch

        torch.backends.cudnn.benchmark = self.level == "on"

    def observe(self, trainer: Any) -> None:
        """Note the flag at every step."""
        import torch

        def note(*_: object) -> None:
            self.observations["flag"] = torch.backends.cudnn.benchmark

        trainer.loss_watchers.append(note)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the flag seen with the level."""
        seen = "on" if self.observations.get("flag") else "off"
        return Evidence(
            in_force=seen == self.level,
            observed=f"cudnn.benchmark {seen} in training steps",
            expected=str(self.level),
        )
