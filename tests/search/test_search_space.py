"""What a search may choose from."""

from __future__ import annotations

from bench.search.space import Space
from bench.suite.combination import Combination

BASELINE = Combination.of({"width": 1.0, "depth": 1.0})
NARROW = Combination.of({"width": 0.5, "depth": 1.0})
DEEP = Combination.of({"width": 1.0, "depth": 2.0})


def test_what_does_not_run_is_no_part_of_a_space() -> None:
    """Of width 1, 0.5 and 2 by depth 1 and 2, narrow and deep together and all that is wide do not run."""
    space = Space.of((BASELINE, NARROW, DEEP))
    assert space.baseline == BASELINE
    assert space.possible == (NARROW, DEEP)
    assert space.axes == {"width": ("1.0", "0.5"), "depth": ("1.0", "2.0")}


def test_levels_make_a_combination_in_the_suites_order_of_axes() -> None:
    space = Space.of((BASELINE, NARROW, DEEP))
    assert space.combination({"depth": "1.0", "width": "0.5"}) == NARROW
    assert space.combination({"depth": "2.0", "width": "0.5"}) not in space.possible


def test_parameters_of_a_level_come_back() -> None:
    level = {"method": "l1-unstructured", "amount": 0.5}
    pruned = Combination.of({"pruning": level})
    space = Space.of((Combination.of({"pruning": "none"}), pruned))
    assert space.combination({"pruning": space.axes["pruning"][1]}).levels == {"pruning": level}
