"""Where the level of a series changes, by Apache Otava.

Otava splits a series by the energy statistic of Matteson and James (2014, *A nonparametric approach for multiple change
point analysis of multivariate data*) in windows of 50 points, and keeps a split that Student's t-test between the
levels on its two sides supports (Fleming et al. 2023, *Hunter: Using change point detection to hunt for performance
regressions*).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.engines.progress import Progress
from bench.history.otava_environment import OtavaUnavailableError, failure_line, otava_python
from bench.history.own_group import TimedOutError, run_in_own_group

MAX_P_VALUE = 0.001
"""Otava's default; what it is worth is in docs/statistics.md."""

SCRIPT = Path(__file__).with_name("otava_script.py")

SEARCH_SECONDS = 3600.0
"""Longest that a search may take; 1000 series of 50 commits take about a second."""


@dataclass(frozen=True)
class ChangePoint:
    """A change of level.

    Attributes:
        index: of the first point of the new level.
        before: mean of the points since the change before it.
        after: mean of the points until the change after it.
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
    request = {"max_p_value": MAX_P_VALUE, "min_magnitude": min_magnitude, "series": [list(each) for each in series]}
    try:
        done = run_in_own_group([str(python), "-I", str(SCRIPT)], json.dumps(request, allow_nan=False), SEARCH_SECONDS)
    except (OSError, TimedOutError) as error:
        raise OtavaUnavailableError(f"the search with Apache Otava failed: {error}") from error
    if done.returncode != 0:
        raise OtavaUnavailableError(f"the search with Apache Otava failed: {failure_line(done.stderr)}")
    return [tuple(ChangePoint(**point) for point in points) for points in json.loads(done.stdout)]
