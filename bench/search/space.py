"""What a search chooses from: the combinations of a suite's axes that can run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.suite.combination import Combination


@dataclass(frozen=True)
class Space:
    """The combinations that may be proposed.

    Attributes:
        baseline: what all others are compared with; never proposed.
        possible: all others that can run here, in the order of a full design.
        axes: axis to those of its levels that can run in some combination, as canonical JSON, in the suite's order.
    """

    baseline: Combination
    possible: tuple[Combination, ...]
    axes: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, running: Sequence[Combination]) -> Space:
        """Return the space of the combinations of a full design that can run, the baseline first."""
        baseline, *possible = running
        axes = {axis: tuple(dict.fromkeys(dict(each.items)[axis] for each in running)) for axis, _ in baseline.items}
        return cls(baseline, tuple(possible), axes)

    def combination(self, texts: Mapping[str, str]) -> Combination:
        """Return the combination of one level for every axis, given as canonical JSON; it need not be possible."""
        return Combination(tuple((axis, texts[axis]) for axis in self.axes))
