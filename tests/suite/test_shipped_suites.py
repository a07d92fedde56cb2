"""The suites that are shipped: each can be planned, a sample of each trains as it says, the document lists them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from documented import DOCS
from starting import StartTrial
from tabulate import tabulate

from bench.catalogue.measured import committed_reports
from bench.run import Prepared, prepare
from bench.schedule.duration import duration_text, expected_seconds
from bench.suite.combination import Combination
from bench.suite.model import ShapesData

TOP = Path(__file__).parents[2]
SUITES = sorted((TOP / "suites").glob("*.yaml"))
RESULTS = TOP / "results"


def sample_of(prepared: Prepared) -> Iterator[Combination]:
    """Few rows of a suite's design, in which each axis is changed that can be changed here.

    Compiling takes minutes for each combination, and is tested by itself.
    """
    baseline = prepared.plan.baseline
    changes = {
        each: {axis for axis, level in each.levels.items() if level != baseline.levels[axis]}
        for each in prepared.plan.running[1:]
        if each.levels.get("compile", "off") == "off"
    }
    unseen = {axis for axes in changes.values() for axis in axes}
    while unseen:
        widest = max(changes, key=lambda each: len(unseen & changes[each]))
        unseen -= changes[widest]
        yield widest


@pytest.mark.parametrize("file", SUITES, ids=lambda file: file.stem)
def test_a_sample_is_in_force(file: Path, start_trial: StartTrial) -> None:
    prepared = prepare(file, {"workload.device": "cpu"})
    suite = prepared.suite
    short = {"image_size": 64, "data": ShapesData(images=32, validation_images=4, size=128)}
    for combination in sample_of(prepared):
        trial = start_trial(combination.levels, suite.workload.model_copy(update=short))
        trial.ready()
        trial.measure("epoch")
        trial.measure("epoch")
        if "after" in suite.measure:  # what is deployed shows itself there alone
            trial.measure("after")
        evidence = trial.evidence()
        trial.end()
        assert set(evidence) == set(combination.levels)
        label = combination.label(prepared.plan.baseline)
        assert not {axis: each for axis, each in evidence.items() if not each.in_force}, label


def test_everything_is_hundreds_of_combinations() -> None:
    (everything,) = (prepare(suite, {}) for suite in SUITES if suite.stem == "everything")
    assert everything.suite.design == "full"
    assert len(everything.plan.running) == 256


def test_document_lists_the_suites() -> None:
    newest = {report.parts[-3]: report for report in committed_reports(RESULTS)}
    headers = ("suite", "what for", "combinations", "time", "table")
    table = tabulate([row_of(suite, newest.get(suite.stem)) for suite in SUITES], headers, "github")
    assert table in (DOCS / "suites.md").read_text(), f"docs/suites.md is to hold:\n{table}"


def row_of(file: Path, report: Path | None) -> tuple[str, str, int, str, str]:
    """A suite's row of the document; ``report`` is of its newest committed run."""
    prepared = prepare(file, {})
    suite = prepared.suite
    time = duration_text(expected_seconds(suite, prepared.plan)) if suite.budget.time else "by rounds"
    link = f"[{report.parts[-2][:8]}](../results/{suite.name}/{report.parts[-2]}/report.md)" if report else ""
    return f"[`{suite.name}`](../suites/{file.name})", suite.description, len(prepared.plan.rows), time, link
