"""Which undecided combinations the rest of a budget goes to: those that may still be the fastest.

Screening first and measuring only what survives is how races among many candidates are run (Maron & Moore 1994,
Hoeffding Races, NIPS; López-Ibáñez et al. 2016, The irace package, Operations Research Perspectives 3). What is set
aside gets no verdict by that: it keeps the interval that it has.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bench.analysis.ratio import LogRatios, between_launches, typical_within
from bench.analysis.robust import Located, locate

DEVIATIONS = 3.0
"""Half the width of the range in which a combination may still lie, in standard deviations of its mean.

What is set aside looks slower by chance than it is, which intervals do not know of. With fewer deviations, or setting
aside also what the time left is not enough for, simulated 95 % intervals of identical trials held 1 in 91 % only.
"""
UNSEEN_LAUNCHES_DIFFER = 0.05
"""Standard deviation between launches that is assumed until there are two of them; it decides where time goes, and
never a verdict."""
ROUNDS_NEEDED = 2
"""Rounds, over all its launches, that a combination has to have before it sets others aside or is set aside itself.

With one, a single disturbed burst would decide: its own, or its baseline's for a whole block.
"""
KEPT = 3
"""Combinations that are kept whatever they look like: their launches tell all others how launches differ."""


@dataclass(frozen=True)
class Closing:
    """Combinations that get no further launch.

    Attributes:
        settled: those that failed, were not in force, or are decided.
        set_aside: undecided ones, with the reason why others come first.
    """

    settled: frozenset[str]
    set_aside: Mapping[str, str]

    @property
    def all(self) -> frozenset[str]:
        """Every combination that gets no further launch."""
        return self.settled.union(self.set_aside)


@dataclass(frozen=True)
class Standing:
    """Where a combination's log ratio to the baseline may lie.

    Attributes:
        low: its best case.
        mean: its estimate.
        high: its worst case.
    """

    low: float
    mean: float
    high: float


def standings(ratios: Mapping[str, LogRatios]) -> dict[str, Standing]:
    """Return where each combination of ``ROUNDS_NEEDED`` rounds or more stands.

    The variance within launches is pooled where one round a launch says nothing.
    """
    rounds = {name: tuple(map(len, launches.values())) for name, launches in ratios.items()}
    enough = [name for name in ratios if sum(rounds[name]) >= ROUNDS_NEEDED]
    located = {name: locate(tuple(ratios[name].values())) for name in enough}
    if all(where.variance is None for where in located.values()):
        return {}
    typical = typical_within(located.values())
    between = between_launches(located, ratios)
    apart = between.variance if between.degrees > 0 else UNSEEN_LAUNCHES_DIFFER**2
    return {name: _standing(where, rounds[name], apart, typical) for name, where in located.items()}


def _standing(where: Located, rounds: Sequence[int], between: float, typical: float) -> Standing:
    launches = len(where.centers)
    mean = sum(where.centers) / launches
    within = max(where.variance or 0.0, typical) * sum(1 / n for n in rounds) / launches**2
    half = DEVIATIONS * math.sqrt(between / launches + within)
    return Standing(mean - half, mean, mean + half)


def set_aside(standing: Mapping[str, Standing], racing: Collection[str]) -> dict[str, str]:
    """Return which combinations cannot be the fastest, and why.

    Args:
        standing: of all combinations that compare, racing or not: any of them may be what the others are behind.
        racing: those that may be set aside; ``KEPT`` of them stay whatever they look like.
    """
    nearest = sorted(standing.keys() & racing, key=lambda name: (standing[name].low, name))
    lead = min([0.0, *(each.high for each in standing.values())])
    return {
        name: f"at best {math.exp(standing[name].low):.2f} of the baseline, the front at worst {math.exp(lead):.2f}"
        for name in nearest[KEPT:]
        if standing[name].low > lead
    }
