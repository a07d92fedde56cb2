"""Which combinations of a suite a gate compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.analysis.analyse import analyse
from bench.analysis.result import Verdict
from bench.analysis.workload import workload_digest
from bench.errors import InputError, nearest_name
from bench.journal.file import NAME
from bench.journal.records import AnyRecord, EndRecord, RunRecord
from bench.measurements.registry import MEASUREMENTS
from bench.optimizations.batch import LARGEST
from bench.reports.metrics import Unit, unit_of
from bench.run_folder import read_run
from bench.suite.combination import Combination, canonical
from bench.suite.design import Row
from bench.suite.model import Suite


@dataclass(frozen=True)
class Gated:
    """What is compared between two commits.

    Attributes:
        combinations: each once, in the suite's order.
        remarks: what the reader has to know about the choice.
    """

    combinations: tuple[Combination, ...]
    remarks: tuple[str, ...]


def check_gate(suite: Suite) -> None:
    """Refuse thresholds and metrics that no verdict can come of.

    Raises:
        InputError: a metric that is not measured or where more is better, or a regression that the margin calls none.
    """
    for index, metric in enumerate(suite.gate.metrics):
        measurement = metric.partition(".")[0]
        if measurement not in MEASUREMENTS:
            expected = "measurement.value, of one of " + ", ".join(MEASUREMENTS)
            nearest = nearest_name(measurement, MEASUREMENTS)
            raise InputError(f"gate.metrics[{index}]", repr(metric), expected, nearest)
        if unit_of(metric) not in {Unit.SECONDS, Unit.BYTES}:
            expected = "a figure in seconds or bytes, of which less is better, such as epoch.seconds"
            raise InputError(f"gate.metrics[{index}]", repr(metric), expected)
    if suite.gate.regression <= suite.margin:
        expected = f"more than the suite's margin, {suite.margin:g}, since a smaller change counts as none"
        raise InputError("gate.regression", f"{suite.gate.regression:g}", expected)


def gated(suite: Suite, rows: Sequence[Row], results: Path, like: RunRecord) -> Gated:
    """Return what the suite's ``gate`` says to compare.

    Args:
        suite: the resolved suite.
        rows: its design, expanded; the first is the baseline.
        results: the folder of all results, where the best combination is looked up.
        like: a run of the suite as it would be made here, which those looked at have to be like.

    Raises:
        InputError: a combination that is not in the design or cannot run here, or whose batch is the largest.
    """
    chosen: dict[Combination, None] = {}
    remarks: list[str] = []
    for index, wanted in enumerate(suite.gate.combinations):
        field = f"gate.combinations[{index}]"
        if wanted == "best":
            combination, remark = best_combination(suite, rows, results, like)
            remarks.append(remark)
            if combination is None:
                continue
        elif wanted == "baseline":
            combination = rows[0].combination
        else:
            assert isinstance(wanted, dict)
            combination = Combination.of(rows[0].combination.levels | wanted)
        row = _row(combination, rows)
        if row is None or row.not_run is not None:
            reason = "is not in the suite's design" if row is None else f"is not run: {row.not_run}"
            found = f"{combination.label(rows[0].combination)}, which {reason}"
            raise InputError(field, found, "a combination that the suite runs here")
        _check_batch(field, row.combination, rows[0].combination)
        chosen[row.combination] = None
    if not chosen:
        _check_batch("gate.combinations", rows[0].combination, rows[0].combination)
        chosen[rows[0].combination] = None
    return Gated(tuple(chosen), tuple(remarks))


def best_combination(
    suite: Suite, rows: Sequence[Row], results: Path, like: RunRecord
) -> tuple[Combination | None, str]:
    """Return the combination that the newest run like ``like`` found fastest, and a remark on where it is from.

    Only runs that came to their end count, and only verdicts of faster: a combination that was not in force, or not
    decided, is no best one. Nor is one with the largest batch, which a gate does not look for.
    """
    runs = sorted((file.parent for file in (results / suite.name).glob(f"[!.]*/{NAME}")), reverse=True)
    alone = "the baseline is gated alone"
    if not runs:
        return None, f"no run of {suite.name} is stored in {results}, so no best combination is known: {alone}"
    newest, records = next(
        ((run, records) for run in runs if (records := _records(run)) and _is_like(records, like)), (None, ())
    )
    if newest is None:
        kind = "is complete and of this workload, these axes and this device"
        return None, f"no run of {suite.name} in {results} {kind}, so no best combination is known: {alone}"
    analysis = analyse(records)
    faster = [row for row in analysis.rows if row.verdict is Verdict.FASTER and analysis.deciding in row.ratios]
    if not faster:
        return None, f"the newest run of {suite.name}, {newest.name}, found nothing faster than the baseline: {alone}"
    able = [row for row in faster if row.levels.get("batch") != LARGEST]
    if not able:
        found = f"found faster than the baseline only what has batch={LARGEST}, which a gate does not look for"
        return None, f"the newest run of {suite.name}, {newest.name}, {found}: {alone}"
    best = min(able, key=lambda row: row.ratios[analysis.deciding].value)
    row = _row(Combination.of(best.levels), rows)
    if row is None or row.not_run is not None:
        return None, f"{best.label}, the best of {newest.name}, is not run by the suite here: {alone}"
    left_out = f"; those with batch={LARGEST}, which a gate does not look for, are left out" if able != faster else ""
    return row.combination, f"the best combination is that of {newest.name}: {best.label}{left_out}"


def _check_batch(field: str, combination: Combination, baseline: Combination) -> None:
    """Refuse the largest batch, of which both commits would have to train the same one.

    Raises:
        InputError: it is asked for.
    """
    if combination.levels.get("batch") == LARGEST:
        found = f"{combination.label(baseline)}, whose batch is {LARGEST}: only `bench run` looks for that"
        expected = "a batch of a number, the same for both commits; `bench largest-batch` tells the largest"
        raise InputError(field, found, expected)


def _records(run: Path) -> tuple[AnyRecord, ...]:
    """Return the records of a stored run, none where they cannot be read."""
    try:
        return read_run(run)
    except InputError:
        return ()


def _is_like(records: Sequence[AnyRecord], like: RunRecord) -> bool:
    """Return whether a run came to its end and compared the same axes on the same workload and device as ``like``."""
    head = next((record for record in records if isinstance(record, RunRecord)), None)
    return (
        head is not None
        and any(isinstance(record, EndRecord) for record in records)
        and workload_digest(head) == workload_digest(like)
        and head.suite["axes"] == like.suite["axes"]
    )


def _row(combination: Combination, rows: Sequence[Row]) -> Row | None:
    """Return the row with the same levels, whatever the order of axes."""
    levels = {axis: canonical(level) for axis, level in combination.levels.items()}
    return next((row for row in rows if dict(row.combination.items) == levels), None)
