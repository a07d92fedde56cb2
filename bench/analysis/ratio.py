"""Ratios to the baseline with intervals that know of rounds and of launches.

The unit is the log of (variant / baseline) for one metric in one round. Two launches of one program differ, so the
variance of a combination's mean has two parts (Kalibera & Jones 2013, Rigorous benchmarking in reasonable time,
ISMM): ``between / launches + within / rounds``. Both are estimated from all combinations of a report together,
because a few rounds of two or three launches of one combination say too little: ``within`` is the median of the
combinations', ``between`` is below. A combination whose own rounds or launches differ by more keeps its own.

Combinations of a block share their baseline's launch. If every launch of every program lies about that program's
mean with the variance s², the locations of a block's k combinations have the covariance s² (I + J), J all ones:
each its own launch, and all the baseline's. Generalized least squares (Aitken 1936, Proceedings of the Royal
Society of Edinburgh 55) makes them independent, and their residual mean square about the combinations' means
estimates s², with as many degrees of freedom as there are locations beyond combinations; ``between`` is 2 s².

The interval is Student's with the degrees of freedom of ``between`` alone, as if all variance were between
launches: mixing in those of ``within`` (Satterthwaite 1946) covered the truth too rarely in simulations where
``between`` was estimated too small by chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median, variance

from bench.analysis.result import Ratio
from bench.analysis.robust import Located, locate

LogRatios = Mapping[int, Sequence[float]]
"""Launch to log ratios of its rounds."""


@dataclass(frozen=True)
class Between:
    """Variance that launches give to a log ratio: a combination's own, and its baseline's.

    Attributes:
        variance: of the log ratio; 0 when launches differ no more than rounds explain.
        degrees: degrees of freedom; 0 when no combination has two launches.
    """

    variance: float
    degrees: float


@dataclass(frozen=True)
class Estimate:
    """The log ratio of one combination.

    Attributes:
        mean: of the launches' locations.
        variance: of ``mean``; None where no combination has two launches.
        degrees: degrees of freedom for its interval.
        rounds: pairs of bursts.
        launches: launches they come from.
        bounded: pairs that counted as less extreme than they were.
    """

    mean: float
    variance: float | None
    degrees: float
    rounds: int
    launches: int
    bounded: int


def own_between(where: Located, rounds: Sequence[int]) -> float:
    """Return what one combination's launches differ by beyond what their rounds explain; at least two launches.

    With one round a launch the rounds' own variance is part of it and cannot be taken out.
    """
    launches = len(where.centers)
    return variance(where.centers) - (where.variance or 0.0) * sum(1 / n for n in rounds) / launches


def between_launches(located: Mapping[str, Located], ratios: Mapping[str, LogRatios]) -> Between:
    """Pool the variance between launches over combinations.

    Args:
        located: for each combination its launches' locations, in the order of its launches in ``ratios``.
        ratios: the log ratios they were taken from; combinations with a launch in common share its baseline.
    """
    import numpy as np

    names = [name for name in located if len(located[name].centers) >= 2]
    members: dict[int, list[tuple[int, str, int]]] = {}
    for column, name in enumerate(names):
        for place, launch in enumerate(ratios[name]):
            members.setdefault(launch, []).append((column, name, place))
    count = sum(map(len, members.values()))
    if count == len(names):
        return Between(0.0, 0.0)
    locations, design, rounds = np.zeros(count), np.zeros((count, len(names))), np.zeros(count)
    row = 0
    for launch, block in members.items():
        size = len(block)
        columns = [column for column, _, _ in block]
        # The inverse square root of I + J.
        whitening = np.eye(size) - (1 - 1 / np.sqrt(1 + size)) / size
        means = np.zeros((size, len(names)))
        means[range(size), columns] = 1.0
        design[row : row + size] = whitening @ means
        locations[row : row + size] = whitening @ [located[name].centers[place] for _, name, place in block]
        # Of the rounds' variance of a ratio half is the combination's own, half its baseline's.
        own = [(located[name].variance or 0.0) / 2 / len(ratios[name][launch]) for _, name, _ in block]
        rounds[row : row + size] = sum(own) / size
        row += size
    residuals = np.eye(count) - design @ np.linalg.pinv(design)
    degrees = count - len(names)
    explained = float(residuals.diagonal() @ rounds)
    single = (float(locations @ residuals @ locations) - explained) / degrees
    return Between(max(0.0, 2 * single), float(degrees))


def estimate_all(ratios: Mapping[str, LogRatios]) -> dict[str, Estimate]:
    """Return the estimate of every combination, launches' variance pooled over all."""
    located = {name: locate(tuple(launches.values())) for name, launches in ratios.items() if launches}
    rounds = {name: tuple(map(len, ratios[name].values())) for name in located}
    between = between_launches(located, ratios)
    within = typical_within(located.values())
    return {name: _estimate(located[name], rounds[name], between, within) for name in located}


def typical_within(located: Iterable[Located]) -> float:
    """Return the median over combinations of the variance within launches; 0.0 where none has two rounds in one.

    In that case what launches differ by holds what rounds do.
    """
    known = [where.variance for where in located if where.variance is not None]
    return median(known) if known else 0.0


def _estimate(where: Located, rounds: Sequence[int], between: Between, within: float) -> Estimate:
    launches = len(where.centers)
    of_mean: float | None = None
    degrees = 0.0
    if between.degrees > 0:
        own = own_between(where, rounds) if launches >= 2 else 0.0
        among = max(between.variance, own) / launches
        of_mean = among + max(where.variance or 0.0, within) * sum(1 / n for n in rounds) / launches**2
        degrees = between.degrees
    return Estimate(fmean(where.centers), of_mean, degrees, sum(rounds), launches, where.bounded)


def as_ratio(estimate: Estimate, confidence: float) -> Ratio:
    """Return an estimate as a ratio with its interval and two-sided p-value."""
    low = high = p_value = None
    if estimate.variance is not None:
        half = t_quantile(0.5 + confidence / 2, estimate.degrees) * math.sqrt(estimate.variance)
        low, high = math.exp(estimate.mean - half), math.exp(estimate.mean + half)
        p_value = 2 * upper_tail(abs(estimate.mean), estimate)
    return Ratio(math.exp(estimate.mean), low, high, estimate.rounds, estimate.launches, p_value)


def equivalence_p_value(estimate: Estimate, margin: float) -> float | None:
    """Return the p-value of two one-sided tests (Schuirmann 1987): is the ratio within the margin of 1, either way."""
    if estimate.variance is None:
        return None
    limit = math.log1p(margin)
    return max(upper_tail(limit - estimate.mean, estimate), upper_tail(limit + estimate.mean, estimate))


def upper_tail(distance: float, estimate: Estimate) -> float:
    """Return the chance that noise alone puts an estimate further than ``distance`` above the truth."""
    from scipy.special import stdtr

    assert estimate.variance is not None
    if estimate.variance == 0.0:
        return 0.5 if distance == 0 else float(distance < 0)
    return float(stdtr(estimate.degrees, -distance / math.sqrt(estimate.variance)))


def t_quantile(probability: float, degrees: float) -> float:
    """Return a quantile of Student's t distribution."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))
