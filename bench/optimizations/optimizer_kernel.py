"""How an optimizer's arithmetic is launched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level

if TYPE_CHECKING:
    import torch

FUSED = {"SGD", "Adam", "AdamW"}
"""Optimizers for which torch has a fused kernel on processors and on CUDA."""


class OptimizerKernel(Optimization):
    """One weight at a time, all weights in each operation, or everything in one kernel."""

    name = "optimizer_kernel"
    card = Card(
        summary="updates weights one by one (for-loop), operation by operation (foreach), or in one kernel (fused)",
        acts_on=("compute",),
        evidence="the torch function that each optimizer step called, noted as it ran",
        needs="fused: optimizer SGD, Adam or AdamW",
        source="https://docs.pytorch.org/docs/stable/optim.html#algorithms",
    )
    level_type = Literal["for-loop", "foreach", "fused"]
    usual_levels = ("for-loop", "foreach", "fused")
    applied_after = ("optimizer",)

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Not every optimizer can be computed in every way."""
        optimizer = str(levels.get("optimizer", "SGD"))
        if optimizer == "MuSGD":
            return "MuSGD has a kernel of its own"
        if levels["optimizer_kernel"] == "fused" and optimizer not in FUSED:
            return f"torch has no fused kernel for {optimizer}"
        return None

    def prepare_optimizer(self, trainer: Any, optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
        """Set the flags of every group of parameters."""
        flags = {"foreach": self.level == "foreach", "fused": self.level == "fused"}
        for group in [optimizer.defaults, *optimizer.param_groups]:
            group.update({flag: on for flag, on in flags.items() if flag in group})
        return optimizer

    def observe(self, trainer: Any) -> None:
        """Note which of torch's single, multi and fused functions the optimizer's steps call."""
        import importlib

        for name in ("sgd", "adam", "nadam", "radam", "adamax", "rmsprop"):
            module = importlib.import_module(f"torch.optim.{name}")
            for kernel, prefix in (
                ("for-loop", "_single_tensor"),
                ("foreach", "_multi_tensor"),
                ("fused", "_fused"),
            ):
                function = getattr(module, f"{prefix}_{name}", None)
                if function is not None:
                    setattr(module, f"{prefix}_{name}", self._noting(kernel, function))

    def _noting(self, kernel: str, function: Any) -> Any:
        def noted(*args: Any, **kwargs: Any) -> Any:
            self.observations.setdefault("kernels", set()).add(kernel)
            return function(*args, **kwargs)

        return noted

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the functions called with the one asked for."""
        seen = self.observations.get("kernels", set())
        return Evidence(
            in_force=seen == {self.level},
            observed="optimizer steps called " + (", ".join(sorted(seen)) or "no known function"),
            expected=str(self.level),
        )
