"""What a trial and its handle tell each other; plain data, so that it crosses process borders."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bench.measurements.base import Burst
from bench.optimizations.base import Evidence
from bench.project import Project
from bench.suite.model import Learning, Level, MeasurementName, Workload
from bench.trials.outcome import Failure


@dataclass(frozen=True)
class TrialSpec:
    """Everything a trial's process has to know.

    Attributes:
        workload: what to train.
        device: cpu or cuda:N.
        levels: axis name to level.
        data: absolute path of the YOLO data YAML to make a private view of.
        folder: the trial's own folder, absolute; its process works there, and the parent removes it afterwards.
        cores: processor cores the whole process group may use.
        project: the user's own code that the levels and the workload's trainer may come from.
        learning: when the measurement ``learning`` looks.
        checkout: top folder of the commit whose code has to be what is imported; None where none is meant.
        compiler_caches: absolute folder of what compilers keep for the next trial; None for where the environment says.
    """

    workload: Workload
    device: str
    levels: dict[str, Level]
    data: Path
    folder: Path
    cores: tuple[int, ...]
    project: Project | None = None
    learning: Learning = field(default_factory=Learning)
    checkout: Path | None = None
    compiler_caches: Path | None = None


@dataclass(frozen=True)
class MakeBurst:
    """Command: make one burst.

    Attributes:
        measurement: of what.
        epochs: that it is to have, where it is of epochs.
        turn: seconds after which to stand still as soon as that can be done; None to go through with it.
    """

    measurement: MeasurementName
    epochs: int = 1
    turn: float | None = None


@dataclass(frozen=True)
class GoOn:
    """Command: go on with the burst."""


@dataclass(frozen=True)
class TraceEpoch:
    """Command: run one epoch under the profiler.

    Attributes:
        folder: where the trace goes.
        worker: how its file name begins.
    """

    folder: Path
    worker: str


@dataclass(frozen=True)
class ShowEvidence:
    """Command: show what is in force."""


@dataclass(frozen=True)
class Ready:
    """The trial waits before its first epoch.

    Attributes:
        setup: seconds of each one-off part.
        facts: what was built: parameters, batches an epoch, and so on.
    """

    setup: dict[str, float]
    facts: dict[str, Level]


@dataclass(frozen=True)
class StandingStill:
    """Answer to ``MakeBurst`` and to ``GoOn``: the turn is over, the burst is not."""


@dataclass(frozen=True)
class Measured:
    """Answer to ``MakeBurst`` and to ``GoOn``: the burst is complete."""

    burst: Burst


@dataclass(frozen=True)
class Shown:
    """Answer to ``ShowEvidence``: evidence by axis."""

    evidence: dict[str, Evidence]


@dataclass(frozen=True)
class Failed:
    """The trial is over.

    Attributes:
        failure: what kind of failure.
        message: one line.
        detail: traceback or the end of the output.
    """

    failure: Failure
    message: str
    detail: str = field(default="")
