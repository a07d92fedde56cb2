"""Simulated histories with a planted step, searched by ``bench history`` and by asv."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bench.history.change_points import ChangePoint

ASV_THRESHOLD = 0.05
"""asv's default for ``regressions_thresholds``: steps by less than this share of a level are none."""

OUTLIER = 0.2
"""By how much an outlier is higher, as a share of its level."""

NEAR = 2
"""Commits by which a reported commit may miss the planted one and still count as having found it."""


@dataclass(frozen=True)
class Scenario:
    """A kind of history.

    Attributes:
        commits: measured commits, one figure each.
        noise: standard deviation of a figure as a share of its level; normal.
        step: by how much of the first level the second is higher; 0 = nothing was planted.
        age: commits on the second level, the last of all.
        outliers: share of figures that are ``OUTLIER`` higher because the machine was busy.
    """

    commits: int
    noise: float
    step: float = 0.0
    age: int = 0
    outliers: float = 0.0

    @property
    def planted(self) -> int | None:
        """Index of the first commit on the second level; None where nothing was planted."""
        return self.commits - self.age if self.step else None


@dataclass(frozen=True)
class Tally:
    """How often a search was right.

    Attributes:
        histories: searched.
        reported: those with at least one regression reported, and any change at all where nothing was planted.
        found: those with a regression reported at most ``NEAR`` commits from the planted one.
        named: those with a regression reported at the very commit.
    """

    histories: int
    reported: int
    found: int
    named: int


def simulated(scenario: Scenario, rng: random.Random) -> list[float]:
    """Return the figures of one history, of level 1 before the step."""
    levels = [1.0] * (scenario.commits - scenario.age) + [1.0 + scenario.step] * scenario.age
    return [level * (1.0 + rng.gauss(0.0, scenario.noise) + _outlier(scenario, rng)) for level in levels]


def _outlier(scenario: Scenario, rng: random.Random) -> float:
    return OUTLIER if rng.random() < scenario.outliers else 0.0


def asv_regressions(values: Sequence[float]) -> list[int]:
    """Return the indices where asv, with its defaults, sees a regression begin: first points of worse levels.

    As ``asv publish`` does: a graph's steps, then the regressions among them. The points weigh the same, since every
    one is as noisy as the next.
    """
    from asv.graph import Graph
    from asv.step_detect import detect_regressions

    graph = Graph("benchmark", {})
    for revision, value in enumerate(values):
        graph.add_data_point(revision, value)
    _, _, jumps = detect_regressions(graph.get_steps(), ASV_THRESHOLD)
    return [after for _, after, _, _ in jumps or []]


def reported_by_us(points: Sequence[ChangePoint], scenario: Scenario) -> list[int]:
    """Return the indices of the regressions that ``bench history`` tells; of all changes where nothing was planted."""
    return [point.index for point in points if scenario.planted is None or point.after > point.before]


def tally(reported: Sequence[Sequence[int]], scenario: Scenario) -> Tally:
    """Count how often what was reported of each history is right."""
    at = scenario.planted
    return Tally(
        histories=len(reported),
        reported=sum(bool(places) for places in reported),
        found=0 if at is None else sum(any(abs(place - at) <= NEAR for place in places) for places in reported),
        named=0 if at is None else sum(at in places for places in reported),
    )
