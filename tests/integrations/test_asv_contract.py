"""What the asv front relies on in asv, some of it undocumented, seen in a project without any training."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from asv_project import asv, commit, make_repository, results_of

FACTORY = """\
import math
from pathlib import Path


def setup_cache(self):
    pass


def make(name, module, unit):
    def track_figure(self, combination):
        asked = Path("asked.txt")
        with asked.open("a") as file:
            file.write(f"{name} {combination}\\n")
        if combination == "failed":
            print("the reason")
            return None
        if combination == "skipped":
            return math.nan
        return {"samples": [3.0, 1.0, 2.0], "number": 1}

    def track_lines(self, combination):
        return len(Path("asked.txt").read_text().splitlines())

    track_figure.__qualname__ = "track_figure"
    vars(track_figure).update(unit=unit, pretty_name=f"{name}: figure", pretty_source=f"the source of {name}")
    members = {
        "__module__": module, "params": [["baseline", "threads=2, x=1", "failed", "skipped"]],
        "param_names": ["combination"], "version": "version of " + name, "timeout": 90.0,
        "setup_cache": setup_cache, "track_figure": track_figure, "track_lines": track_lines,
    }
    return type(name, (), members)
"""
BENCHMARKS = """\
from suites._factory import make

globals().update({name: make(name, __name__, unit) for name, unit in (("First", "seconds"), ("Second", "bytes"))})
"""
RUN = ("run", "--python=same", "--set-commit-hash", "HEAD", "--launch-method", "forkserver", "--show-stderr")
LABELS = ["'baseline'", "'threads=2, x=1'", "'failed'", "'skipped'"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_repository(
        tmp_path_factory.mktemp("contract"),
        {"suites/__init__.py": "", "suites/_factory.py": FACTORY, "suites/benchmarks.py": BENCHMARKS},
    )
    assert "the reason" in asv(folder, *RUN, "--record-samples")
    return folder


def result(project: Path, benchmark: str) -> dict[str, Any]:
    return results_of(project, "HEAD")[benchmark]


@pytest.mark.parametrize("name", ["First", "Second"])
def test_asv_keeps_the_samples_of_a_track_benchmark_and_makes_statistics_of_them(project: Path, name: str) -> None:
    found = result(project, f"benchmarks.{name}.track_figure")
    assert found["params"] == [LABELS]
    assert found["result"][0] == found["result"][1] == 2.0
    assert found["samples"] == [[3.0, 1.0, 2.0], [3.0, 1.0, 2.0], None, None]
    assert found["stats_repeat"][:2] == [3, 3]


def test_none_is_failed_and_not_a_number_is_skipped(project: Path) -> None:
    failed, skipped = result(project, "benchmarks.First.track_figure")["result"][2:]
    assert failed is None
    assert math.isnan(skipped)
    table = asv(project, "show", "HEAD")
    assert "failed" in table
    assert "n/a" in table


def test_classes_of_one_factory_share_a_folder_and_its_life_is_the_round(project: Path) -> None:
    known = json.loads((project / "results/asv/benchmarks.json").read_text())
    assert len({each["setup_cache_key"] for name, each in known.items() if name != "version"}) == 1
    # First.track_figure asked 4 times before First.track_lines; Second.track_figure 4 times more before its own.
    assert result(project, "benchmarks.First.track_lines")["result"] == [4, 4, 4, 4]
    assert result(project, "benchmarks.Second.track_lines")["result"] == [8, 8, 8, 8]


def test_asv_takes_over_what_a_class_says_of_itself(project: Path) -> None:
    known = json.loads((project / "results/asv/benchmarks.json").read_text())["benchmarks.Second.track_figure"]
    assert (known["unit"], known["version"], known["timeout"]) == ("bytes", "version of Second", 90.0)
    assert known["pretty_name"] == "Second: figure"
    assert known["code"].startswith("the source of Second")
    assert known["param_names"] == ["combination"]
    assert result(project, "benchmarks.Second.track_figure")["version"] == "version of Second"


def test_rounds_ask_again_in_the_same_folder_and_add_the_samples_up(project: Path) -> None:
    asv(project, *RUN, "--record-samples", "-a", "rounds=2", "--bench", "First")
    assert result(project, "benchmarks.First.track_figure")["samples"][0] == [3.0, 1.0, 2.0] * 2
    # Two rounds of 4 parameters: the second call of track_lines comes after 8 requests.
    assert result(project, "benchmarks.First.track_lines")["result"][0] == 8


def test_only_what_is_selected_is_asked_for(project: Path) -> None:
    asv(project, *RUN, "--bench", "Second")
    assert result(project, "benchmarks.Second.track_lines")["result"] == [4, 4, 4, 4]


def test_results_of_other_versions_are_not_compared(project: Path) -> None:
    folder = make_repository(
        project.parent / "versions",
        {"suites/__init__.py": "", "suites/_factory.py": FACTORY, "suites/benchmarks.py": BENCHMARKS},
    )
    command = (*RUN, "--bench", "First.track_figure.*baseline")
    asv(folder, *command)
    (folder / "suites/_factory.py").write_text(FACTORY.replace("version of ", "another version of "))
    commit(folder, "Another version")
    asv(folder, *command)
    table = asv(folder, "compare", "HEAD~1", "HEAD")
    (row,) = (line for line in table.splitlines() if "First.track_figure('baseline')" in line)
    assert row.split("|")[1].strip() == "x"
