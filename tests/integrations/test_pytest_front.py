"""The pytest front from the command line, on a run that needs no training."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import canned_run
import pytest
from pytest_runs import labels_in, rows_of, run_here, runs_in, suite_folder

import bench.environment.record
from bench.environment import CudaDevice
from bench.integrations import measured
from bench.integrations.pytest_plugin import pytest_benchmark_update_machine_info

pytest_plugins = ["pytester"]

FAILED = 1


@pytest.fixture
def folder(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A suite of which only the epoch is measured, and that by the canned run."""
    monkeypatch.setattr(measured, "start", canned_run.start)
    monkeypatch.setenv("COLUMNS", "160")
    suite_folder(pytester.path)
    with (pytester.path / "small.yaml").open("a") as suite:
        suite.write("measure: [epoch]\n")
    return pytester.path


def test_every_row_has_its_outcome_and_reason(pytester: pytest.Pytester, folder: Path) -> None:
    finished = run_here(pytester, "--benchmark-only", "-rs", "--benchmark-json=out.json")
    assert finished.status == FAILED
    assert "2 failed, 1 passed, 1 skipped" in finished.text
    assert "SKIPPED [1] small.yaml: precision=fp16: precision: needs CUDA" in finished.text
    assert "memory_format=channels_last failed: crashed: signal 9" in finished.text
    assert "precision=bf16 is not in force: precision: float32; expected bfloat16" in finished.text
    assert "Traceback" not in finished.text
    assert "warning" not in finished.text
    assert list(rows_of(folder / "out.json")) == ["small[baseline-epoch]"]
    assert len(runs_in(folder)) == 1


def test_figures_are_the_journals(pytester: pytest.Pytester, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(canned_run.SECONDS, "2")
    finished = run_here(pytester, "--benchmark-only", "-k", "baseline", "--benchmark-json=out.json")
    assert finished.status == 0, finished.text
    row = rows_of(folder / "out.json")["small[baseline-epoch]"]
    assert row["stats"]["data"] == [2.0, 2.5, 3.0]
    assert row["group"] == "small epoch"
    assert row["fullname"] == "small.yaml::small[baseline-epoch]"


def test_items_named_one_by_one_share_a_run(pytester: pytest.Pytester, folder: Path) -> None:
    names = ["small.yaml::small[memory_format=channels_last-epoch]", "small.yaml::small[baseline-epoch]"]
    finished = run_here(pytester, "--benchmark-only", *names)
    assert "1 failed, 1 passed" in finished.text
    (run,) = runs_in(folder)
    assert labels_in(run) == ["baseline", "memory_format=channels_last"]


def test_nothing_runs_when_only_rows_that_cannot_run_are_selected(pytester: pytest.Pytester, folder: Path) -> None:
    finished = run_here(pytester, "--benchmark-only", "-k", "fp16")
    assert finished.status == 0
    assert "1 skipped" in finished.text
    assert not (folder / "results").exists()


def test_results_go_where_they_are_wanted(pytester: pytest.Pytester, folder: Path) -> None:
    finished = run_here(pytester, "--benchmark-only", "-k", "baseline", "--bench-results=elsewhere")
    assert finished.status == 0, finished.text
    assert [each.name for each in (folder / "elsewhere").iterdir()] == ["small"]
    assert not (folder / "results").exists()


def test_progress_is_shown_unless_quiet(pytester: pytest.Pytester, folder: Path) -> None:
    report = "Report: results/small/canned0/report.md"
    assert report in run_here(pytester, "--benchmark-only", "-k", "baseline").text.splitlines()
    assert "Report:" not in run_here(pytester, "--benchmark-only", "-k", "baseline", "-q").text
    uncaptured = run_here(pytester, "--benchmark-only", "-k", "baseline", "-p", "no:capture")
    assert "Report: results/small/canned2/report.md" in uncaptured.text.splitlines()


def test_a_slower_run_fails_the_comparison(
    pytester: pytest.Pytester, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    select = ("--benchmark-only", "-k", "baseline")
    assert run_here(pytester, *select, "--benchmark-autosave").status == 0
    # The mean of 1.0, 1.5, 2.0 is 1.5 s; that of 1.3, 1.8, 2.3 is 1.8 s, 20 % more.
    monkeypatch.setenv(canned_run.SECONDS, "1.3")
    tolerated = run_here(pytester, *select, "--benchmark-compare", "--benchmark-compare-fail=mean:21%")
    assert tolerated.status == 0, tolerated.text
    assert "small[baseline-epoch] (0001_" in tolerated.text
    refused = run_here(pytester, *select, "--benchmark-compare", "--benchmark-compare-fail=mean:19%")
    assert refused.status != 0
    assert "Performance has regressed" in refused.text


def test_an_unforeseen_error_fails_every_item_and_starts_nothing_again(
    pytester: pytest.Pytester, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[object] = []

    def start(*arguments: object) -> Path:
        starts.append(arguments)
        raise OSError("disk full")

    monkeypatch.setattr(measured, "start", start)
    finished = run_here(pytester, "--benchmark-only")
    assert "3 failed, 1 skipped" in finished.text
    assert len([line for line in finished.text.splitlines() if line.startswith("E ") and "disk full" in line]) == 3
    assert len(starts) == 1


def test_machine_info_names_gpus_and_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = CudaDevice(0, "Fake GPU", 8 * 1024**3, "550.1", (9, 0))
    monkeypatch.setattr(bench.environment.record, "gpus", lambda selection: (gpu,))
    machine_info: dict[str, Any] = {"node": "kept"}
    pytest_benchmark_update_machine_info(machine_info)
    training = machine_info["training"]
    assert machine_info["node"] == "kept"
    assert training["gpus"] == [dataclasses.asdict(gpu)]
    assert len(training["machine_id"]) == 12
    assert {"torch", "ultralytics", "bench"} <= set(training["versions"])
    again: dict[str, Any] = {}
    pytest_benchmark_update_machine_info(again)
    assert again["training"] == training
