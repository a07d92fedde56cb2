"""Which files and items pytest collects; nothing is trained."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_runs import COMBINATIONS, METRICS, run_here, run_pytest, suite_folder

from bench.integrations.pytest_plugin import is_suite

pytest_plugins = ["pytester"]

NOTHING_COLLECTED = 5
USAGE_ERROR = 4
INTERRUPTED = 2
IMPORTS = """
import sys

def test_plugin_has_imported_next_to_nothing(pytestconfig):
    assert pytestconfig.pluginmanager.has_plugin("yolo-train-bench")
    heavy = {"torch", "ultralytics", "pydantic", "numpy", "scipy", "rich", "bench.run", "bench.suite.model"}
    assert not heavy & set(sys.modules)
"""


def test_one_item_for_each_combination_and_timed_metric(pytester: pytest.Pytester) -> None:
    suite_folder(pytester.path)
    finished = run_here(pytester, "--benchmark-only", "--collect-only", "-q")
    assert finished.status == 0
    items = [line for line in finished.text.splitlines() if "::" in line]
    assert items == [f"small.yaml::small[{label}-{metric}]" for label in COMBINATIONS for metric in METRICS]


def test_ordinary_pytest_collects_no_suite(pytester: pytest.Pytester) -> None:
    folder = suite_folder(pytester.path)
    for arguments in ([], ["--benchmark-enable"], ["--benchmark-disable"], ["--benchmark-skip"]):
        finished = run_here(pytester, *arguments)
        assert finished.status == NOTHING_COLLECTED, finished.text
    assert not (folder / "results").exists()


def test_an_ordinary_run_loads_next_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_imports.py").write_text(IMPORTS)
    finished = run_pytest(tmp_path)
    assert finished.status == 0, finished.text


def test_without_pytest_benchmark_there_are_no_suites(pytester: pytest.Pytester) -> None:
    suite_folder(pytester.path)
    finished = run_here(pytester, "-p", "no:benchmark")
    assert finished.status == NOTHING_COLLECTED, finished.text


def test_disabled_benchmarks_are_pytest_benchmarks_own_usage_error(pytester: pytest.Pytester) -> None:
    suite_folder(pytester.path)
    finished = run_here(pytester, "--benchmark-only", "--benchmark-disable")
    assert finished.status == USAGE_ERROR
    assert "Can't have both --benchmark-only and --benchmark-disable" in finished.text


def test_other_yaml_and_copies_in_runs_are_left_alone(pytester: pytest.Pytester) -> None:
    folder = suite_folder(pytester.path)
    (folder / "data.yaml").write_text("path: .\ntrain: images\n")
    (folder / "plot.yaml").write_text("axes: {x: time}\n")
    (folder / "nested.yaml").write_text("a:\n  workload: 1\n  axes: 2\n  extend: 3\n")
    (folder / "bytes.yaml").write_bytes(b"\xff\xfeaxes: 1")
    run = folder / "results" / "small" / "run"
    run.mkdir(parents=True)
    (run / "suite.yaml").write_text((folder / "small.yaml").read_text())
    (run / "journal.jsonl").write_text("")
    finished = run_here(pytester, "--benchmark-only", "--collect-only", "-q")
    assert finished.status == 0, finished.text
    assert {line.split("::")[0] for line in finished.text.splitlines() if "::" in line} == {"small.yaml"}


def test_a_suite_that_extends_another_is_one(tmp_path: Path) -> None:
    suite = tmp_path / "child.yaml"
    suite.write_text("extend: small.yaml\nmeasure: [epoch]\n")
    assert is_suite(suite)


def test_a_mistake_is_one_line_with_its_place(pytester: pytest.Pytester) -> None:
    folder = suite_folder(pytester.path)
    (folder / "small.yaml").write_text((folder / "small.yaml").read_text().replace("precision:", "precisoin:"))
    finished = run_here(pytester, "--benchmark-only")
    assert finished.status == INTERRUPTED
    (line,) = [line for line in finished.text.splitlines() if line.startswith("bench: ")]
    assert "small.yaml:8: axes.precisoin: " in line
    assert line.endswith("did you mean 'precision'?")
    assert "Traceback" not in finished.text
    assert not (folder / "results").exists()


def test_a_file_that_is_named_is_heard_of(pytester: pytest.Pytester) -> None:
    folder = suite_folder(pytester.path)
    (folder / "small.yaml").write_text("worklaod: {}\naxes: {}\n")
    assert run_here(pytester, "--benchmark-only").status == NOTHING_COLLECTED
    finished = run_here(pytester, "--benchmark-only", "small.yaml")
    assert finished.status == INTERRUPTED
    assert "worklaod" in finished.text


def test_a_suite_without_timed_metrics_is_warned_of(pytester: pytest.Pytester) -> None:
    folder = suite_folder(pytester.path)
    (folder / "memory.yaml").write_text("extend: small.yaml\nmeasure: [memory]\n")
    finished = run_here(pytester, "--benchmark-only", "--collect-only", "memory.yaml")
    assert finished.status == NOTHING_COLLECTED
    assert "memory measures nothing that is timed" in finished.text
