"""asv's results read as lines."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from asv_project import CONFIGURATION, make_repository
from asv_results_folder import benchmark, write_benchmarks, write_result

from bench.errors import InputError
from bench.history.asv_results import combination_text, read_asv_history, suite_and_metric, telling

ONE, TWO, THREE = "1" * 40, "2" * 40, "3" * 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "project", {"notes.txt": "Nothing.\n"})


def test_lines_are_by_metric_and_combination_and_failures_are_gaps(folder: Path) -> None:
    write_benchmarks(folder, benchmark("epoch"), benchmark("memory"))
    write_result(folder, ONE, {"epoch": [1.5, 1.0], "memory": [100.0, 80.0]})
    write_result(folder, TWO, {"epoch": [1.25, None], "memory": [100.0, math.nan]})
    write_result(folder, THREE, {"epoch": [None, None]})
    history = read_asv_history(folder / "asv.conf.json")
    by_name = {(line.name.metric, line.name.combination): line for line in history.lines}
    assert by_name["epoch", "baseline"].values == {ONE: 1.5, TWO: 1.25}
    assert by_name["epoch", "precision=bf16"].values == {ONE: 1.0}
    assert by_name["memory", "precision=bf16"].values == {ONE: 80.0}
    assert {line.unit for line in history.lines if line.name.metric == "memory"} == {"bytes"}
    assert {(line.name.machine, line.name.suite, line.name.environment) for line in history.lines} == {
        ("box", "quick", "")
    }
    assert history.branch == "main"
    assert history.notes == ()


def test_environments_and_machines_are_lines_of_their_own(folder: Path) -> None:
    write_benchmarks(folder, benchmark("epoch"))
    write_result(folder, ONE, {"epoch": [1.0, 1.0]}, parameters={"torch": "2.14.0"})
    write_result(folder, ONE, {"epoch": [2.0, 2.0]}, parameters={"torch": "2.15.0"})
    write_result(folder, ONE, {"epoch": [3.0, 3.0]}, machine="other", parameters={"torch": "2.15.0"})
    lines = [line for line in read_asv_history(folder / "asv.conf.json").lines if line.name.combination == "baseline"]
    assert {(line.name.machine, line.name.environment, line.values[ONE]) for line in lines} == {
        ("box", "torch=2.14.0", 1.0),
        ("box", "torch=2.15.0", 2.0),
        ("other", "", 3.0),
    }


def test_figures_of_another_version_are_left_out_and_told(folder: Path) -> None:
    write_benchmarks(folder, benchmark("epoch", version="2"))
    write_result(folder, ONE, {"epoch": [9.0, 9.0]}, version="1")
    write_result(folder, TWO, {"epoch": [1.0, 1.0]}, version="2")
    history = read_asv_history(folder / "asv.conf.json")
    assert [line.values for line in history.lines] == [{TWO: 1.0}, {TWO: 1.0}]
    assert any("1 commit has figures from before" in note for note in history.notes)


def test_a_file_that_asv_cannot_read_is_told_and_left_out(folder: Path) -> None:
    write_benchmarks(folder, benchmark("epoch"))
    write_result(folder, ONE, {"epoch": [1.0, 1.0]})
    for commit, text in ((TWO, "{"), (THREE, json.dumps({"version": 2, "results": []}))):
        write_result(folder, commit, {"epoch": [1.0, 1.0]}).write_text(text)
    history = read_asv_history(folder / "asv.conf.json")
    assert [line.values for line in history.lines] == [{ONE: 1.0}, {ONE: 1.0}]
    assert len(history.notes) == 2
    assert all("is left out" in note for note in history.notes)


def test_nothing_to_read_is_bad_input_that_says_what_to_do(folder: Path) -> None:
    configuration = folder / "asv.conf.json"
    with pytest.raises(InputError, match=r"no folder .*results/asv; expected results of `asv run`"):
        read_asv_history(configuration)
    (folder / "results" / "asv").mkdir(parents=True)
    with pytest.raises(InputError, match="asv run --bench just-discover"):
        read_asv_history(configuration)
    write_benchmarks(folder, benchmark("epoch"))
    with pytest.raises(InputError, match="no results in"):
        read_asv_history(configuration)
    with pytest.raises(InputError, match="--config: found no file"):
        read_asv_history(folder / "other.json")
    configuration.write_text("{")
    with pytest.raises(InputError, match="expected a configuration of asv's"):
        read_asv_history(configuration)
    configuration.write_text(json.dumps(CONFIGURATION | {"branches": []}))
    with pytest.raises(InputError, match="No branches specified"):
        read_asv_history(configuration)


def test_what_a_benchmark_measures_is_said_in_the_suites_words() -> None:
    assert suite_and_metric(benchmark("epoch")) == ("quick", "epoch")
    assert suite_and_metric({"name": "module.Sorting.time_sort", "pretty_name": None}) == (
        "module.Sorting",
        "time_sort",
    )
    assert suite_and_metric({"name": "module.time_sort", "pretty_name": "a: b"}) == ("module", "time_sort")


def test_parameters_are_named_unless_they_are_the_combination() -> None:
    assert combination_text(["combination"], ["'precision=bf16'"]) == "precision=bf16"
    assert combination_text(["size", "kind"], ["10", "'flat'"]) == "size=10, kind=flat"
    assert combination_text([], []) == ""


def test_only_what_differs_on_the_same_machine_tells_lines_apart() -> None:
    old = (("machine", "box"), ("python", "3.11"), ("torch", "2.14"))
    new = (("machine", "box"), ("python", "3.11"), ("torch", "2.15"))
    other = (("machine", "other"), ("python", "3.12"))
    assert telling(new, [old, new, other]) == "torch=2.15"
    assert telling(other, [old, new, other]) == ""
