"""Every kind of line in a journal; each is one JSON object with a ``type``.

Seconds are wall-clock seconds of the trial's own monotonic clock; sizes are bytes; ``null`` means "not
available", which is never the same as 0. ``combination`` is a combination's eight-digit id.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from bench.suite.model import MeasurementName
from bench.trials.outcome import Failure

FORMAT = 1
"""Version of the journal; readers refuse any other."""


class Record(BaseModel):
    """Base of all lines: frozen, and unknown keys are mistakes."""

    # Without the last, a figure that is not finite would be written as null, which no figure may be when read again.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


PROTOCOL = 2
"""How figures are taken: raised when they stop being comparable with those of before. 1: whole epochs took turns, and
every fixed batch ended in an optimizer step."""


class RunRecord(Record):
    """First line: what was asked for, and where it ran."""

    type: Literal["run"] = "run"
    format: int = FORMAT
    protocol: int = Field(1, description="how figures were taken; those of another protocol do not compare")
    run: str = Field(description="the run's short id")
    started: str = Field(description="UTC, ISO 8601, seconds")
    command: str = Field(description="the command as typed")
    suite: dict[str, JsonValue] = Field(description="the resolved suite")
    suite_file: str = Field(description="the suite's file name")
    suite_folder: str | None = Field(None, description="absolute path of the suite file's folder; null: not recorded")
    home: str | None = Field(None, description="absolute path of the user's home folder; null: not recorded")
    environment: dict[str, JsonValue] = Field(description="see bench.environment.Environment")
    block_size: int = Field(description="trials alive at once, at most")
    files: dict[str, str] = Field(
        default_factory=dict, description="path of each file of the user's that the suite names, to its SHA-256"
    )
    project: dict[str, JsonValue] | None = Field(
        None, description="see bench.user_code.code_record; null when no code of the user's was named"
    )
    noise_floor: dict[str, JsonValue] | None = Field(
        None, description="see bench.analysis.noise.NoiseFloor; null when none was known"
    )


class CommitRecord(Record):
    """One side of a comparison of two commits."""

    commit: str = Field(description="its full hash")
    subject: str = Field(description="first line of its message")


class GatedRecord(Record):
    """One combination that two commits are compared in."""

    label: str
    base: str = Field(description="the combination with base's code")
    head: str = Field(description="the combination with head's code")


class GateRecord(Record):
    """The two commits of a gate and what is compared; follows the rows."""

    type: Literal["gate"] = "gate"
    base: CommitRecord
    head: CommitRecord
    gated: tuple[GatedRecord, ...]
    remarks: tuple[str, ...] = Field((), description="what the reader has to know about the choice")


class RowRecord(Record):
    """One row of the design, in order; the first is the baseline."""

    type: Literal["row"] = "row"
    combination: str
    levels: dict[str, JsonValue]
    copy_of_baseline: int = Field(0, description="0, or which identical copy of the baseline this row is")
    label: str
    not_run: str | None = Field(None, description="why the row is not run, or null when it is")


class LaunchRecord(Record):
    """A combination's process is alive and ready for its first epoch."""

    type: Literal["launch"] = "launch"
    launch: int = Field(description="counts starts of blocks over the whole run, from 0; resuming starts anew")
    block: int = Field(description="index into the plan's blocks")
    combination: str
    cores: tuple[int, ...] = Field(description="processor cores the trial may use")
    fresh_caches: bool | None = Field(
        None, description="no earlier launch filled its compilers' caches; null: they were shared with earlier runs"
    )
    setup: dict[str, float] = Field(description="seconds of each one-off part: start, data, model, ready, …")
    facts: dict[str, JsonValue] = Field(description="parameters, flops, batches an epoch, images, …")


class BurstRecord(Record):
    """One burst of one trial."""

    type: Literal["burst"] = "burst"
    launch: int
    block: int
    round: int = Field(description="counts within the launch and measurement from 0; -1, -2, … are warm-up")
    position: int = Field(description="place in the round's random order, from 0")
    measurement: MeasurementName
    combination: str
    at: float = Field(description="seconds since the run started")
    took: float = Field(description="seconds from asking for the burst to its answer")
    epochs: int = Field(1, description="epochs in a row that figures of epochs are means of, and peaks the highest of")
    partial_because: str = Field("", description="why it stands for a part of its combination only, and is left out")
    values: dict[str, float] = Field(description="what the measurement gives; names and units in its class")
    series: dict[str, tuple[float, ...]] = Field(default_factory=dict, description="values step by step")


class EvidenceRecord(Record):
    """What a running trial showed of one axis."""

    type: Literal["evidence"] = "evidence"
    launch: int
    block: int
    combination: str
    axis: str
    in_force: bool
    observed: str
    expected: str


class FailureRecord(Record):
    """A trial ended before its time; the run went on."""

    type: Literal["failure"] = "failure"
    launch: int
    block: int
    combination: str
    failure: Failure
    message: str = Field(description="one line")
    detail: str = Field("", description="traceback or the end of the trial's output")


class CrowdedOutRecord(Record):
    """Memory ran out in a block of more than two; the combination is tried again beside the baseline alone."""

    type: Literal["crowded_out"] = "crowded_out"
    launch: int
    block: int
    combination: str
    message: str = Field(description="how the trial that ran out of memory ended, in one line")


class SetAsideRecord(Record):
    """A combination gets no further launch, because others are nearer to the front."""

    type: Literal["set_aside"] = "set_aside"
    combination: str
    before: int = Field(description="the first of every combination's launches, from 0, that it is left out of")
    reason: str


class AttemptRecord(Record):
    """One batch of a search for the largest."""

    batch: int
    fits: bool
    tried: bool = Field(description="it was run; else it was ruled out by what smaller ones needed")
    need: int | None = Field(description="bytes at the peak, or predicted where it was not tried; null: not known")
    reason: str = Field(description="why it does not fit")


class LargestBatchRecord(Record):
    """What the level largest of the axis batch stands for in a combination."""

    type: Literal["largest_batch"] = "largest_batch"
    combination: str
    granted: int = Field(description="bytes that a trial was granted: of the GPU's memory, else of the host's")
    largest: int | None = Field(description="null when not even one image fits")
    attempts: tuple[AttemptRecord, ...] = Field(description="in the order in which they were made")


class BlockEndRecord(Record):
    """A block has had all its rounds; a resumed run does not start it again."""

    type: Literal["block_end"] = "block_end"
    launch: int
    block: int


class EndRecord(Record):
    """Last line of a run that came to its end."""

    type: Literal["end"] = "end"
    at: float = Field(description="seconds since the run started")
    reason: Literal["rounds done", "budget spent", "decided", "baseline failed", "a trial failed"]


AnyRecord = Annotated[
    RunRecord
    | RowRecord
    | LargestBatchRecord
    | LaunchRecord
    | BurstRecord
    | EvidenceRecord
    | FailureRecord
    | CrowdedOutRecord
    | SetAsideRecord
    | BlockEndRecord
    | EndRecord
    | GateRecord,
    Field(discriminator="type"),
]
RECORD: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)
