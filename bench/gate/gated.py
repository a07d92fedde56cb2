"""Which combinations of a suite a gate compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.analysis.analyse import analyse
from bench.analysis.result import Verdict
from bench.errors import InputError, nearest_name
from bench.journal.file import NAME
from bench.measurements.registry import MEASUREMENTS
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


def gated(suite: Suite, rows: Sequence[Row], results: Path) -> Gated:
    """Return what the suite's ``gate`` says to compare.

    Args:
        suite: the resolved suite.
        rows: its design, expanded; the first is the baseline.
        results: the folder of all results, where the best combination is looked up.

    Raises:
        InputError: a combination that is not in the design or cannot run here.
    """
    chosen: dict[Combination, None] = {}
    remarks: list[str] = []
    for index, wanted in enumerate(suite.gate.combinations):
        field = f"gate.combinations[{index}]"
        if wanted == "best":
            combination, remark = best_combination(suite, rows, results)
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
        chosen[row.combination] = None
    if not chosen:
        chosen[rows[0].combination] = None
    return Gated(tuple(chosen), tuple(remarks))


def best_combination(suite: Suite, rows: Sequence[Row], results: Path) -> tuple[Combination | None, str]:
    """Return the combination that the newest stored run of the suite found fastest, and a remark on where it is from.

    Only verdicts of faster count: a combination that was not in force, or not decided, is no best one.
    """
    runs = sorted(file.parent for file in (results / suite.name).glob(f"[!.]*/{NAME}"))
    alone = "the baseline is gated alone"
    if not runs:
        return None, f"no run of {suite.name} is stored in {results}, so no best combination is known: {alone}"
    analysis = analyse(read_run(runs[-1]))
    faster = [row for row in analysis.rows if row.verdict is Verdict.FASTER and analysis.deciding in row.ratios]
    if not faster:
        return None, f"the newest run of {suite.name}, {runs[-1].name}, found nothing faster than the baseline: {alone}"
    best = min(faster, key=lambda row: row.ratios[analysis.deciding].value)
    row = _row(Combination.of(best.levels), rows)
    if row is None or row.not_run is not None:
        return None, f"{best.label}, the best of {runs[-1].name}, is not run by the suite here: {alone}"
    return row.combination, f"the best combination is that of {runs[-1].name}: {best.label}"


def _row(combination: Combination, rows: Sequence[Row]) -> Row | None:
    """Return the row with the same levels, whatever the order of axes."""
    levels = {axis: canonical(level) for axis, level in combination.levels.items()}
    return next((row for row in rows if dict(row.combination.items) == levels), None)
