"""What results say of a technique by itself."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
from pathlib import Path
from typing import Any

import pytest
from measured_cases import MEASURED

from bench.analysis.result import Ratio
from bench.catalogue.measured import (
    Compared,
    UntrackedResultsError,
    all_reports,
    committed_reports,
    last_measured,
    quotient,
)
from bench.errors import InputError
from bench.reports.json_report import FORMAT
from bench.reports.numbers import NOT_AVAILABLE

BASELINE = {"precision": "fp32", "image_cache": "none", "compile": "off"}


def row(verdict: str, value: float | None, interval: bool = True, **levels: str) -> dict[str, Any]:
    low, high = (value - 0.01, value + 0.01) if value is not None and interval else (None, None)
    ratio = None if value is None else dataclasses.asdict(Ratio(value, low, high, 12, 3, 0.004))
    ratios = {} if ratio is None else {"epoch.seconds": ratio, "memory.peak": {**ratio, "value": 7.0}}
    return {"levels": {**BASELINE, **levels}, "verdict": verdict, "ratios": ratios}


def report(started: str, *rows: dict[str, Any], device: str = "cpu") -> dict[str, Any]:
    gpus = [{"index": 0, "name": "Old GPU"}, {"index": 1, "name": "New GPU"}]
    environment = {"processor": "Fake Processor 9", "cores_used": 2, "device": device, "gpus": gpus}
    return {
        "format": FORMAT,
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
    assert last_measured([path])["precision"] == (MEASURED,)
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


def test_a_newer_ratio_without_an_interval_hides_none_that_has_one(tmp_path: Path) -> None:
    newest = report(
        "2026-03-01T00:00:00Z",
        row("undecided", 0.96, interval=False, precision="bf16"),
        row("undecided", 0.5, interval=False, precision="fp16"),
    )
    newer = report("2026-02-01T00:00:00Z", row("undecided", 0.99, precision="bf16"))
    older = report(
        "2026-01-01T00:00:00Z",
        row("faster", 0.79, precision="bf16"),
        row("undecided", 0.7, interval=False, precision="fp16"),
    )
    paths = [keep(tmp_path, name, each) for name, each in zip("abc", (newest, newer, older), strict=True)]
    assert [(each.level, each.ratio.value, each.run) for each in last_measured(paths)["precision"]] == [
        ("bf16", 0.99, "b"),
        ("fp16", 0.5, "a"),
    ]


def test_the_quotient_of_two_ratios_adds_the_half_widths_of_their_logs() -> None:
    """Logs 0.3 ± 0.1 and 0.1 ± 0.05: their difference is 0.2 ± 0.15."""
    above = Ratio(math.exp(0.3), math.exp(0.2), math.exp(0.4), 9, 2, 0.001)
    below = Ratio(math.exp(0.1), math.exp(0.05), math.exp(0.15), 12, 3, 0.01)
    found = quotient(above, below)
    assert found is not None
    assert (found.low, found.value, found.high) == pytest.approx((math.exp(0.05), math.exp(0.2), math.exp(0.35)))
    assert (found.rounds, found.launches, found.p_value) == (9, 2, None)
    assert quotient(above, Ratio(1.0, None, None, 1, 1)) is None
    assert quotient(Ratio(1.0, None, None, 1, 1), below) is None


def test_a_level_that_is_never_by_itself_is_told_from_two_rows_that_differ_in_it_alone(tmp_path: Path) -> None:
    """0.6 over 0.8 is 0.75; 0.59 over 0.81 is 0.728, and 0.61 over 0.79 is 0.772."""
    cached = row("faster", 0.8, image_cache="ram")
    both = row("faster", 0.6, precision="bf16", image_cache="ram")
    path = keep(tmp_path, "run1", report("2026-01-02T03:04:05Z", both, cached))
    measured = last_measured([path])
    (found,) = measured["precision"]
    assert (found.ratio.low, found.ratio.value, found.ratio.high) == pytest.approx((0.59 / 0.81, 0.75, 0.61 / 0.79))
    assert (found.compared, found.beside) == (Compared.PAIR, {"image_cache": "ram"})
    assert str(found) == (
        "bf16 against fp32, both with image_cache=ram: 0.75 [0.73, 0.77] of epoch time, not judged "
        "(suite small, Fake Processor 9, 2 cores, device cpu, 2026-01-02)"
    )
    (alone,) = measured["image_cache"]
    assert (alone.compared, alone.ratio.value, alone.verdict) == (Compared.BASELINE, 0.8, "faster")


@pytest.mark.parametrize("beside", [(), (row("undecided", 0.8, interval=False, image_cache="ram"),)])
def test_a_ratio_of_more_than_the_level_names_it_all(tmp_path: Path, beside: tuple[dict[str, Any], ...]) -> None:
    both = row("undecided", 0.6, interval=False, precision="bf16", image_cache="ram")
    path = keep(tmp_path, "run1", report("2026-01-02T03:04:05Z", both, *beside))
    (found,) = last_measured([path])["precision"]
    assert str(found) == (
        f"bf16 with image_cache=ram against the baseline: 0.60 [{NOT_AVAILABLE}] of epoch time, undecided "
        "(suite small, Fake Processor 9, 2 cores, device cpu, 2026-01-02)"
    )


def test_a_level_by_itself_counts_before_a_newer_pair_and_a_pair_before_newer_company(tmp_path: Path) -> None:
    cached = row("faster", 0.8, image_cache="ram")
    both = row("faster", 0.6, precision="bf16", image_cache="ram")
    single = report("2026-01-01T00:00:00Z", row("undecided", 0.9, interval=False, precision="bf16"))
    pair = report("2026-02-01T00:00:00Z", cached, both)
    company = report("2026-03-01T00:00:00Z", both)
    paths = [keep(tmp_path, name, each) for name, each in zip("abc", (single, pair, company), strict=True)]
    assert [each.run for each in last_measured(paths)["precision"]] == ["a"]
    assert [each.run for each in last_measured(paths[1:])["precision"]] == ["b"]
    assert [each.run for each in last_measured(paths[2:])["precision"]] == ["c"]


def test_the_fewer_levels_stand_beside_it_the_better(tmp_path: Path) -> None:
    one = row("faster", 0.6, precision="bf16", image_cache="ram")
    two = row("faster", 0.5, precision="bf16", image_cache="ram", compile="default")
    path = keep(tmp_path, "run1", report("2026-01-02T03:04:05Z", one, two))
    assert [each.ratio.value for each in last_measured([path])["precision"]] == [0.6]


@pytest.mark.parametrize("verdict", ["not in force", "failed", "not run"])
def test_no_pair_is_made_with_what_was_not_in_force(tmp_path: Path, verdict: str) -> None:
    cached = row(verdict, 0.8, image_cache="ram")
    both = row("faster", 0.6, precision="bf16", image_cache="ram")
    path = keep(tmp_path, "run1", report("2026-01-02T03:04:05Z", cached, both))
    assert [each.compared for each in last_measured([path])["precision"]] == [Compared.TOGETHER]


def test_a_comparison_of_two_commits_measures_no_technique(tmp_path: Path) -> None:
    assert last_measured([keep(tmp_path, "run1", {"format": FORMAT, "metrics": []})]) == {}


@pytest.mark.parametrize("content", [{"format": FORMAT + 1, "rows": []}, {"format": FORMAT, "rows": []}, [], "rows"])
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
