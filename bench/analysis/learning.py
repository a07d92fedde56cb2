"""What a combination learns beside the baseline, over seeds.

All trials of a launch train from the same seed, and every launch from another, so a launch compares like with like and
the interval over launches is one over seeds. How much seeds differ is each combination's own: one that diverges says
nothing of the others, so unlike those of times these intervals are pooled over nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, variance

from bench.analysis.ratio import Estimate, LogRatios, t_quantile
from bench.analysis.result import Difference, LearningFlag, Ratio
from bench.journal.records import BurstRecord

TRAINING_LOSS = "learning.training_loss"
VALIDATION_LOSS = "learning.validation_loss"
LOSSES = (TRAINING_LOSS, VALIDATION_LOSS)
GROWTH = "learning.growth"
ACCURACIES = ("learning.map50", "learning.map50_95")

DIVERGED = 3.0
"""A training has diverged whose loss is above this many times the baseline's, or its own first epoch's. Early on a
detection loss rises by a third and more as its boxes find objects, and seeds differ; neither comes near."""

WORSE = 0.05
"""Relative excess of the loss that the whole interval has to lie above for a combination to learn worse."""

Learnt = Mapping[str, Mapping[int, float]]
"""Metric to launch to the figure of one combination in it."""


def estimate_over_seeds(ratios: Mapping[str, LogRatios]) -> dict[str, Estimate]:
    """Return the mean log ratio of every combination over launches, its variance by its own launches alone."""
    return {name: _estimate([fmean(logs) for logs in launches.values()]) for name, launches in ratios.items()}


def _estimate(values: Sequence[float]) -> Estimate:
    count = len(values)
    spread = variance(values) / count if count > 1 else None
    return Estimate(fmean(values), spread, float(count - 1), rounds=count, launches=count, bounded=0)


def learnt(bursts: Iterable[BurstRecord]) -> dict[str, dict[int, float]]:
    """Return what one combination learnt, from its bursts: metric to launch to its figure in it."""
    found: dict[str, dict[int, float]] = {}
    for burst in bursts:
        if burst.measurement == "learning":
            for value, figure in burst.values.items():
                found.setdefault(f"learning.{value}", {})[burst.launch] = figure
    return found


def accuracy_differences(own: Learnt, baseline: Learnt, confidence: float) -> dict[str, Difference]:
    """Return accuracy metric to the difference from the baseline, paired within launches."""
    found = {}
    for metric in ACCURACIES:
        other = baseline.get(metric, {})
        values = [figure - other[launch] for launch, figure in own.get(metric, {}).items() if launch in other]
        if values:
            found[metric] = difference_over_seeds(values, confidence)
    return found


def difference_over_seeds(values: Sequence[float], confidence: float) -> Difference:
    """Return the mean of a launch's differences each, with Student's interval; none from a single launch."""
    mean, count = fmean(values), len(values)
    if count < 2:
        return Difference(mean, None, None, count)
    half = t_quantile(0.5 + confidence / 2, count - 1) * math.sqrt(variance(values) / count)
    return Difference(mean, mean - half, mean + half, count)


def learning_flag(own: Learnt, baseline: Learnt, ratios: Mapping[str, Ratio]) -> LearningFlag | None:
    """Return what is wrong with how a combination learns.

    It diverges where its training loss is above ``DIVERGED`` times the baseline's or its own first epoch's in any
    launch, or its loss on the validation split above so many times the baseline's, or 0 where the baseline's is not, in
    every launch: early in training that one is erratic, since running statistics of batches lag behind the weights. It
    learns worse where the whole interval of its loss over the baseline's lies above 1 + ``WORSE``: of the loss on the
    validation split, and of the training loss only where that was not had.

    A validation loss of 0 is of a model that sees nothing, not of one that misses nothing. Ultralytics weighs box and
    distance loss, and sets class targets, by how well predictions are aligned with objects (``TaskAlignedAssigner``: a
    power of the score for the object's class times one of the overlap, over the best such product + 1e-9). Once all
    scores have vanished nothing is aligned: boxes weigh 0, and all is background, for which scores of 0 are right.
    """
    growth = own.get(GROWTH, {}).values()
    training = [*growth, *_over_baseline(own, baseline, TRAINING_LOSS)]
    validated = _over_baseline(own, baseline, VALIDATION_LOSS)
    validation = [ratio if ratio > 0.0 else math.inf for ratio in validated]
    if max(training, default=0.0) > DIVERGED or min(validation, default=0.0) > DIVERGED:
        return LearningFlag.DIVERGES
    loss = ratios.get(VALIDATION_LOSS) or ratios.get(TRAINING_LOSS)
    if loss is not None and loss.low is not None and loss.low > 1 + WORSE:
        return LearningFlag.LEARNS_WORSE
    return None


def _over_baseline(own: Learnt, baseline: Learnt, metric: str) -> list[float]:
    """Return a combination's figure over the baseline's in each launch that has both, the baseline's above 0."""
    other = baseline.get(metric, {})
    return [figure / other[launch] for launch, figure in own.get(metric, {}).items() if other.get(launch, 0.0) > 0.0]
