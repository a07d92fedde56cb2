"""The parts of ``report.json`` about levels and pairs of levels."""

from __future__ import annotations

from pydantic import Field, JsonValue

from bench.analysis.effect_result import Effects, Interaction, MainEffect
from bench.analysis.result import Verdict
from bench.reports.json_parts import Part, RatioPart


class MainEffectPart(Part):
    """What a level does against its axis' baseline level, averaged over the levels of all other axes."""

    axis: str = Field(description="the level's axis")
    level: JsonValue = Field(description="the level, never the baseline's")
    ratio: RatioPart = Field(
        description="of the deciding metric with the level to that without; its rounds and launches are the whole fit's"
    )
    verdict: Verdict = Field(description="faster, slower, equivalent or undecided")

    @classmethod
    def of(cls, effect: MainEffect) -> MainEffectPart:
        """Return a main effect as the report has it."""
        return cls(axis=effect.axis, level=effect.level, ratio=RatioPart.of(effect.ratio), verdict=effect.verdict)


class InteractionPart(Part):
    """What two levels of different axes do together beyond what each does alone."""

    levels: dict[str, JsonValue] = Field(description="the two axes, each to its level")
    alone: dict[str, RatioPart] = Field(
        description="either axis to the ratio of its level with the other axis at its baseline level, averaged over "
        "the levels of all further axes; empty where that cannot be told"
    )
    both: RatioPart | None = Field(
        description="the ratio of both together, averaged likewise, with the fields of ratio; null where alone is empty"
    )
    ratio: RatioPart = Field(
        description="both over the product of each alone: 1 where they multiply, below 1 where they take less together"
    )
    verdict: Verdict = Field(
        description="faster where they take less than the product, slower where more; else equivalent or undecided"
    )

    @classmethod
    def of(cls, pair: Interaction) -> InteractionPart:
        """Return an interaction as the report has it."""
        return cls(
            levels=pair.levels,
            alone={axis: RatioPart.of(ratio) for axis, ratio in pair.alone.items()},
            both=None if pair.both is None else RatioPart.of(pair.both),
            ratio=RatioPart.of(pair.ratio),
            verdict=pair.verdict,
        )


class EffectsPart(Part):
    """The effects that the combinations tell of."""

    trials: int = Field(description="trials that were fitted, those of the baseline among them; 0 where none were")
    degrees: int = Field(description="degrees of freedom of every interval of an effect")
    main: tuple[MainEffectPart, ...] = Field(description="levels by axis; empty where no interaction can be told")
    interactions: tuple[InteractionPart, ...] = Field(description="pairs of levels of different axes")
    left_out: dict[str, str] = Field(description="name of a level or pair to why nothing is said of it")

    @classmethod
    def of(cls, effects: Effects | None) -> EffectsPart:
        """Return effects as the report has them; empty where there are none."""
        if effects is None:
            return cls(trials=0, degrees=0, main=(), interactions=(), left_out={})
        return cls(
            trials=effects.trials,
            degrees=effects.degrees,
            main=tuple(map(MainEffectPart.of, effects.main)),
            interactions=tuple(map(InteractionPart.of, effects.interactions)),
            left_out=effects.left_out,
        )
