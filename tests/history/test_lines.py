"""Lines put in order, and picked by name."""

from __future__ import annotations

import math

import pytest

from bench.errors import InputError
from bench.history.commits import Commit
from bench.history.lines import Filters, Line, Name, in_order, wanted

COMMITS = [Commit(hash=letter, date="2026-01-01T00:00:00Z", subject="") for letter in "abcdef"]


def line(machine: str = "box", suite: str = "quick", metric: str = "epoch", **values: float) -> Line:
    return Line(Name(machine, "", suite, metric, "baseline"), "seconds", values)


def test_points_are_in_the_order_of_commits_and_gaps_are_left_out() -> None:
    series = in_order(line(e=5.0, a=1.0, c=math.nan, d=4.0, elsewhere=9.0), COMMITS)
    assert series.positions == (0, 3, 4)
    assert series.values == (1.0, 4.0, 5.0)


def test_filters_pass_what_satisfies_all_of_them() -> None:
    lines = [line(metric="epoch"), line(metric="memory"), line(machine="other"), line(suite="trees")]
    assert wanted(lines, Filters()) == lines
    assert wanted(lines, Filters(metrics=("epoch",), machines=("box",))) == [lines[0], lines[3]]
    assert wanted(lines, Filters(suites=("trees", "quick"))) == lines


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (Filters(metrics=("epcoh",)), "--metric: found 'epcoh'; expected one of epoch, memory; did you mean 'epoch'"),
        (Filters(suites=("quik",)), "--suite: found 'quik'.*did you mean 'quick'"),
        (Filters(machines=("cluster",)), "--machine: found 'cluster'; expected one of box, other"),
        (Filters(machines=("other",), metrics=("memory",)), "no results for other, memory together"),
    ],
)
def test_a_filter_for_what_is_not_there_is_bad_input(filters: Filters, message: str) -> None:
    lines = [line(), line(metric="memory"), line(machine="other")]
    with pytest.raises(InputError, match=message):
        wanted(lines, filters)
