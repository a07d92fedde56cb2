"""What becomes of gradients after an optimizer step."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization

if TYPE_CHECKING:
    import torch


class ZeroGrad(Optimization):
    """Gradients freed, or overwritten with zeros."""

    name = "zero_grad"
    card = Card(
        summary="frees gradients after each step (set_to_none, torch's default), or fills them with zeros (zero)",
        acts_on=("memory", "compute"),
        evidence="gradients that are there after the optimizer step, counted; filled ones looked into once",
        source="https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.zero_grad.html",
    )
    level_type = Literal["set_to_none", "zero"]
    usual_levels = ("set_to_none", "zero")

    def prepare_optimizer(self, trainer: Any, optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
        """Fix the argument that Ultralytics leaves at its default."""
        if self.level == "zero":
            optimizer.zero_grad = partial(optimizer.zero_grad, set_to_none=False)  # type: ignore[method-assign]
        return optimizer

    def observe(self, trainer: Any) -> None:
        """Count the gradients left after each step; look at their values after the first."""
        step = trainer.optimizer_step

        def noted_step() -> None:
            step()
            left = [
                parameter.grad
                for group in trainer.optimizer.param_groups
                for parameter in group["params"]
                if parameter.grad is not None
            ]
            if "largest" not in self.observations:
                self.observations["largest"] = max((float(gradient.abs().max()) for gradient in left), default=0.0)
            self.observations["left"] = len(left)

        trainer.optimizer_step = noted_step

    def evidence(self, trainer: Any) -> Evidence:
        """Compare what was left with what should have been."""
        left, largest = self.observations.get("left"), self.observations.get("largest")
        freed = left == 0
        return Evidence(
            in_force=largest == 0 and freed == (self.level == "set_to_none"),
            observed=f"{left} gradients left after a step, the largest value {largest}",
            expected="none left" if self.level == "set_to_none" else "gradients left, all 0",
        )
