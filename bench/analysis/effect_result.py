"""What an analysis says of levels and of pairs of levels, whatever else is switched on."""

from __future__ import annotations

from dataclasses import dataclass

from bench.analysis.result import Ratio, Verdict
from bench.suite.model import Level


@dataclass(frozen=True)
class MainEffect:
    """What a level does against its axis' baseline level, averaged over the levels of all other axes.

    Attributes:
        axis: the level's axis.
        level: never the baseline's.
        ratio: of the deciding metric with the level to that without it; rounds and launches are all that were fitted.
        verdict: faster, slower, equivalent or undecided.
    """

    axis: str
    level: Level
    ratio: Ratio
    verdict: Verdict


@dataclass(frozen=True)
class Interaction:
    """What two levels of different axes do together beyond what each does alone.

    Attributes:
        levels: the two axes, each to its level.
        alone: either axis to the ratio of its level alone, the other axis at its baseline level, averaged over the
            levels of all further axes; empty where the combinations do not tell one of them.
        both: the ratio of both together, averaged likewise; None where ``alone`` is empty.
        ratio: ``both`` over the product of ``alone``: 1 where they multiply, below 1 where together they take less.
        verdict: faster where they take less than the product, slower where more, else equivalent or undecided.
    """

    levels: dict[str, Level]
    alone: dict[str, Ratio]
    both: Ratio | None
    ratio: Ratio
    verdict: Verdict


@dataclass(frozen=True)
class Effects:
    """The effects that a report's combinations tell of.

    Attributes:
        main: by axis, in the design's order.
        interactions: one at least, in the same order.
        left_out: name of a level or pair of levels to the reason why nothing is said of it.
        trials: trials that were fitted, those of the baseline among them.
        degrees: degrees of freedom of every interval.
    """

    main: tuple[MainEffect, ...]
    interactions: tuple[Interaction, ...]
    left_out: dict[str, str]
    trials: int
    degrees: int
