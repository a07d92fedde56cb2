"""What a run gave for every combination: one sample a launch, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from bench.suite.model import MeasurementName

if TYPE_CHECKING:
    from bench.journal.records import AnyRecord


@dataclass(frozen=True)
class Metric:
    """A figure that histories are kept of; less is better.

    Attributes:
        name: what it is known as.
        measurement: the measurement that gives it.
        value: its name among the measurement's values.
        unit: ``seconds`` or ``bytes``.
    """

    name: str
    measurement: MeasurementName
    value: str
    unit: str


METRICS = (
    Metric("epoch", "epoch", "seconds", "seconds"),
    Metric("data_loading", "data_loading", "seconds_per_batch", "seconds"),
    Metric("forward", "forward_backward", "forward", "seconds"),
    Metric("backward", "forward_backward", "backward", "seconds"),
    Metric("memory", "memory", "peak", "bytes"),
)


class Outcome(BaseModel):
    """What a run gave for one combination.

    Attributes:
        samples: metric's name to one figure for each launch, in the metric's unit; empty where there is a reason.
        reason: why there are no samples; "" otherwise.
        not_run: the combination was not meant to run here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    samples: dict[str, tuple[float, ...]] = {}
    reason: str = ""
    not_run: bool = False


class Outcomes(BaseModel):
    """What a run gave.

    Attributes:
        by_label: a combination's label to what the run gave for it.
        reason: why the run gave nothing at all; "" otherwise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    by_label: dict[str, Outcome] = {}
    reason: str = ""

    def of(self, label: str) -> Outcome:
        """Return the outcome of one combination."""
        missing = Outcome(reason=self.reason or "the run's design has no such combination")
        return self.by_label.get(label, missing)


def outcomes_of(records: Sequence[AnyRecord]) -> Outcomes:
    """Return what a journal says of every combination.

    Raises:
        BenchError: the journal ends before the design was written.
    """
    from bench.analysis.analyse import analyse
    from bench.analysis.result import Verdict

    analysis = analyse(records)
    if not analysis.complete:
        return Outcomes(reason="the run was stopped before its end")
    by_label = {}
    for row in analysis.rows:
        if row.verdict in {Verdict.FAILED, Verdict.NOT_IN_FORCE, Verdict.NOT_RUN}:
            outcome = Outcome(reason=f"{row.verdict}: {row.reason}", not_run=row.verdict is Verdict.NOT_RUN)
        else:
            medians = {metric.name: launch_medians(records, row.combination, metric) for metric in METRICS}
            samples = {name: values for name, values in medians.items() if values}
            nothing = row.reason or "the run ended before its first burst"
            outcome = Outcome(samples=samples, reason="" if samples else nothing)
        by_label[row.label] = outcome
    return Outcomes(by_label=by_label)


def launch_medians(records: Sequence[AnyRecord], combination: str, metric: Metric) -> tuple[float, ...]:
    """Return one figure for each launch, in the launches' order: the median over its rounds, warm-up left out.

    Rounds of one launch resemble each other more than launches do, so statistics that take samples to be
    independent may be given launches only.
    """
    from bench.journal.bursts import measured_bursts

    by_launch: dict[int, list[float]] = {}
    for burst in measured_bursts(records):
        if burst.combination == combination and burst.measurement == metric.measurement:
            by_launch.setdefault(burst.launch, []).append(burst.values[metric.value])
    return tuple(median(values) for _, values in sorted(by_launch.items()))
