from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.suite.pairwise import Row, pairwise


def pairs(row: Row) -> set[tuple[tuple[int, int], tuple[int, int]]]:
    return set(combinations(enumerate(row), 2))


def anything(row: Row) -> bool:
    return True


def test_three_axes_of_two_levels_take_four_rows_and_not_eight() -> None:
    rows = pairwise([2, 2, 2], anything, anything)
    assert rows[0] == (0, 0, 0)
    # 12 pairs of levels, 3 in a row: four rows are the fewest.
    assert len(rows) == 4
    assert len(set().union(*map(pairs, rows))) == 12


def test_one_axis_gives_all_its_levels() -> None:
    assert pairwise([3], anything, anything) == [(0,), (1,), (2,)]


def test_axes_of_one_level_add_nothing() -> None:
    assert pairwise([1, 1], anything, anything) == [(0, 0)]
    assert pairwise([1, 2], anything, anything) == [(0, 0), (0, 1)]


@st.composite
def constrained(draw: st.DrawFn) -> tuple[list[int], set[Row]]:
    """Sizes of axes, and rows that cannot be run; the baseline can."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    rows = list(product(*map(range, sizes)))[1:]
    return sizes, draw(st.sets(st.sampled_from(rows))) if rows else set()


@settings(max_examples=150, deadline=None)
@given(constrained(), st.booleans())
def test_every_pair_that_can_meet_does_meet(case: tuple[list[int], set[Row]], misled: bool) -> None:
    sizes, forbidden = case

    def runnable(row: Row) -> bool:
        return row not in forbidden

    def possible(row: Row) -> bool:
        return not (misled and row[-1] > 0)

    rows = pairwise(sizes, runnable, possible)
    everything = [row for row in product(*map(range, sizes)) if runnable(row)]
    can_meet = set().union(*map(pairs, everything))
    do_meet = set().union(*(pairs(row) for row in rows if runnable(row)))
    assert do_meet == can_meet
    assert rows[0] == (0,) * len(sizes)
    assert len(set(rows)) == len(rows)


def test_a_pair_that_cannot_meet_is_shown_once() -> None:
    rows = pairwise([2, 2, 2], lambda row: row[:2] != (1, 1), anything)
    assert [row for row in rows if row[:2] == (1, 1)] == [(1, 1, 0)]


def test_a_level_that_cannot_run_is_shown_once() -> None:
    rows = pairwise([3, 2, 2], lambda row: row[0] != 2, anything)
    assert [row for row in rows if row[0] == 2] == [(2, 0, 0)]


def test_a_conflict_among_many_axes_stays_quick() -> None:
    tried = 0

    def runnable(row: Row) -> bool:
        nonlocal tried
        tried += 1
        return row[:2] != (1, 1)

    rows = pairwise([3] * 12, runnable, lambda row: row[:2] != (1, 1))
    assert len(rows) < 40
    assert tried < 5_000


@pytest.mark.parametrize("sizes", [[2, 3, 4], [4, 4], [2] * 8])
def test_the_same_design_every_time(sizes: list[int]) -> None:
    assert pairwise(sizes, anything, anything) == pairwise(sizes, anything, anything)
