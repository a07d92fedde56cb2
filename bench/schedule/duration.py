"""How long a run should take, guessed before anything has run."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

from bench.errors import InputError
from bench.schedule.plan import Plan
from bench.suite.combination import Combination
from bench.suite.model import ShapesData, Suite, Workload

SAID_BY_AXES = ("model", "image_size", "batch")
"""Axes whose levels take the place of what the workload says under the same name."""
START_SECONDS = {"cpu": 0.7, "cuda": 8.0}
"""From asking for a trial to its first epoch: out of the fork server, and spawned."""
SERVER_SECONDS = 5.0
IMAGE_SECONDS = {"cpu": 0.03, "cuda": 0.0005}
"""Forward, backward and optimizer for one picture of 160 pixels and a nano model; orders of magnitude."""
AFTER_SECONDS = 8.0
"""To export a trained model, and to run it for its latency and its throughput; its validation comes on top."""
SCALES = {"n": 1.0, "t": 1.0, "s": 2.5, "m": 7.0, "b": 10.0, "c": 10.0, "l": 12.0, "e": 20.0, "x": 20.0}
"""Work of a model's scale against nano."""
EPOCH_OVERHEAD = 0.3
"""Seconds of an epoch beside its steps."""
UNKNOWN_IMAGES = 256
"""A guess at data that has not been looked at yet."""
OPTIMISM = 8.0
"""A budget is refused only when a machine this many times faster than the guess could not hold one round."""


def epoch_seconds(workload: Workload, device: str, unknown_images: int = UNKNOWN_IMAGES) -> float:
    """Return a rough guess of one epoch's seconds, validation and checkpoint included.

    Args:
        workload: what is trained.
        device: cpu or cuda:N.
        unknown_images: pictures to count with where only the data could tell.
    """
    return EPOCH_OVERHEAD + _images(workload, unknown_images) * image_seconds(workload, device)


def image_seconds(workload: Workload, device: str) -> float:
    """Return a rough guess of what training on one image takes, in seconds; ``device`` is cpu or cuda:N."""
    kind = "cpu" if device == "cpu" else "cuda"
    scale = re.search(r"yolov?\d+([a-z])", Path(workload.model).name)
    work = SCALES.get(scale[1], 1.0) if scale else 1.0
    return IMAGE_SECONDS[kind] * work * (workload.image_size / 160) ** 2


def expected_seconds(suite: Suite, plan: Plan) -> float:
    """Return the budget where it is a time, else a rough guess of what its rounds take."""
    if suite.budget.time is not None:
        return suite.budget.time
    rounds = suite.budget.rounds or 1
    epochs = {
        "epoch": rounds,
        "memory": 1,
        "memory_parts": 2,
        "data_loading": 0.3 * rounds,
        "forward_backward": 0.3 * rounds,
        "after": 1,
    }
    trained = 1 + sum(epochs.get(name, 0) for name in suite.measure)

    def trial_seconds(workload: Workload) -> float:
        images = trained * _images(workload, UNKNOWN_IMAGES)
        seconds = _start(plan) + epoch_seconds(workload, plan.device) * trained
        seconds += _learning_seconds(suite, workload, plan.device, images)
        return seconds + AFTER_SECONDS * ("after" in suite.measure)

    return SERVER_SECONDS + _over_trials(suite, plan, trial_seconds)


def least_seconds(suite: Suite, plan: Plan) -> float:
    """Return what every launch, its warm-up and one round take on a machine much faster than the guess.

    Data that has not been looked at yet counts as one batch, so that no budget is refused on a guess about it.
    """

    def trial_seconds(workload: Workload) -> float:
        epoch = epoch_seconds(workload, plan.device, unknown_images=workload.batch)
        learning = _learning_seconds(suite, workload, plan.device, 2 * _images(workload, workload.batch))
        return (_start(plan) + 2 * epoch + learning) / OPTIMISM

    return _over_trials(suite, plan, trial_seconds)


def check_budget(suite: Suite, plan: Plan) -> None:
    """Refuse a budget that cannot hold one round of every launch.

    Raises:
        InputError: it cannot.
    """
    least = least_seconds(suite, plan)
    if suite.budget.time is not None and suite.budget.time < least:
        raise InputError(
            field="budget.time",
            found=f"{suite.budget.time:g} s",
            expected=f"at least {math.ceil(least)} s: {plan.trials} trials are started, each for one round or more",
        )


def duration_text(seconds: float) -> str:
    """Return a length of time in words, to the second below an hour: ``40 s``, ``2 min 05 s``, ``1 h 30 min``."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    if minutes < 60:
        return f"{minutes} min {rest:02} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if minutes else f"{hours} h"


def _over_trials(suite: Suite, plan: Plan, trial_seconds: Callable[[Workload], float]) -> float:
    """Return the sum, over all trials of a plan, of what training their workload takes; every block has a baseline."""
    baseline, *others = (trial_seconds(_trained(suite.workload, each)) for each in plan.running)
    return plan.launches * (plan.blocks_per_launch * baseline + sum(others))


def _trained(workload: Workload, combination: Combination) -> Workload:
    """Return the workload as a combination's levels have it; of the largest batch nothing is known yet."""
    levels = combination.levels
    said = {axis: levels[axis] for axis in SAID_BY_AXES if axis in levels and levels[axis] != "largest"}
    return workload.model_copy(update=said)


def _images(workload: Workload, unknown_images: int) -> int:
    """Return the images of an epoch, ``unknown_images`` where only the data could tell."""
    return workload.data.images if isinstance(workload.data, ShapesData) else unknown_images


def _learning_seconds(suite: Suite, workload: Workload, device: str, trained: float) -> float:
    """Return a guess of what learning takes after ``trained`` images of other epochs, in seconds."""
    images = suite.learning.images if "learning" in suite.measure else 0
    return max(0.0, images - trained) * image_seconds(workload, device)


def _start(plan: Plan) -> float:
    return START_SECONDS["cpu" if plan.device == "cpu" else "cuda"]
