"""How the learning rate changes over the planned epochs."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization

STEP_FACTOR = 0.1
"""What a step multiplies the rate with, after each third of the epochs."""
WARM_UP_SHARE = 0.3
"""Share of the epochs in which the one-cycle schedule rises; this and the next two are torch's own."""
FIRST_DIVISOR = 25.0
"""The one-cycle schedule starts at the highest rate divided by this."""
LAST_DIVISOR = 1e4
"""The one-cycle schedule ends at its first rate divided by this."""

CHECKED_POINTS = 13
"""Epochs, spread evenly over the plan, at which evidence compares the schedule with its formula."""


class LearningRateSchedule(Optimization):
    """Learning rate as a function of the epoch."""

    name = "learning_rate_schedule"
    card = Card(
        summary="lowers the rate linearly (Ultralytics' own), by a cosine, in steps, in one cycle, or not at all",
        acts_on=("epoch",),
        evidence="the scheduler's rates over all planned epochs, and the optimizer's in each epoch that ran",
        needs="as many epochs as are planned: within a short trial the rate hardly moves, and no step gets faster",
        source="https://arxiv.org/abs/1608.03983 (cosine), https://arxiv.org/abs/1708.07120 (one cycle)",
    )
    level_type = Literal["linear", "constant", "cosine", "step", "one-cycle"]
    usual_levels = ("linear", "constant", "cosine", "step", "one-cycle")

    def configure(self, settings: dict[str, Any]) -> None:
        """Set what Ultralytics has settings for."""
        if self.level in {"linear", "cosine"}:
            settings["cos_lr"] = self.level == "cosine"

    def prepare_trainer(self, trainer: Any) -> None:
        """Build the schedules that Ultralytics does not have, where and whenever it builds its own."""
        if self.level in {"linear", "cosine"}:
            return
        from torch.optim.lr_scheduler import LambdaLR

        def set_up_scheduler() -> None:
            trainer.lf = partial(rate_factor, str(self.level), epochs=trainer.epochs, final=trainer.args.lrf)
            trainer.scheduler = LambdaLR(trainer.optimizer, lr_lambda=trainer.lf)

        trainer._setup_scheduler = set_up_scheduler

    def observe(self, trainer: Any) -> None:
        """Note the rate of every group of parameters at the end of each epoch's steps, as a share of its own first."""
        rates: dict[int, set[float]] = {}
        self.observations["rates"] = rates

        def note(trainer: Any) -> None:
            # While it warms up, Ultralytics sets other rates at every step.
            if trainer.epoch >= trainer.args.warmup_epochs:
                rates[trainer.epoch] = {
                    round(float(group["lr"]) / float(group["initial_lr"]), 6)
                    for group in trainer.optimizer.param_groups
                }

        trainer.add_callback("on_train_epoch_end", note)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare plan and rates with the formula."""
        epochs, final = trainer.epochs, trainer.args.lrf
        formula = partial(rate_factor, str(self.level), epochs=epochs, final=final)
        points = [round(share * (epochs - 1) / (CHECKED_POINTS - 1)) for share in range(CHECKED_POINTS)]
        planned = [trainer.scheduler.lr_lambdas[0](epoch) for epoch in points]
        followed = all(_close(planned[i], formula(epoch)) for i, epoch in enumerate(points))
        rates: dict[int, set[float]] = self.observations["rates"]
        obeyed = all(_close(rate, formula(epoch)) for epoch, seen in rates.items() for rate in seen)
        shown = ", ".join(f"{planned[i]:.3g}" for i in (0, CHECKED_POINTS // 2, CHECKED_POINTS - 1))
        wanted = ", ".join(f"{formula(points[i]):.3g}" for i in (0, CHECKED_POINTS // 2, CHECKED_POINTS - 1))
        return Evidence(
            in_force=followed and obeyed,
            observed=f"rate factors {shown} at the first, middle and last of {epochs} epochs; rates of "
            f"{len(rates)} epochs {'as' if obeyed else 'not as'} in the formula",
            expected=f"factors {wanted}, and rates after them",
        )


def rate_factor(schedule: str, epoch: float, *, epochs: int, final: float) -> float:
    """Return the learning rate of an epoch as a share of the set one.

    Args:
        schedule: linear, constant, cosine, step or one-cycle.
        epoch: from 0.
        epochs: how many are planned.
        final: share that linear and cosine end at; the other three have ends of their own.
    """
    share = epoch / epochs
    if schedule == "linear":
        return max(1 - share, 0.0) * (1.0 - final) + final
    if schedule == "cosine":
        return _cosine(1.0, final, share)
    if schedule == "step":
        return STEP_FACTOR ** min(math.floor(3 * epoch / epochs), 2)
    if schedule == "one-cycle":
        first = 1 / FIRST_DIVISOR
        if share < WARM_UP_SHARE:
            return _cosine(first, 1.0, share / WARM_UP_SHARE)
        return _cosine(1.0, first / LAST_DIVISOR, (share - WARM_UP_SHARE) / (1 - WARM_UP_SHARE))
    return 1.0


def _cosine(start: float, end: float, share: float) -> float:
    """Return the value a ``share`` of the way from ``start`` to ``end`` along half a cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * min(share, 1.0))) / 2


def _close(seen: float, wanted: float) -> bool:
    """Return whether two rate factors are the same but for rounding to the sixth digit."""
    return math.isclose(seen, wanted, rel_tol=1e-5, abs_tol=1e-6)
