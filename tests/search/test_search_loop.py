"""Generations that nobody trains: what is proposed, told and spent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from search_cases import failed, outcome, square

from bench.search.loop import ALL, ENOUGH, SPENT, Measure, Search, generations, searched
from bench.search.outcome import Outcome
from bench.search.proposals import Values
from bench.search.space import Space
from bench.suite.combination import Combination


class InOrder:
    """Proposes one combination after the other, and remembers what it was told."""

    def __init__(self, space: Space) -> None:
        self.left = list(space.possible)
        self.told: dict[Combination, Values | None] = {}

    def propose(self, count: int) -> tuple[Combination, ...]:
        chosen, self.left = self.left[:count], self.left[count:]
        return tuple(chosen)

    def tell(self, measured: Mapping[Combination, Values | None]) -> None:
        self.told.update(measured)


class Machine:
    """Runs generations that take so many seconds each by its own clock, and remembers what they were given."""

    def __init__(self, *takes: float) -> None:
        self.takes = list(takes)
        self.clock = 1000.0
        self.shares: list[float | None] = []
        self.ran: list[tuple[Combination, ...]] = []

    def now(self) -> float:
        return self.clock

    def measure(self, chosen: Sequence[Combination], seconds: float | None) -> tuple[Outcome, ...]:
        self.shares.append(seconds)
        self.ran.append(tuple(chosen))
        self.clock += self.takes.pop(0) if self.takes else 1.0
        return tuple(outcome(each, 0.5, 2.0) for each in chosen)


SPACE = square(3)
"""Seven combinations beside the baseline."""


def run(machine: Machine, combinations: int, seconds: float | None, least: float = 0.0) -> list[Search]:
    return list(searched(SPACE, combinations, InOrder(SPACE), machine.measure, seconds, least, machine.now))


@pytest.mark.parametrize(("combinations", "runs"), [(1, 1), (3, 1), (4, 2), (12, 4)])
def test_three_combinations_a_generation(combinations: int, runs: int) -> None:
    assert generations(combinations) == runs


def test_as_many_are_measured_as_were_asked_for() -> None:
    machine = Machine()
    snapshots = run(machine, 5, None)
    assert [len(each) for each in machine.ran] == [3, 2]
    assert machine.shares == [None, None], "a suite that counts rounds gives no time"
    assert [(len(each.outcomes), each.stopped) for each in snapshots] == [(3, ""), (5, ""), (5, ENOUGH)]


def test_it_ends_when_the_space_is_exhausted() -> None:
    machine = Machine()
    last = run(machine, 12, None)[-1]
    assert [len(each) for each in machine.ran] == [3, 3, 1]
    assert last.stopped == ALL
    assert tuple(each.combination for each in last.outcomes) == SPACE.possible


def test_what_is_left_of_the_budget_is_shared_out_over_the_generations_to_come() -> None:
    """90 s over three; 40 s gone leave 50 for two; 65 s gone leave 25 for the last."""
    machine = Machine(40.0, 25.0, 10.0)
    assert run(machine, 7, 90.0)[-1].stopped == ALL
    assert machine.shares == [30.0, 25.0, 25.0]


def test_no_generation_is_started_that_the_budget_does_not_hold() -> None:
    """90 s over three; 60 s gone leave 15 each for two."""
    machine = Machine(60.0)
    snapshots = run(machine, 7, 90.0, least=16.0)
    assert len(machine.ran) == 1
    assert [(len(each.outcomes), each.stopped) for each in snapshots] == [(3, ""), (3, SPENT)]


def test_what_failed_is_told_as_such_and_not_run_again() -> None:
    """Every second combination fails, and counts as one of those that were asked for."""
    proposer, ran = InOrder(SPACE), list[Combination]()

    def measure(chosen: Sequence[Combination], seconds: float | None) -> tuple[Outcome, ...]:
        ran.extend(chosen)
        return tuple(failed(each) if SPACE.possible.index(each) % 2 else outcome(each, 0.5, 2.0) for each in chosen)

    last = list(searched(SPACE, 4, proposer, measure, None, 0.0))[-1]
    assert ran == list(SPACE.possible[:4])
    assert [proposer.told[each] for each in ran] == [(0.5, 2.0), None, (0.5, 2.0), None]
    assert (len(last.outcomes), last.stopped) == (4, ENOUGH)


def test_a_run_that_is_stopped_leaves_what_came_before() -> None:
    machine = Machine()
    stopping = raising_after(1, machine.measure)
    snapshots = searched(SPACE, 7, InOrder(SPACE), stopping, None, 0.0, machine.now)
    first = next(snapshots)
    with pytest.raises(KeyboardInterrupt):
        next(snapshots)
    assert (len(first.outcomes), first.stopped) == (3, "")


def raising_after(calls: int, measure: Measure) -> Measure:
    made: list[int] = []

    def stopping(chosen: Sequence[Combination], seconds: float | None) -> tuple[Outcome, ...]:
        if len(made) == calls:
            raise KeyboardInterrupt
        made.append(1)
        return measure(chosen, seconds)

    return stopping
