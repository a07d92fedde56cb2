"""What change points mean: which commit, which way, by how much, and whether it still stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench.history.change_points import ChangePoint
from bench.history.commits import Commit
from bench.history.lines import Name, Series

LESS_IS_BETTER = frozenset({"seconds", "bytes"})
"""Units whose direction is known; of a figure in any other unit nobody can say whether a change is good."""


class Kind(StrEnum):
    """Which way a figure went."""

    REGRESSION = "regression"
    IMPROVEMENT = "improvement"
    CHANGE = "change"


@dataclass(frozen=True)
class Change:
    """A change of one figure.

    Attributes:
        name: what changed.
        unit: of ``before`` and ``after``.
        kind: which way.
        commit: the first measured commit on the new level.
        last_good: the last measured commit on the old level.
        candidates: commits after ``last_good`` up to ``commit``, any of which may have done it; 1 = it was ``commit``.
        before: mean on the old level.
        after: mean on the new level.
        p_value: how easily chance alone separates the two levels so well, by Student's t-test.
        stands: the line's last level is nearer to ``after`` than to ``before``.
    """

    name: Name
    unit: str
    kind: Kind
    commit: Commit
    last_good: Commit
    candidates: int
    before: float
    after: float
    p_value: float
    stands: bool

    @property
    def ratio(self) -> float | None:
        """The new level over the old one; None where the old one is 0."""
        return self.after / self.before if self.before else None


def changes_of(series: Series, points: Sequence[ChangePoint], commits: Sequence[Commit]) -> list[Change]:
    """Return the changes of one series, the first commit first.

    Args:
        series: the series.
        points: its change points, by index.
        commits: the commits of the branch, in order.
    """
    changes = []
    for point in points:
        place, place_before = series.positions[point.index], series.positions[point.index - 1]
        last = points[-1].after
        changes.append(
            Change(
                name=series.line.name,
                unit=series.line.unit,
                kind=kind_of(point.before, point.after, series.line.unit),
                commit=commits[place],
                last_good=commits[place_before],
                candidates=place - place_before,
                before=point.before,
                after=point.after,
                p_value=point.p_value,
                stands=abs(last - point.after) <= abs(last - point.before),
            )
        )
    return changes


def kind_of(before: float, after: float, unit: str) -> Kind:
    """Return which way a figure went."""
    if unit not in LESS_IS_BETTER:
        return Kind.CHANGE
    return Kind.REGRESSION if after > before else Kind.IMPROVEMENT
