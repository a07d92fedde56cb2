"""The typed form of a suite, after reading and before expansion."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    StringConstraints,
    Tag,
    model_validator,
)

Level = JsonValue
"""One setting of an axis: a word, a number, a boolean, or a mapping of parameters."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
"""A name that is safe as a folder, a Python identifier and a table heading."""

MeasurementName = Literal["epoch", "data_loading", "forward_backward", "memory", "memory_parts", "learning", "after"]
DesignName = Literal["full", "one_at_a_time", "leave_one_out", "pairwise"]

_DURATION = re.compile(r"^(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>s|m|h)$")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def parse_duration(raw: object) -> object:
    """Return seconds for text such as ``90s``, ``10m`` or ``1.5h``; leave anything else for validation."""
    match = _DURATION.match(raw.strip()) if isinstance(raw, str) else None
    return float(match["value"]) * _SECONDS[match["unit"]] if match else raw


def parse_percentage(raw: object) -> object:
    """Return a fraction for text such as ``2%``; leave anything else for validation."""
    if isinstance(raw, str) and raw.strip().endswith("%"):
        try:
            return float(raw.strip()[:-1]) / 100
        except ValueError:
            return raw
    return raw


_PositiveNumber = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Share = Annotated[float, Field(gt=0, lt=1)]
_DurationText = Annotated[str, Field(pattern=_DURATION.pattern.replace("?P<value>", "").replace("?P<unit>", ""))]
_PercentageText = Annotated[str, Field(pattern=r"^\s*[0-9.]+\s*%\s*$")]

Seconds = Annotated[
    _PositiveNumber, BeforeValidator(parse_duration, json_schema_input_type=_PositiveNumber | _DurationText)
]
"""A length of time: a number of seconds, or text such as 90s, 10m or 1h."""
Share = Annotated[_Share, BeforeValidator(parse_percentage, json_schema_input_type=_Share | _PercentageText)]
"""A share of a whole: 0.02, or text such as 2%."""


class Model(BaseModel):
    """Base of every part of a suite: frozen, and unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ShapesData(Model):
    """Generated pictures of textured shapes: learnable, seeded, and available everywhere."""

    kind: Literal["shapes"] = "shapes"
    images: int = Field(64, ge=2, le=100_000, description="pictures in the training split")
    validation_images: int = Field(16, ge=1, le=100_000, description="pictures in the validation split")
    size: int = Field(160, ge=32, le=4096, description="side of every picture in pixels")
    seed: int = Field(0, ge=0, description="seed of the generator")


class TreesData(Model):
    """Real aerial pictures with 951 boxed trees out of the DeepForest 2.1.0 wheel, cut into tiles."""

    kind: Literal["trees"] = "trees"
    tile: int = Field(320, ge=96, le=1024, description="side of a tile in pixels")


class UserData(Model):
    """The user's own data, described by a YOLO data YAML; never written to."""

    kind: Literal["path"] = "path"
    path: Path = Field(description="YOLO data YAML, relative to the suite's folder or absolute")


def _data_shorthand(raw: object) -> object:
    """Let ``data: trees`` stand for ``data: {kind: trees}`` and a path for ``{kind: path, path: …}``."""
    if not isinstance(raw, str):
        return raw
    return {"kind": raw} if raw in {"shapes", "trees"} else {"kind": "path", "path": raw}


_AnyData = Annotated[ShapesData | TreesData | UserData, Field(discriminator="kind")]
Data = Annotated[_AnyData, BeforeValidator(_data_shorthand, json_schema_input_type=_AnyData | str)]


class Workload(Model):
    """What is trained, on what, where."""

    model: str = Field(description="an Ultralytics model YAML by name (yolo26n.yaml) or path")
    data: Data = Field(default_factory=ShapesData, description="what to train on")
    image_size: int = Field(160, ge=32, le=4096, description="side of the network's input in pixels")
    batch: int = Field(8, ge=1, le=65536, description="images in one training step")
    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|cuda:\d+)$",
        examples=["auto", "cpu", "cuda:0"],
        description="cpu, cuda:N, or auto: cuda:0 where there is one",
    )
    threads: int = Field(1, ge=1, le=1024, description="threads torch computes with on the processor")
    seed: int = Field(0, ge=0, description="seed of initial weights, shuffling and augmentation")
    trainer: Name | None = Field(
        None, description="a trainer named in your pyproject.toml or by an installed package; Ultralytics' own if none"
    )
    settings: dict[str, JsonValue] = Field(
        default_factory=dict, description="further Ultralytics training settings, such as lr0 or mosaic"
    )


class Budget(Model):
    """How long a run may take: wall time, or a fixed number of rounds a launch."""

    time: Seconds | None = Field(
        None, description="wall time of the whole run: seconds, or text such as 90s, 10m or 1h"
    )
    rounds: int | None = Field(None, ge=1, le=10_000, description="rounds of every launch")

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, raw: Any) -> Any:
        """Let ``budget: 3m`` stand for ``budget: {time: 3m}``."""
        return {"time": raw} if isinstance(raw, str | int | float) and not isinstance(raw, bool) else raw

    @model_validator(mode="after")
    def _one_limit(self) -> Budget:
        """Refuse both limits, and none."""
        if (self.time is None) == (self.rounds is None):
            raise ValueError("exactly one of time and rounds")
        return self


class Exclusion(Model):
    """Combinations that are not to be run, and why."""

    when: dict[Name, Level] = Field(min_length=1, description="axis levels that have to meet")
    reason: str = Field("excluded by the suite", description="shown in the report's row")


Levels = Annotated[tuple[Level, ...], Field(min_length=1)]
"""The settings an axis may take, the baseline's first."""

ExplicitDesign = Annotated[tuple[Annotated[dict[Name, Level], Field(min_length=1)], ...], Field(min_length=1)]
"""Combinations written out; axes that one does not name are at the baseline."""


def _design_form(raw: object) -> str:
    """Tell an explicit list from a design's name, so that a mistake in one is not explained as the other."""
    return "explicit" if isinstance(raw, list | tuple) else "named"


Design = Annotated[
    Annotated[DesignName, Tag("named")] | Annotated[ExplicitDesign, Tag("explicit")],
    Discriminator(_design_form),
]


class Learning(Model):
    """When the measurement ``learning`` looks, and at what."""

    images: int = Field(
        2000,
        ge=1,
        le=1_000_000_000,
        description="images of training after which losses are compared, counted from a trial's start; one epoch at "
        "least",
    )
    accuracy: bool = Field(
        False, description="whether mAP is compared too, for suites that train long enough to have one"
    )


GatedMetric = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$")]
"""A figure of a measurement, ``measurement.value``, of which less is better."""

_GatedLevels = Annotated[dict[Name, Level], Field(min_length=1)]
GatedCombination = Annotated[
    Annotated[Literal["baseline", "best"], Tag("named")] | Annotated[_GatedLevels, Tag("explicit")],
    Discriminator(lambda raw: "explicit" if isinstance(raw, dict) else "named"),
]


class Gate(Model):
    """What ``bench gate`` holds two commits to."""

    metrics: Annotated[tuple[GatedMetric, ...], Field(min_length=1)] = Field(
        ("epoch.seconds", "memory.peak"), description="figures with a verdict each; less has to be better"
    )
    combinations: Annotated[tuple[GatedCombination, ...], Field(min_length=1)] = Field(
        ("baseline", "best"),
        description="baseline, best (the fastest of the newest stored run), or levels; axes not named at the baseline",
    )
    regression: Share = Field(
        0.05, description="slowdown that must be excluded before a metric is clean; above the suite's margin"
    )
    first_launches: int = Field(4, ge=2, le=100, description="launches before the first look")
    launches: int = Field(10, ge=2, le=100, description="launches at most, where the first look left something open")

    @model_validator(mode="after")
    def _first_before_last(self) -> Gate:
        """Refuse a first look after the last."""
        if self.first_launches > self.launches:
            raise ValueError(f"launches of at least {self.first_launches}, which first_launches has")
        return self


class Suite(Model):
    """One suite: a workload, the axes to compare, what to measure and how long to spend."""

    name: Name = Field(
        description="lower-case letters, digits and _, a letter first; the file's name where it is left out"
    )
    description: str = Field("", description="what the suite is for")
    workload: Workload = Field(description="what is trained, on what, where")
    axes: dict[Name, Levels] = Field(
        min_length=1, description="optimization name to its levels; the first level of each is the baseline"
    )
    measure: tuple[MeasurementName, ...] = Field(
        ("epoch", "data_loading", "forward_backward", "memory"), min_length=1, description="what to measure"
    )
    design: Design = Field("full", description="how the axes are combined, or an explicit list of combinations")
    exclude: tuple[Exclusion, ...] = Field((), description="combinations left out, with the reason")
    budget: Budget = Field(
        default_factory=lambda: Budget(time=600.0, rounds=None),
        description="wall time such as 10m, or a mapping with time or rounds",
    )
    launches: int = Field(3, ge=1, le=100, description="times every process is started anew")
    margin: Share = Field(0.02, description="differences smaller than this count as equivalent: 2% or 0.02")
    timeout: Seconds = Field(
        600.0,
        description="longest a launch, or an epoch of a burst, may take: seconds, or text such as 90s, 10m or 1h",
    )
    learning: Learning = Field(default_factory=Learning, description="when the measurement learning looks, and at what")
    gate: Gate = Field(default_factory=Gate, description="what `bench gate` holds two commits to")
