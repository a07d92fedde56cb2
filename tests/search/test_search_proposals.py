"""What Optuna proposes, with nobody training: no combination twice, none that cannot run, and everything told."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from search_cases import failed, outcome, square

from bench.search.loop import ALL, searched
from bench.search.outcome import Outcome
from bench.search.proposals import Proposer, Values
from bench.search.space import Space
from bench.suite.combination import Combination

optuna = pytest.importorskip("optuna")

SPACE = square(4)
"""Fourteen combinations beside the baseline; the fifteenth does not run."""


def values_of(combination: Combination) -> Values:
    """Wider is slower and better, deeper only slower."""
    width, depth = (float(str(level)) for level in combination.levels.values())
    return 1.0 + width + depth, 2.0 - 0.3 * width


def told_of(proposer: Proposer, combination: Combination) -> list[tuple[str, list[float] | None]]:
    """State and values of all of Optuna's trials of a combination."""
    trials = [trial for trial in proposer.study.trials if trial.params == dict(combination.items)]
    return [(trial.state.name, trial.values) for trial in trials]


@pytest.mark.parametrize("seed", [0, 1, -7])
def test_every_combination_is_proposed_once(seed: int) -> None:
    proposer, ran = Proposer(SPACE, seed), list[Combination]()

    def measure(chosen: Sequence[Combination], seconds: float | None) -> tuple[Outcome, ...]:
        ran.extend(chosen)
        return tuple(outcome(each, *values_of(each)) for each in chosen)

    last = list(searched(SPACE, 100, proposer, measure, None, 0.0))[-1]
    assert last.stopped == ALL
    assert len(ran) == 14
    assert set(ran) == set(SPACE.possible)


def test_what_is_known_is_told_again_and_never_run_again() -> None:
    proposer = Proposer(SPACE, 3)
    while chosen := proposer.propose(3):
        proposer.tell({each: values_of(each) for each in chosen})
    assert proposer.propose(3) == ()
    for combination in SPACE.possible:
        told = told_of(proposer, combination)
        assert told
        assert set(map(str, told)) == {str(("COMPLETE", list(values_of(combination))))}
    assert set(map(str, told_of(proposer, SPACE.baseline))) == {str(("COMPLETE", [1.0, 1.0]))}


def test_what_cannot_run_is_told_as_failed() -> None:
    proposer, impossible = Proposer(SPACE, 0), Combination.of({"width": 3.0, "depth": 3.0})
    proposer.study.enqueue_trial(dict(impossible.items))
    while chosen := proposer.propose(1):
        assert impossible not in chosen
        proposer.tell({each: values_of(each) for each in chosen})
    assert {state for state, _ in told_of(proposer, impossible)} == {"FAIL"}
    assert {trial.state.name for trial in proposer.study.trials} <= {"COMPLETE", "FAIL"}, "nothing is left waiting"


def test_what_failed_is_told_as_failed() -> None:
    proposer = Proposer(SPACE, 0)
    first, second, third = proposer.propose(3)
    outcomes = (failed(first), outcome(second, 0.5, 1.5), failed(third))
    proposer.tell({each.combination: each.values for each in outcomes})
    assert {state for state, _ in told_of(proposer, first)} == {"FAIL"}
    assert {str(each) for each in told_of(proposer, second)} == {str(("COMPLETE", [0.5, 1.5]))}
    assert {state for state, _ in told_of(proposer, third)} == {"FAIL"}


def test_a_generation_has_no_combination_twice() -> None:
    """Of fourteen that are drawn at random, some suggestion comes twice."""
    assert len(set(Proposer(SPACE, 0).propose(14))) == 14


def test_the_same_seed_searches_the_same_way() -> None:
    def proposed(seed: int) -> list[Combination]:
        proposer, seen = Proposer(SPACE, seed), list[Combination]()
        for _ in range(4):
            chosen = proposer.propose(3)
            seen += chosen
            proposer.tell({each: values_of(each) for each in chosen})
        return seen

    assert proposed(5) == proposed(5)
    assert proposed(5) != proposed(6)


def test_levels_with_parameters_are_proposed() -> None:
    space = Space.of([Combination.of({"pruning": level}) for level in ("none", {"method": "l1", "amount": 0.5})])
    assert [each.levels for each in Proposer(space, 0).propose(3)] == [{"pruning": {"method": "l1", "amount": 0.5}}]
