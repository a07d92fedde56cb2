"""Generation after generation: proposed, measured, told, until there is nothing left to do or to spend."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bench.search.outcome import Outcome
from bench.search.proposals import Values
from bench.search.space import Space
from bench.suite.combination import Combination

GENERATION = 3
"""Combinations that are run together beside the baseline: few, so that what they came to is soon made use of, and not
one alone, since every run starts the baseline too."""

SPENT = "the budget was spent"
ALL = "all combinations that can run were measured"
ENOUGH = "as many were measured as were asked for"

Measure = Callable[[Sequence[Combination], float | None], tuple[Outcome, ...]]
"""Runs combinations beside the baseline in so many seconds, or by the suite's rounds where it is None."""


class Proposes(Protocol):
    """Somebody who knows what to measure next."""

    def propose(self, count: int) -> tuple[Combination, ...]:
        """Return so many combinations that were not proposed before."""

    def tell(self, measured: Mapping[Combination, Values | None]) -> None:
        """Take in what they came to; None for what has no values."""


@dataclass(frozen=True)
class Search:
    """How far a search has come.

    Attributes:
        outcomes: of all combinations that were run, in their order.
        stopped: why it is over; "" while it is not.
    """

    outcomes: tuple[Outcome, ...]
    stopped: str


def generations(combinations: int) -> int:
    """Return the runs that so many combinations take."""
    return -(-combinations // GENERATION)


def searched(
    space: Space,
    combinations: int,
    proposer: Proposes,
    measure: Measure,
    seconds: float | None,
    least_seconds: float,
    now: Callable[[], float] = time.monotonic,
) -> Iterator[Search]:
    """Search; yield how far it has come after every generation, and once more when it is over.

    Args:
        space: what is searched.
        combinations: how many are run at most, beside the baseline.
        proposer: chooses them.
        measure: runs them.
        seconds: what all runs may take together, None where the suite counts rounds; what is left is shared out
            evenly over the generations to come.
        least_seconds: what a generation needs to be worth starting.
        now: a clock, in seconds.
    """
    wanted = min(combinations, len(space.possible))
    found: tuple[Outcome, ...] = ()
    began, spent = now(), 0.0
    while len(found) < wanted:
        left = wanted - len(found)
        share = None if seconds is None else (seconds - spent) / generations(left)
        if share is not None and share < least_seconds:
            yield Search(found, SPENT)
            return
        outcomes = measure(proposer.propose(min(GENERATION, left)), share)
        proposer.tell({each.combination: each.values for each in outcomes})
        found += outcomes
        spent = now() - began
        yield Search(found, "")
    yield Search(found, ALL if wanted == len(space.possible) else ENOUGH)
