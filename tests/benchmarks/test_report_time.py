"""How long reports take: runs that copies of their own make wider."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from journals import burst, clear_run, end, evidence, head, launched, row

from bench.analysis.analyse import analyse
from bench.analysis.result import Verdict
from bench.benchmarks.report_time import widened
from bench.cli import main
from bench.environment import Environment
from bench.errors import InputError
from bench.journal.file import NAME, Journal
from bench.journal.records import (
    AnyRecord,
    BurstRecord,
    CommitRecord,
    EvidenceRecord,
    GateRecord,
    RowRecord,
)


def test_copies_have_launches_of_their_own_with_the_baseline_in_each() -> None:
    narrow: list[AnyRecord] = [*clear_run(0.5), evidence("fast", True, launch=2), end()]
    wide = widened(narrow, 3)
    assert [each.combination for each in wide if isinstance(each, RowRecord)] == ["base", "fast-0", "fast-1"]
    launches: dict[str, set[int]] = {}
    for each in wide:
        if isinstance(each, BurstRecord):
            launches.setdefault(each.combination, set()).add(each.launch)
    assert launches == {"base": {0, 1, 2, 3, 4, 5}, "fast-0": {0, 1, 2}, "fast-1": {3, 4, 5}}
    shown = [(each.combination, each.launch, each.block) for each in wide if isinstance(each, EvidenceRecord)]
    assert shown == [("fast-0", 2, 2), ("fast-1", 5, 5)]
    # A head, three rows, twice 24 bursts and a piece of evidence, an end
    assert len(wide) == 1 + 3 + 2 * 25 + 1


def test_every_copy_compares_as_the_run_does() -> None:
    narrow: list[AnyRecord] = [*clear_run(0.5), end()]
    _, once = analyse(narrow).rows
    _, *copies = analyse(widened(narrow, 4)).rows
    assert [each.verdict for each in copies] == [Verdict.FASTER] * 3
    assert [each.ratios["epoch.seconds"].value for each in copies] == [
        pytest.approx(once.ratios["epoch.seconds"].value)
    ] * 3


def test_only_whole_copies_are_made() -> None:
    records: list[AnyRecord] = [head(), row("base"), row("a"), row("b"), launched("a"), burst("a", 0, 0, 1.0)]
    wide = widened(records, 4)
    names = [each.combination for each in wide if isinstance(each, RowRecord)]
    assert names == ["base", "a-0", "b-0", "a-1", "b-1"]


def test_runs_that_compare_no_combinations_are_refused() -> None:
    with pytest.raises(InputError, match="nothing beside a baseline"):
        widened([head(), row("base")], 2)
    side = CommitRecord(commit="1" * 40, subject="All")
    with pytest.raises(InputError, match="the journal of a gate"):
        widened([head(), row("base"), row("a"), GateRecord(base=side, head=side, gated=())], 2)


def test_the_command_keeps_what_each_width_took(tmp_path: Path) -> None:
    run = tmp_path / "handmade" / "20260102T030405Z-abc123"
    run.mkdir(parents=True)
    environment = Environment.collect("cpu", 1, tmp_path).to_json()
    with Journal(run / NAME) as journal:
        for record in clear_run(0.5):
            journal.write(record if record.type != "run" else record.model_copy(update={"environment": environment}))
    sizes = ["--combinations", "2", "--combinations", "3"]
    arguments = ["benchmark", "report-time", str(run), *sizes, "--repeats", "1", "--out", str(tmp_path)]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    (file,) = (tmp_path / "benchmarks").glob("report-time-*.json")
    figures = json.loads(file.read_text())["figures"]
    assert figures["run"] == run.name
    # 24 bursts for each combination but the baseline, the rows and the head
    assert [(each["combinations"], each["records"]) for each in figures["results"]] == [(2, 27), (3, 52)]
    assert all(each[part] > 0 for each in figures["results"] for part in ("closing", "analysis", "rendering"))
    assert "| 3 " in result.stdout
