"""The model that effects are read from: a term for each level and each two levels, fitted within blocks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from bench.analysis.least_squares import Fit, fit_within_blocks
from bench.analysis.ratio import Estimate, LogRatios
from bench.analysis.robust import locate
from bench.suite.combination import canonical, level_text
from bench.suite.model import Level

Setting = tuple[str, str]
"""An axis and the canonical spelling of one of its levels, not the baseline's."""

Term = tuple[Setting, ...]
"""One setting, or two of different axes."""

Weights = Mapping[Term, float]
"""What a sum takes of each term; nothing of those that are not there."""

ROUNDING = 1e-6
"""Weights below this are rounding errors."""


@dataclass(frozen=True)
class EffectModel:
    """The fitted terms.

    Attributes:
        terms: those that some combination has, in the order of the fit.
        fit: of one location a trial, the baseline's 0.
        rounds: pairs of bursts behind it.
        launches: starts of blocks that they come from.
        bounded: pairs that counted as less extreme than they were.
    """

    terms: tuple[Term, ...]
    fit: Fit
    rounds: int
    launches: int
    bounded: int

    def estimate(self, weights: Weights) -> Estimate:
        """Return a sum of terms."""
        row = self._row(weights)
        variance, degrees = self.fit.variance_of(row), float(self.fit.degrees)
        return Estimate(self.fit.value(row), variance, degrees, self.rounds, self.launches, self.bounded)

    def aliased(self, weights: Weights) -> list[Term]:
        """Return the terms that would have to be told apart for such a sum, and are not."""
        beyond_row_space = self.fit.beyond_row_space(self._row(weights))
        return [term for term, part in zip(self.terms, beyond_row_space, strict=True) if abs(part) > ROUNDING]

    def averaged(self, setting: Setting, besides: str = "") -> dict[Term, float]:
        """Return the weights of a setting's effect, averaged over the levels of all axes that it was measured with.

        Args:
            setting: against its axis' baseline level.
            besides: an axis that is left at its baseline level instead; none where "".
        """
        by_axis: dict[str, list[Term]] = {}
        for term in self.terms:
            if len(term) == 2 and setting in term:
                axis = next(other for other, _ in term if other != setting[0])
                by_axis.setdefault(axis, []).append(term)
        weights: dict[Term, float] = {(setting,): 1.0}
        for axis, pairs in by_axis.items():
            if axis != besides:
                # One more level than pairs: with the baseline level there is no term.
                weights |= dict.fromkeys(pairs, 1 / (len(pairs) + 1))
        return weights

    def _row(self, weights: Weights) -> list[float]:
        return [weights.get(term, 0.0) for term in self.terms]


def fit_terms(
    terms: tuple[Term, ...], settings: Mapping[str, Mapping[str, str]], ratios: Mapping[str, LogRatios]
) -> EffectModel:
    """Fit terms to the locations of launches.

    Args:
        terms: each in one of the combinations at least.
        settings: combination to axis to level where that is not the baseline's.
        ratios: log ratios to the baseline.
    """
    located = {name: locate(tuple(launches.values())) for name, launches in ratios.items()}
    members: dict[int, list[tuple[Mapping[str, str], float]]] = {}
    for name, where in located.items():
        for launch, center in zip(ratios[name], where.centers, strict=True):
            # Every block has the baseline, whose log ratio to itself is 0.
            members.setdefault(launch, [({}, 0.0)]).append((settings[name], center))
    blocks = [
        ([[float(has_term(own, term)) for term in terms] for own, _ in block], [center for _, center in block])
        for block in members.values()
    ]
    rounds = sum(len(logs) for launches in ratios.values() for logs in launches.values())
    bounded = sum(where.bounded for where in located.values())
    return EffectModel(terms, fit_within_blocks(blocks), rounds, len(members), bounded)


def departures(levels: Mapping[str, Level], baseline: Mapping[str, Level]) -> dict[str, str]:
    """Return axis to level, in its canonical spelling, where it is not the baseline's."""
    spelt = {axis: canonical(level) for axis, level in levels.items()}
    return {axis: spelt[axis] for axis in baseline if axis in spelt and spelt[axis] != canonical(baseline[axis])}


def terms_of(axes: Iterable[str], settings: Iterable[Mapping[str, str]]) -> list[Term]:
    """Return every setting that a combination has, by axis, and every two of different axes."""
    rows = tuple(settings)
    seen = [(axis, level) for axis in axes for level in dict.fromkeys(row[axis] for row in rows if axis in row)]
    pairs = [(one, other) for one, other in combinations(seen, 2) if one[0] != other[0]]
    return [*((setting,) for setting in seen), *pairs]


def has_term(settings: Mapping[str, str], term: Term) -> bool:
    """Return whether a combination with these settings has all of a term's."""
    return all(settings.get(axis) == level for axis, level in term)


def term_text(term: Term) -> str:
    """Return how tables name a term."""
    return " with ".join(f"{axis}={level_text(json.loads(level))}" for axis, level in term)
