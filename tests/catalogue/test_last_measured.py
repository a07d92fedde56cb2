"""What results say of a technique by itself."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from measured_cases import MEASURED

from bench.analysis.result import Ratio
from bench.catalogue.measured import (
    UntrackedResultsError,
    all_reports,
    committed_reports,
    last_measured,
)
from bench.errors import InputError

BASELINE = {"precision": "fp32", "image_cache": "none"}


def row(verdict: str, value: float | None, **levels: str) -> dict[str, Any]:
    ratio = None if value is None else dataclasses.asdict(Ratio(value, value - 0.01, value + 0.01, 12, 3, 0.004))
    ratios = {} if ratio is None else {"epoch.seconds": ratio, "memory.peak": {**ratio, "value": 7.0}}
    return {"levels": {**BASELINE, **levels}, "verdict": verdict, "ratios": ratios}


def report(started: str, *rows: dict[str, Any], device: str = "cpu") -> dict[str, Any]:
    gpus = [{"index": 0, "name": "Old GPU"}, {"index": 1, "name": "New GPU"}]
    environment = {"processor": "Fake Processor 9", "cores_used": 2, "device": device, "gpus": gpus}
    return {
        "format": 1,
        "started": started,
        "suite": {"name": "small"},
        "environment": environment,
        "deciding": "epoch.seconds",
        "rows": [row("baseline", None), *rows],
    }


def keep(results: Path, run: str, content: object, suite: str = "small") -> Path:
    path = results / suite / run / "report.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(content))
    return path


def test_a_level_by_itself_is_measured_against_the_baseline(tmp_path: Path) -> None:
    both = row("faster", 0.5, precision="bf16", image_cache="ram")
    path = keep(tmp_path, "run1", report("2026-01-02T03:04:05Z", row("faster", 0.8, precision="bf16"), both))
    assert last_measured([path]) == {"precision": (MEASURED,)}
    assert str(MEASURED) == (
        "bf16 against fp32: 0.80 [0.79, 0.81] of epoch time, faster "
        "(suite small, Fake Processor 9, 2 cores, device cpu, 2026-01-02)"
    )


@pytest.mark.parametrize("verdict", ["not in force", "failed", "not run"])
def test_what_was_not_in_force_is_not_measured(tmp_path: Path, verdict: str) -> None:
    path = keep(tmp_path, "run1", report("2026-01-02T03:04:05Z", row(verdict, 0.8, precision="bf16")))
    assert last_measured([path]) == {}


def test_the_newest_run_counts_level_by_level(tmp_path: Path) -> None:
    newer = report("2026-02-01T00:00:00Z", row("faster", 0.7, precision="bf16"), device="cuda:1")
    older = report(
        "2026-01-01T00:00:00Z", row("slower", 1.2, precision="bf16"), row("undecided", 0.9, precision="fp16")
    )
    found = last_measured([keep(tmp_path, "a", newer), keep(tmp_path, "b", older)])["precision"]
    assert [(each.level, each.ratio.value, each.machine) for each in found] == [
        ("fp16", 0.9, "Fake Processor 9, 2 cores"),
        ("bf16", 0.7, "New GPU"),
    ]


def test_a_comparison_of_two_commits_measures_no_technique(tmp_path: Path) -> None:
    assert last_measured([keep(tmp_path, "run1", {"format": 1, "metrics": []})]) == {}


@pytest.mark.parametrize("content", [{"format": 2, "rows": []}, {"format": 1, "rows": []}, [], "rows"])
def test_another_file_is_refused_by_name(tmp_path: Path, content: object) -> None:
    path = keep(tmp_path, "run1", content)
    with pytest.raises(InputError) as raised:
        last_measured([path])
    assert raised.value.file == path


def test_only_committed_runs_are_read_for_documents(tmp_path: Path) -> None:
    committed = keep(tmp_path / "results", "run1", {})
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    subprocess.run(["git", "-C", tmp_path, "add", committed], check=True)
    other = keep(tmp_path / "results", "run2", {})
    assert committed_reports(tmp_path / "results") == [committed]
    assert all_reports(tmp_path / "results") == [committed, other]


def test_without_git_nothing_is_known_to_be_committed(tmp_path: Path) -> None:
    keep(tmp_path / "results", "run1", {})
    with pytest.raises(UntrackedResultsError, match="git cannot tell"):
        committed_reports(tmp_path / "results")


def test_where_there_are_no_results_nothing_was_measured(tmp_path: Path) -> None:
    assert last_measured(all_reports(tmp_path / "results")) == {}
