"""The small parts that objects of ``report.json`` are made of."""

from __future__ import annotations

import dataclasses

from pydantic import BaseModel, ConfigDict, Field

from bench.analysis.result import Difference, Figure, OneOff, Ratio
from bench.journal.records import EvidenceRecord
from bench.reports.metrics import Unit, unit_of


class Part(BaseModel):
    """Base of every object in the report; ``null`` is "not available" and never 0."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class RatioPart(Part):
    """A combination's figure over the baseline's in one metric."""

    value: float = Field(description="the estimate, no unit; below 1 where the combination takes less")
    low: float | None = Field(description="lower end of the interval, no unit; null where the data give none")
    high: float | None = Field(description="upper end of the interval, no unit; null where the data give none")
    rounds: int = Field(description="pairs of bursts behind the ratio")
    launches: int = Field(description="launches that the pairs come from")
    p_value: float | None = Field(
        description="two-sided, against a ratio of 1, not adjusted; null where the data give none"
    )

    @classmethod
    def of(cls, ratio: Ratio) -> RatioPart:
        """Return a ratio as the report has it."""
        return cls(**dataclasses.asdict(ratio))


class DifferencePart(Part):
    """A combination's figure less the baseline's in one metric."""

    value: float = Field(description="the mean over launches, no unit; above 0 where the combination has more")
    low: float | None = Field(description="lower end of the interval, no unit; null from a single launch")
    high: float | None = Field(description="upper end of the interval, no unit; null from a single launch")
    launches: int = Field(description="launches, each of another seed, that were compared")

    @classmethod
    def of(cls, difference: Difference) -> DifferencePart:
        """Return a difference as the report has it."""
        return cls(**dataclasses.asdict(difference))


class FigurePart(Part):
    """An absolute figure in one metric, for reading and never for deciding."""

    unit: Unit = Field(description="s (seconds), B (bytes), 1/s (images a second), J (joules) or 1 (a plain number)")
    median: float = Field(description="over all bursts, in the unit")
    spread: float | None = Field(
        description="half the distance between the quartiles, in the unit; null with fewer than four bursts"
    )
    bursts: int = Field(description="how many bursts the figure is of")

    @classmethod
    def of(cls, metric: str, figure: Figure) -> FigurePart:
        """Return a metric's figure as the report has it."""
        return cls(unit=unit_of(metric), median=figure.median, spread=figure.spread, bursts=figure.bursts)


class OneOffPart(Part):
    """What a launch of a combination costs once."""

    ready: float = Field(description="seconds until it stood before its first epoch")
    compilation: float = Field(description="seconds that torch's compiler took of warming up")
    warm_up: float | None = Field(
        description="seconds that epochs before the steady state took beyond steady ones and compilation; null if not "
        "known"
    )
    total: float | None = Field(description="seconds of all three; null if not known")
    fresh_caches: bool | None = Field(
        description="whether compilers had kept nothing of the combination before; null where their caches were shared "
        "with earlier runs"
    )

    @classmethod
    def of(cls, cost: OneOff) -> OneOffPart:
        """Return a cost as the report has it."""
        return cls(**dataclasses.asdict(cost), total=cost.total)


class EvidencePart(Part):
    """What a running trial showed of one axis."""

    axis: str = Field(description="name of the optimization")
    launch: int = Field(description="the launch that showed it, counted from 0")
    in_force: bool = Field(description="whether the trial showed what the level asks for")
    observed: str = Field(description="what was read from the trial, with its unit")
    expected: str = Field(description="what the level should have shown")

    @classmethod
    def of(cls, record: EvidenceRecord) -> EvidencePart:
        """Return a piece of evidence as the report has it."""
        return cls(
            axis=record.axis,
            launch=record.launch,
            in_force=record.in_force,
            observed=record.observed,
            expected=record.expected,
        )
