"""The figures of one benchmark as asv's result files hold them, and two sets of them made one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.errors import InputError
from bench.integrations.asv import without_samples
from bench.integrations.outcomes import Metric, Outcomes
from bench.journal.records import RunRecord

Entry = dict[str, Any]
"""A benchmark as asv's benchmarks.json describes it."""


@dataclass(frozen=True)
class Figures:
    """One benchmark's figures, a value for each combination, as asv takes them from a benchmark.

    Attributes:
        result: True where there are samples, None for failed, not a number for not run.
        samples: one a launch, in the metric's unit; None where there are none.
    """

    result: list[object]
    samples: list[list[float] | None]

    def count(self) -> int:
        """Return how many samples there are."""
        return sum(len(samples or ()) for samples in self.samples)

    def holds(self, other: Figures) -> bool:
        """Return whether all samples of ``other`` are among these."""
        pairs = zip(self.samples, other.samples, strict=True)
        return all(not Counter(some or ()) - Counter(kept or ()) for kept, some in pairs)


def merged(old: Figures | None, new: Figures) -> Figures:
    """Return figures that lose nothing of ``old``: samples are added up, and win over reasons for having none."""
    if old is None:
        return new
    samples = [[*(kept or ()), *(fresh or ())] or None for kept, fresh in zip(old.samples, new.samples, strict=True)]
    reasons = zip(samples, new.result, strict=True)
    return Figures([True if both else reason for both, reason in reasons], samples)


def new_figures(outcomes: Outcomes, labels: Sequence[str], metric: Metric) -> Figures:
    """Return one metric of a run as asv takes it from its own processes."""
    given = [outcomes.of(label) for label in labels]
    samples = [list(each.samples.get(metric.name, ())) or None for each in given]
    reasons = (without_samples(each) for each in given)
    return Figures([True if some else reason for some, reason in zip(samples, reasons, strict=True)], samples)


def old_figures(stored: Any, entry: Entry, file: Path) -> Figures | None:
    """Return what asv has of a benchmark, None where it has nothing.

    Args:
        stored: an ``asv.results.Results``.
        entry: the benchmark.
        file: the result file, for errors.

    Raises:
        InputError: it is of another edition of the suite or another device, or of combinations that the benchmark
            lacks, or has no samples to add to, and would be lost.
    """
    name = entry["name"]
    if name not in stored.get_all_result_keys():
        return None
    if stored.benchmark_version.get(name) != entry["version"]:
        expected = "figures of the one edition and device that asv's file holds; --machine NAME makes another file"
        raise InputError(name, f"figures of another edition of the suite, or of another device, in {file}", expected)
    known = {label for labels in entry["params"] for label in labels}
    lost = [label for labels in stored.get_result_params(name) for label in labels if label not in known]
    if lost:
        expected = "a run with all combinations that there are figures of"
        raise InputError(name, f"figures of {', '.join(lost)} in {file}, which the run lacks", expected)
    values = stored.get_result_value(name, entry["params"])
    samples = [None] * len(values)
    if stored._samples.get(name) is not None:
        samples = stored.get_result_samples(name, entry["params"])
    for value, kept in zip(values, samples, strict=True):
        if kept is None and value is not None and not math.isnan(value):
            expected = "figures with their samples, as `asv run --record-samples` keeps them"
            raise InputError(name, f"figures without samples in {file}", expected)
    return Figures(list(values), list(samples))


def put(stored: Any, entry: Entry, figures: Figures, head: RunRecord) -> None:
    """Give asv a benchmark's figures, of which it makes its statistics.

    Args:
        stored: an ``asv.results.Results``.
        entry: the benchmark.
        figures: all that it is to hold.
        head: the first record of the run that the latest of them are from.
    """
    from asv.runner import BenchmarkResult

    number = [None if each is None else 1 for each in figures.samples]
    taken = BenchmarkResult(
        result=figures.result, samples=figures.samples, number=number, errcode=0, stderr="", profile=None
    )
    stored.add_result(entry, taken, started_at=datetime.fromisoformat(head.started), record_samples=True)
