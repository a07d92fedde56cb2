"""Runs and outcomes of searches, made by hand."""

from __future__ import annotations

from collections.abc import Mapping

from journals import SUITE, burst, head, row

from bench.analysis.result import Ratio
from bench.journal.records import AnyRecord
from bench.search.outcome import Outcome
from bench.search.space import Space
from bench.suite.combination import Combination
from bench.suite.model import Learning

LEARNING = SUITE.model_copy(update={"measure": ("epoch", "learning"), "learning": Learning(images=100)})


def run_records(variants: Mapping[str, tuple[float, float]]) -> list[AnyRecord]:
    """Two launches of two rounds: the baseline takes 1 s give or take 1 % and has a loss of 2.

    Each variant has so many times the baseline's time and loss.
    """
    records: list[AnyRecord] = [head(LEARNING), row("base"), *map(row, variants)]
    for launch in range(2):
        for number in range(2):
            wobble = 1 + 0.01 * (-1) ** (launch + number)
            records.append(burst("base", launch, number, wobble))
            records += [burst(name, launch, number, time * wobble**2) for name, (time, _) in variants.items()]
        losses = {"base": 1.0, **{name: loss for name, (_, loss) in variants.items()}}
        records += [
            burst(name, launch, 0, 2.0 * loss, measurement="learning", value="validation_loss")
            for name, loss in losses.items()
        ]
    return records


def square(side: int) -> Space:
    """A space of two axes with ``side`` levels each, of which the last two do not go together."""
    levels = [{"width": float(w), "depth": float(d)} for w in range(side) for d in range(side)]
    return Space.of([Combination.of(each) for each in levels[:-1]])


def outcome(combination: Combination, time: float, loss: float, run: str = "run") -> Outcome:
    """A combination with both ratios, exactly."""
    return Outcome(combination, str(combination.levels), run, exactly(time), exactly(loss))


def failed(combination: Combination, run: str = "run") -> Outcome:
    """A combination without any."""
    return Outcome(combination, str(combination.levels), run, None, None, problem="failed: crashed: killed by SIGSEGV")


def exactly(value: float) -> Ratio:
    return Ratio(value, value, value, rounds=4, launches=2)
