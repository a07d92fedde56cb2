"""One run of what was selected of a suite, and what it says of each combination and metric."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import JsonValue

from bench.analysis.analyse import analyse
from bench.analysis.result import Analysis, RowResult, Verdict
from bench.engines.progress import Progress
from bench.integrations.outcomes import METRICS, Metric
from bench.journal.bursts import measured_bursts
from bench.journal.file import read_journal
from bench.journal.records import AnyRecord
from bench.run import Prepared, prepare_suite, start
from bench.suite.combination import Combination

TIMED_METRICS = tuple(metric for metric in METRICS if metric.unit == "seconds")
"""The metrics that get rows of their own; pytest-benchmark knows no unit but seconds."""


@dataclass(frozen=True)
class Measured:
    """A run that came to its end.

    Attributes:
        run: the run's folder.
        records: its journal.
        analysis: what the journal says.
    """

    run: Path
    records: Sequence[AnyRecord]
    analysis: Analysis

    def row(self, combination: Combination) -> RowResult:
        """Return what is said of a combination of the run."""
        return next(row for row in self.analysis.rows if row.combination == combination.id)


def measure(
    prepared: Prepared, selected: Collection[Combination], results: Path, command: str, progress: Progress
) -> Measured:
    """Run ``selected`` and the baseline, taking turns as in any run.

    Args:
        prepared: the whole suite.
        selected: combinations of its plan.
        results: the folder that holds all results.
        command: the command as typed, for the report.
        progress: somebody who watches.

    Raises:
        BenchError: the data cannot be had, or the baseline failed.
    """
    run = start(narrowed(prepared, selected), results, command, progress)
    records = read_journal(run)
    return Measured(run, records, analyse(records))


def narrowed(prepared: Prepared, selected: Collection[Combination]) -> Prepared:
    """Return the part of a suite that runs ``selected`` and the baseline; the suite as it is where that is all."""
    rows = prepared.plan.rows
    kept = [row.combination for row in rows if row.combination in selected]
    if len({*kept, prepared.plan.baseline}) == len(rows):
        return prepared
    design = tuple(combination.levels for combination in kept)
    return prepare_suite(prepared.file, prepared.suite.model_copy(update={"design": design}), prepared.project)


def samples(records: Sequence[AnyRecord], combination: Combination, metric: Metric) -> tuple[float, ...]:
    """Return a metric's figures, one a burst, in the order they were measured; warm-up is left out."""
    return tuple(
        burst.values[metric.value]
        for burst in measured_bursts(records)
        if burst.combination == combination.id and burst.measurement == metric.measurement
    )


def obstacle(row: RowResult, figures: Sequence[float]) -> str | None:
    """Return why ``figures`` of ``row`` are not to be shown as its speed, or None where they are."""
    if row.verdict is Verdict.FAILED:
        return f"{row.label} failed: {row.reason}"
    if row.verdict is Verdict.NOT_IN_FORCE:
        return f"{row.label} is not in force: {row.reason}"
    if not figures:
        return f"{row.label}: {row.reason or 'the budget was spent before its first burst; expected one or more'}"
    return None


def extra_info(measured: Measured, combination: Combination, metric: Metric) -> dict[str, JsonValue]:
    """Return what pytest-benchmark's JSON holds beside the figures; docs/pytest.md lists it."""
    analysis, row = measured.analysis, measured.row(combination)
    name = f"{metric.measurement}.{metric.value}"
    ratio, memory = row.ratios.get(name), row.figures.get("memory.peak")
    return {
        "suite": analysis.suite.name,
        "levels": row.levels,
        "metric": name,
        "ratio": None if ratio is None else {**asdict(ratio), "confidence": analysis.confidence},
        "verdict": row.verdict.value,
        "verdict_metric": analysis.deciding,
        "memory_peak_bytes": None if memory is None else round(memory.median),
        "run": str(measured.run),
    }
