"""How the learning rate changes over the epochs that a trial is meant to train."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
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
SHOWN_EPOCHS = 5
"""Epochs, spread evenly over those that ran, whose rates evidence shows; all are compared."""


class LearningRateSchedule(Optimization):
    """Learning rate as a function of the epoch."""

    name = "learning_rate_schedule"
    card = Card(
        summary="lowers the rate linearly (Ultralytics' own), by a cosine, in steps, in one cycle, or not at all, over "
        "the epochs that hold the suite's learning.images; the rate stays at the schedule's end after them",
        acts_on=("epoch",),
        evidence="the optimizer's rate in each epoch that ran after warming up (Ultralytics sets one an epoch), and "
        "the scheduler's plan",
        needs="the measurement learning, whose images (2000 unless the suite says otherwise) are the length of the "
        "schedule: no step gets faster",
        source="https://arxiv.org/abs/1608.03983 (cosine), https://arxiv.org/abs/1708.07120 (one cycle)",
    )
    level_type = Literal["linear", "constant", "cosine", "step", "one-cycle"]
    usual_levels = ("linear", "constant", "cosine", "step", "one-cycle")

    def prepare_trainer(self, trainer: Any) -> None:
        """Build the schedule where and whenever Ultralytics builds its own, over far more epochs than are trained."""
        from torch.optim.lr_scheduler import LambdaLR

        def set_up_scheduler() -> None:
            trainer.lf = self._formula(trainer)
            trainer.scheduler = LambdaLR(trainer.optimizer, lr_lambda=trainer.lf)

        trainer._setup_scheduler = set_up_scheduler

    def _formula(self, trainer: Any) -> Callable[[float], float]:
        """Return the rate factor of an epoch, counted from 0; known once the trainer has its loader."""
        epochs = trainer.learning_curve.epochs_to_goal(trainer)
        return partial(rate_factor, str(self.level), epochs=epochs, final=trainer.args.lrf)

    def observe(self, trainer: Any) -> None:
        """Note the rate of every group of parameters at the end of each epoch's steps, as a share of its own first."""
        rates: dict[int, set[float]] = {}
        self.observations["rates"] = rates

        def note(trainer: Any) -> None:
            # While it warms up, Ultralytics sets other rates at every step.
            if trainer.epoch >= trainer.args.warmup_epochs:
                rates[trainer.epoch] = {
                    float(group["lr"]) / float(group["initial_lr"]) for group in trainer.optimizer.param_groups
                }

        trainer.add_callback("on_train_epoch_end", note)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare plan and rates with the formula."""
        formula, plan = self._formula(trainer), trainer.scheduler.lr_lambdas[0]
        epochs = trainer.learning_curve.epochs_to_goal(trainer)
        followed = all(_close(plan(epoch), formula(epoch)) for epoch in _spread(range(epochs), CHECKED_POINTS))
        rates: dict[int, set[float]] = self.observations["rates"]
        obeyed = all(_close(rate, formula(epoch)) for epoch, factors in rates.items() for rate in factors)
        shown = _spread(sorted(rates), SHOWN_EPOCHS)
        seen = ", ".join(f"{_text(rates[epoch])} in epoch {epoch + 1}" for epoch in shown)
        wanted = ", ".join(f"{_text({formula(epoch)})} in epoch {epoch + 1}" for epoch in shown)
        return Evidence(
            in_force=followed and obeyed and bool(rates),
            observed=f"rate factor {seen or 'of no epoch after warming up'}; "
            f"{'' if followed else 'not '}planned by the formula over {epochs} epochs",
            expected=f"rate factor {wanted or 'of an epoch after warming up'}; planned by the formula",
        )


def rate_factor(schedule: str, epoch: float, *, epochs: int, final: float) -> float:
    """Return the learning rate of an epoch as a share of the set one; after the last epoch it stays at the end.

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
    """Return whether two rate factors are the same but for the rounding of rates kept in single precision."""
    return math.isclose(seen, wanted, rel_tol=1e-6, abs_tol=1e-9)


def _spread(epochs: Sequence[int], count: int) -> list[int]:
    """Return ``count`` of ``epochs``: the first, the last and evenly between; all where there are no more."""
    last = len(epochs) - 1
    return sorted({epochs[round(step * last / (count - 1))] for step in range(count)}) if epochs else []


def _text(factors: set[float]) -> str:
    """Return the rate factors of an epoch: one, unless groups of parameters differ."""
    return " and ".join(sorted({f"{factor:.3g}" for factor in factors}))
