"""Where the level of a series changes, by Apache Otava.

Otava splits a series by the energy statistic of Matteson and James (2014, *A nonparametric approach for multiple change
point analysis of multivariate data*) in windows of 50 points, and keeps a split that Student's t-test between the
levels on its two sides supports (Fleming et al. 2023, *Hunter: Using change point detection to hunt for performance
regressions*).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from bench.engines.progress import Progress
from bench.history.otava_environment import OtavaUnavailableError, failure_line, otava_python
from bench.history.own_group import TimedOutError, run_in_own_group

MAX_P_VALUE = 0.0005
"""Half of Otava's default, to stay well below 3 % false alarms in 50 commits; docs/statistics.md says what it gives."""

SCRIPT = Path(__file__).with_name("otava_script.py")

SEARCH_SECONDS = 3600.0
"""Longest that a search may take; 1000 series of 50 commits take about a second."""


@dataclass(frozen=True)
class ChangePoint:
    """A change of level.

    Attributes:
        index: of the first point of the new level.
        before: mean of the points since the change before it, outliers left out.
        after: mean of the points until the change after it, outliers left out.
        p_value: of Student's t-test between these two groups of points.
    """

    index: int
    before: float
    after: float
    p_value: float


def find_change_points(
    series: Sequence[Sequence[float]], min_magnitude: float, progress: Progress
) -> list[tuple[ChangePoint, ...]]:
    """Return the change points of each series, in its order.

    Args:
        series: finite figures in the order of their commits, without gaps. (Otava would fill a gap with a copy of its
            neighbour, which makes the noise look smaller than it is.)
        min_magnitude: changes by less than this share of a level are none.
        progress: told when Otava has to be installed first.

    Raises:
        OtavaUnavailableError: Otava cannot be installed, or the search failed or took more than ``SEARCH_SECONDS``.
    """
    python = otava_python(progress)
    progress.stage(f"searching {len(series)} series")
    return search_without_lone_points(series, lambda asked: _search(python, asked, min_magnitude))


def search_without_lone_points(
    series: Sequence[Sequence[float]], search: Callable[[Sequence[Sequence[float]]], list[tuple[ChangePoint, ...]]]
) -> list[tuple[ChangePoint, ...]]:
    """Return the change points of each series, none of which begins or ends a level of a single point.

    One point off the level is an outlier until a second one supports it. It is left out, and the rest searched again.

    Args:
        series: finite figures in order.
        search: returns the change points of each series.
    """
    kept = [list(range(len(values))) for values in series]
    found: list[tuple[ChangePoint, ...]] = [()] * len(series)
    pending = list(range(len(series)))
    while pending:
        answers = search([[series[number][index] for index in kept[number]] for number in pending])
        again = []
        for number, points in zip(pending, answers, strict=True):
            lone = lone_points([point.index for point in points], len(kept[number]))
            found[number] = tuple(replace(point, index=kept[number][point.index]) for point in points)
            if lone:
                kept[number] = [index for place, index in enumerate(kept[number]) if place not in lone]
                again.append(number)
        pending = again
    return found


def lone_points(changes: Sequence[int], length: int) -> set[int]:
    """Return the indices of points that are a level of their own.

    Args:
        changes: the indices at which a new level begins, ascending.
        length: how many points there are.
    """
    bounds = [0, *changes, length]
    return {start for start, end in pairwise(bounds) if end - start == 1}


def _search(python: Path, series: Sequence[Sequence[float]], min_magnitude: float) -> list[tuple[ChangePoint, ...]]:
    """Return what Otava finds."""
    request = {"max_p_value": MAX_P_VALUE, "min_magnitude": min_magnitude, "series": series}
    try:
        done = run_in_own_group([str(python), "-I", str(SCRIPT)], json.dumps(request, allow_nan=False), SEARCH_SECONDS)
    except (OSError, TimedOutError) as error:
        raise OtavaUnavailableError(f"the search with Apache Otava failed: {error}") from error
    if done.returncode != 0:
        raise OtavaUnavailableError(f"the search with Apache Otava failed: {failure_line(done.stderr)}")
    return [tuple(ChangePoint(**point) for point in points) for points in json.loads(done.stdout)]
