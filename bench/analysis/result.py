"""What an analysis says of a run: numbers and verdicts, no rendering."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import JsonValue

from bench.journal.records import EvidenceRecord, RunRecord
from bench.suite.model import Level, Suite

if TYPE_CHECKING:
    from bench.analysis.effect_result import Effects


class Verdict(StrEnum):
    """What is said of a combination against the baseline; one vocabulary for every report."""

    BASELINE = "baseline"
    FASTER = "faster"
    SLOWER = "slower"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"
    NOT_IN_FORCE = "not in force"
    FAILED = "failed"
    NOT_RUN = "not run"


class LearningFlag(StrEnum):
    """What is wrong with how a combination learns, whatever its speed."""

    DIVERGES = "diverges"
    LEARNS_WORSE = "learns worse"


@dataclass(frozen=True)
class Ratio:
    """A combination's figure over the baseline's, below 1 where it takes less.

    Attributes:
        value: the estimate.
        low: lower end of the interval; None where the data give no interval.
        high: upper end of the interval; None where the data give no interval.
        rounds: pairs of bursts behind it.
        launches: launches that the pairs come from.
        p_value: two-sided, against a ratio of 1; None where the data give none.
    """

    value: float
    low: float | None
    high: float | None
    rounds: int
    launches: int
    p_value: float | None = None


@dataclass(frozen=True)
class Difference:
    """A combination's figure less the baseline's, for what may be 0 and has no ratio.

    Attributes:
        value: the mean over launches.
        low: lower end of the interval; None where the data give no interval.
        high: upper end of the interval; None where the data give no interval.
        launches: launches that were compared.
    """

    value: float
    low: float | None
    high: float | None
    launches: int


@dataclass(frozen=True)
class Figure:
    """An absolute figure, for reading and never for deciding.

    Attributes:
        median: over all bursts, in the metric's own unit (seconds or bytes).
        spread: half the distance between the quartiles, in the same unit; None with fewer than four bursts.
        bursts: how many.
    """

    median: float
    spread: float | None
    bursts: int


@dataclass(frozen=True)
class OneOff:
    """What a launch of a combination costs once, or what several do as a rule; seconds.

    Attributes:
        ready: from asking for its process until it stood before its first epoch.
        compilation: what torch's compiler took of warming up.
        warm_up: what the epochs before the steady state took beyond steady ones and compilation; None if unknown.
        fresh_caches: whether compilers had kept nothing of the combination before; None where that is not known.
    """

    ready: float
    compilation: float
    warm_up: float | None
    fresh_caches: bool | None = None

    @property
    def total(self) -> float | None:
        """All of it together; None if unknown."""
        return None if self.warm_up is None else self.ready + self.compilation + self.warm_up


@dataclass(frozen=True)
class RowResult:
    """Everything said of one row of the design.

    Attributes:
        combination: its eight-digit id.
        label: how tables name it.
        levels: axis to level.
        verdict: on the deciding metric.
        reason: why it was not run, failed, is not in force, or was left undecided (set aside, or not comparable),
            and what of it is not compared; "" otherwise.
        ratios: metric (``epoch.seconds``) to ratio; empty for the baseline.
        figures: metric to absolute figure.
        setup: one-off part before the first epoch to median seconds over launches.
        one_off: what the first launch cost once; None if unknown.
        one_off_later: medians of later launches, which found what compilers had kept; None where there are none.
        pays_off_after: epochs after which a faster combination has made up for what its first launch costs once beyond
            the baseline's; None unless it is faster.
        pays_off_after_later: the same of later launches; None unless they cost less than half of the first.
        differences: metric (``learning.map50``) to difference; empty for the baseline.
        flag: what is wrong with how it learns; None where nothing was seen.
        facts: what the last launch built: parameters, layers, gflops, images, …; empty where none got ready.
        evidence: what the trials showed, the last launch's word for each axis, any contradiction first.
    """

    combination: str
    label: str
    levels: dict[str, Level]
    verdict: Verdict
    reason: str = ""
    ratios: dict[str, Ratio] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    setup: dict[str, float] = field(default_factory=dict)
    one_off: OneOff | None = None
    one_off_later: OneOff | None = None
    pays_off_after: float | None = None
    pays_off_after_later: float | None = None
    facts: dict[str, JsonValue] = field(default_factory=dict)
    evidence: tuple[EvidenceRecord, ...] = ()
    differences: dict[str, Difference] = field(default_factory=dict)
    flag: LearningFlag | None = None


@dataclass(frozen=True)
class Analysis:
    """Everything said of a run.

    Attributes:
        run: the journal's first record.
        suite: the resolved suite.
        deciding: the metric that verdicts are about.
        confidence: of every interval, such as 0.95.
        rows: in the design's order, the baseline first.
        warnings: what a reader has to know before believing the table, most important first.
        seconds: how long the run took.
        complete: whether it came to its end.
        effects: of levels and of pairs of levels; None where the combinations tell of no interaction.
    """

    run: RunRecord
    suite: Suite
    deciding: str
    confidence: float
    rows: tuple[RowResult, ...]
    warnings: tuple[str, ...]
    seconds: float
    complete: bool
    effects: Effects | None = None
