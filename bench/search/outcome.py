"""What an ordinary run said of each combination that a search proposed."""

from __future__ import annotations

from dataclasses import dataclass

from bench.analysis.deciding import DECIDING
from bench.analysis.result import Analysis, LearningFlag, Ratio, RowResult, Verdict
from bench.analysis.work import images_of, other_images
from bench.reports.learning_tables import deciding_loss
from bench.reports.metrics import metric_name
from bench.reports.tables import MEASURED, first_line
from bench.suite.combination import Combination
from bench.suite.model import Suite

ITSELF = Ratio(1.0, 1.0, 1.0, rounds=0, launches=0)
"""The baseline's ratio to itself."""


@dataclass(frozen=True)
class Outcome:
    """One combination with both aims of a search; less is better in both.

    Attributes:
        combination: what was run.
        label: how tables name it.
        run: name of its run's folder; "" for the baseline, which is in every run.
        time: its time over the baseline's; None where there is a problem.
        loss: its loss after the suite's images over the baseline's; None where there is a problem.
        parameters: of its model; None where none was built.
        flag: what is wrong with how it learns.
        problem: why it has no figures to go by; "" where it has them.
        remark: what else its run said of it; "" for nothing.
    """

    combination: Combination
    label: str
    run: str
    time: Ratio | None
    loss: Ratio | None
    parameters: int | None = None
    flag: LearningFlag | None = None
    problem: str = ""
    remark: str = ""

    @property
    def values(self) -> tuple[float, float] | None:
        """Both ratios, time first; None where there is a problem."""
        return None if self.time is None or self.loss is None else (self.time.value, self.loss.value)


def time_metric(suite: Suite) -> str | None:
    """Return the time that a search makes small: the epoch's, else a step's; None where neither is measured."""
    return next((DECIDING[name] for name in ("epoch", "forward_backward") if name in suite.measure), None)


def outcomes_of(analysis: Analysis, run: str, time: str) -> tuple[Outcome, ...]:
    """Return the outcome of every combination of a run but the baseline.

    Args:
        analysis: of the run.
        run: name of its folder.
        time: the metric that ``time_metric`` gave.
    """
    return tuple(_outcome(row, analysis, run, time) for row in analysis.rows[1:])


def baseline_outcome(analysis: Analysis) -> Outcome:
    """Return the baseline of a run, whose ratios are 1 by definition."""
    row = analysis.rows[0]
    return Outcome(Combination.of(row.levels), row.label, "", ITSELF, ITSELF, _parameters(row))


def _outcome(row: RowResult, analysis: Analysis, run: str, time: str) -> Outcome:
    loss = deciding_loss(analysis)
    combination, ratios = Combination.of(row.levels), row.ratios
    problem = _problem(row, analysis.rows[0]) or next(
        (_missing(metric, row.reason) for metric in (time, loss) if metric not in ratios), ""
    )
    if problem:
        return Outcome(combination, row.label, run, None, None, _parameters(row), problem=problem)
    return Outcome(
        combination, row.label, run, ratios[time], ratios[loss], _parameters(row), row.flag, remark=row.reason
    )


def _problem(row: RowResult, baseline: RowResult) -> str:
    """Return why a row's ratios say nothing of its combination; "" where they do."""
    if baseline.verdict is Verdict.NOT_IN_FORCE:
        return f"the baseline was not in force: {first_line(baseline.reason)}"
    if row.verdict not in MEASURED:
        return f"{row.verdict.value}: {first_line(row.reason)}"
    return other_images(images_of(row.facts), images_of(baseline.facts))


def _missing(metric: str, reason: str) -> str:
    """Return that there is no ratio of a metric, and why if the run said it."""
    return f"no ratio of {metric_name(metric)}" + (f": {reason}" if reason else "")


def _parameters(row: RowResult) -> int | None:
    count = row.facts.get("parameters")
    return count if isinstance(count, int) else None
