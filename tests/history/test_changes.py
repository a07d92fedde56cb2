"""What change points mean."""

from __future__ import annotations

import pytest

from bench.history.change_points import ChangePoint, lone_points, search_without_lone_points
from bench.history.changes import Kind, changes_of, kind_of
from bench.history.commits import Commit
from bench.history.lines import Line, Name, Series

COMMITS = [Commit(hash=f"{number:040x}", date="2026-01-01T00:00:00Z", subject=f"{number}") for number in range(12)]
NAME = Name("box", "", "quick", "epoch", "baseline")


def series_of(positions: list[int], unit: str = "seconds") -> Series:
    return Series(Line(NAME, unit, {}), tuple(positions), tuple(1.0 for _ in positions))


def test_a_change_names_its_commit_its_size_and_who_else_it_may_have_been() -> None:
    # Commits 5 and 6 failed, so that 5, 6 or 7 may have done it: 3 candidates.
    series = series_of([0, 1, 2, 3, 4, 7, 8, 9])
    (change,) = changes_of(series, [ChangePoint(index=5, before=2.0, after=2.5, p_value=1e-5)], COMMITS)
    assert (change.commit.subject, change.last_good.subject, change.candidates) == ("7", "4", 3)
    assert change.ratio == 1.25
    assert change.kind is Kind.REGRESSION
    assert change.stands
    assert (change.before, change.after, change.p_value, change.unit) == (2.0, 2.5, 1e-5, "seconds")


@pytest.mark.parametrize(
    ("levels", "stands"),
    [
        ((1.0, 1.2, 1.0), [False, True]),  # undone altogether
        ((1.0, 1.2, 1.05), [False, True]),  # undone by more than half
        ((1.0, 1.2, 1.15), [True, True]),  # less than half is undone
        ((1.0, 1.2, 1.5), [True, True]),  # worse still
        ((1.2, 1.0, 1.2), [False, True]),  # an improvement that was lost again
    ],
)
def test_a_change_stands_while_the_last_level_is_nearer_to_what_it_brought(
    levels: tuple[float, float, float], stands: list[bool]
) -> None:
    points = [ChangePoint(3, levels[0], levels[1], 1e-5), ChangePoint(6, levels[1], levels[2], 1e-5)]
    assert [change.stands for change in changes_of(series_of(list(range(10))), points, COMMITS)] == stands


def test_less_is_better_for_seconds_and_bytes_and_unknown_for_the_rest() -> None:
    assert kind_of(1.0, 1.1, "bytes") is Kind.REGRESSION
    assert kind_of(1.1, 1.0, "seconds") is Kind.IMPROVEMENT
    assert kind_of(1.0, 1.1, "boxes") is Kind.CHANGE


def test_a_level_that_was_zero_gives_no_ratio() -> None:
    (change,) = changes_of(series_of(list(range(8)), "bytes"), [ChangePoint(4, 0.0, 8.0, 0.0)], COMMITS)
    assert change.ratio is None
    assert change.kind is Kind.REGRESSION


def test_levels_of_one_point_are_found() -> None:
    assert lone_points([], 1) == {0}
    assert lone_points([], 5) == set()
    assert lone_points([1, 3, 4], 6) == {0, 3}
    assert lone_points([5], 6) == {5}


def test_a_lone_point_is_left_out_and_the_rest_searched_again() -> None:
    def every_step(series: list[list[float]]) -> list[tuple[ChangePoint, ...]]:
        """Take every difference between neighbours for a change of level."""
        asked.append(series)
        return [
            tuple(
                ChangePoint(i, values[i - 1], values[i], 1e-5)
                for i in range(1, len(values))
                if values[i] != values[i - 1]
            )
            for values in series
        ]

    asked: list[list[list[float]]] = []
    steady, outlier = [3.0, 3.0, 3.0], [1.0, 1.0, 9.0, 2.0, 2.0, 5.0]
    found = search_without_lone_points([steady, outlier], every_step)
    # The 9 and the 5 stand alone; without them 1 turns to 2 at what was index 3.
    assert found == [(), (ChangePoint(index=3, before=1.0, after=2.0, p_value=1e-5),)]
    assert asked == [[steady, outlier], [[1.0, 1.0, 2.0, 2.0]]]
