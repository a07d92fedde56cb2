"""Few combinations in which every two levels of two axes still meet.

Levels are counted from 0, so a row is one number for every axis and the baseline is all zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, islice, product

from allpairspy import AllPairs

Row = tuple[int, ...]
Pair = tuple[tuple[int, int], tuple[int, int]]
"""Two (axis, level), the earlier axis first."""

SEARCH_LIMIT = 2_000
"""Rows tried before a pair of levels is said never to meet, those with fewest other changes first.

With 12 axes of 3 levels these are all rows that change up to three more axes.
"""


def pairwise(sizes: Sequence[int], runnable: Callable[[Row], bool], possible: Callable[[Row], bool]) -> list[Row]:
    """Return rows in which every pair of levels that can meet in a runnable row does, the baseline first.

    A pair that no runnable row can hold is there too, once, in a row that is not runnable, so that a
    report can say why; when a level cannot run at all, one row stands for all its pairs.

    Args:
        sizes: how many levels each axis has.
        runnable: whether a whole row can be run; the baseline can.
        possible: whether the first levels of a row may lead to a runnable one. It only saves time and
            rows: a wrong no is made good.
    """
    rows = [(0,) * len(sizes), *_all_pairs(sizes, runnable, possible)]
    met = {pair for row in rows for pair in _pairs(row)}
    out: list[Pair] = []
    for pair in _every_pair(sizes):
        if pair in met:
            continue
        row = next(filter(runnable, islice(_rows_with(pair, sizes), SEARCH_LIMIT)), None)
        if row is None:
            out.append(pair)
        else:
            rows.append(row)
            met.update(_pairs(row))
    levels_met = {place for row in rows for place in enumerate(row)}
    for pair in out:
        lost = [place for place in pair if place not in levels_met]
        rows.append(_baseline_with(lost[:1] or pair, sizes))
    return list(dict.fromkeys(rows))


def _all_pairs(sizes: Sequence[int], runnable: Callable[[Row], bool], possible: Callable[[Row], bool]) -> Iterator[Row]:
    """Yield the rows that allpairspy finds beside the baseline; it may miss pairs where rows are filtered."""
    if len(sizes) < 2:
        yield from ((level,) for level in range(1, *sizes))
        return

    def allowed(row: list[int]) -> bool:
        return possible(tuple(row)) and (len(row) < len(sizes) or runnable(tuple(row)))

    levels = [list(range(size)) for size in sizes]
    for row in AllPairs(levels, filter_func=allowed, previously_tested=[[0] * len(sizes)]):
        yield tuple(row)


def _pairs(row: Row) -> Iterator[Pair]:
    """Yield the pairs of levels that meet in a row."""
    yield from combinations(enumerate(row), 2)


def _every_pair(sizes: Sequence[int]) -> Iterator[Pair]:
    """Yield every pair of levels of two axes."""
    for (first, first_size), (second, second_size) in combinations(enumerate(sizes), 2):
        for one, other in product(range(first_size), range(second_size)):
            yield (first, one), (second, other)


def _rows_with(pair: Pair, sizes: Sequence[int]) -> Iterator[Row]:
    """Yield every row that holds a pair, those nearest to the baseline first."""
    others = [axis for axis in range(len(sizes)) if axis not in dict(pair)]
    for changed in range(len(others) + 1):
        for axes in combinations(others, changed):
            for levels in product(*(range(1, sizes[axis]) for axis in axes)):
                yield _baseline_with([*pair, *zip(axes, levels, strict=True)], sizes)


def _baseline_with(places: Iterable[tuple[int, int]], sizes: Sequence[int]) -> Row:
    """Return the baseline with some axes at other levels."""
    changed = dict(places)
    return tuple(changed.get(axis, 0) for axis in range(len(sizes)))
