from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bench.environment import CudaDevice, Machine
from bench.errors import InputError
from bench.integrations import asv_record
from bench.integrations.asv import benchmark_classes, class_name, series_version, time_limit, version_here
from bench.integrations.outcomes import METRICS, Outcome, Outcomes
from bench.journal.records import PROTOCOL
from bench.suite.load import load_suite, suite_json
from bench.suite.model import Suite
from bench.suite.named_files import named_file_digests

TOP = Path(__file__).parents[2]
SUITE = """\
description: Two axes.
workload:
  model: yolo26n.yaml
axes:
  precision: [fp32, bf16]
  threads: [1, 2]
"""


def write(folder: Path, text: str = SUITE, name: str = "small_objects") -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.yaml"
    file.write_text(text)
    return file


def only_class(folder: Path) -> Any:
    (made,) = benchmark_classes(folder, "suites.benchmarks").values()
    return made


def test_a_suite_becomes_a_class(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, name="zoo")
    classes = benchmark_classes(tmp_path, "suites.benchmarks")
    assert list(classes) == ["SmallObjects", "Zoo"]
    made: Any = classes["SmallObjects"]
    assert (made.__name__, made.__module__) == ("SmallObjects", "suites.benchmarks")
    assert made.params == [["baseline", "threads=2", "precision=bf16", "precision=bf16, threads=2"]]
    assert made.param_names == ["combination"]
    units = {name: vars(made)[name].unit for name in vars(made) if name.startswith("track_")}
    assert units == {
        "track_epoch": "seconds",
        "track_data_loading": "seconds",
        "track_forward": "seconds",
        "track_backward": "seconds",
        "track_memory": "bytes",
    }


def test_only_what_the_suite_measures_is_tracked(tmp_path: Path) -> None:
    write(tmp_path, SUITE + "measure: [memory, epoch]\n")
    assert [name for name in dir(only_class(tmp_path)) if name.startswith("track_")] == ["track_epoch", "track_memory"]


@pytest.mark.parametrize(("suite", "expected"), [("quickstart", "Quickstart"), ("a_b2_c", "AB2C")])
def test_class_names(suite: str, expected: str) -> None:
    assert class_name(suite) == expected


def test_two_suites_of_one_class_name_are_refused(tmp_path: Path) -> None:
    write(tmp_path, name="ab_c")
    write(tmp_path, name="ab__c")
    with pytest.raises(InputError, match="AbC") as caught:
        benchmark_classes(tmp_path, "suites.benchmarks")
    assert caught.value.file is not None


def test_a_mistake_in_a_suite_is_not_passed_over(tmp_path: Path) -> None:
    file = write(tmp_path, SUITE.replace("bf16", "bf61"))
    with pytest.raises(InputError, match="bf16") as caught:
        benchmark_classes(tmp_path, "suites.benchmarks")
    assert (caught.value.file, caught.value.line) == (file, 5)


def test_a_suite_whose_baseline_cannot_run_here_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, SUITE.replace("[fp32, bf16]", "[fp16, fp32]"))
    write(tmp_path, name="other")
    machine = Machine(cores=2, memory_bytes=8 * 1024**3, cuda=(), cpp_compiler=True)
    monkeypatch.setattr(Machine, "here", lambda: machine)
    assert list(benchmark_classes(tmp_path, "suites.benchmarks")) == ["Other"]
    assert "small_objects.yaml is left out" in capsys.readouterr().err


def test_making_the_classes_imports_no_torch() -> None:
    script = "import sys, suites.benchmarks as found; print(*vars(found)); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=TOP, capture_output=True, text=True, check=True)
    names, modules = (set(line.split()) for line in done.stdout.splitlines())
    assert "Quickstart" in names
    assert not modules & {"torch", "ultralytics", "torchvision", "scipy"}


def version(file: Path) -> str:
    suite = load_suite(file)
    return series_version(suite, named_file_digests(suite).values())


@pytest.mark.parametrize(
    "edited",
    [
        SUITE.replace("[1, 2]", "[2, 1]"),
        SUITE.replace("yolo26n", "yolo26s"),
        SUITE + "measure: [epoch]\n",
        SUITE + "launches: 7\n",
        SUITE.replace("workload:", "workload:\n  batch: 16"),
    ],
)
def test_an_edited_suite_starts_a_new_series(tmp_path: Path, edited: str) -> None:
    assert version(write(tmp_path / "a", edited)) != version(write(tmp_path / "b"))


@pytest.mark.parametrize(
    "edited",
    [
        SUITE.replace("Two axes", "Some other words"),
        "# A comment.\n" + SUITE.replace("[fp32, bf16]", "[fp32,   bf16]"),
        SUITE + f"launches: {Suite.model_fields['launches'].default}\n",
    ],
)
def test_the_same_suite_in_other_words_goes_on_with_its_series(tmp_path: Path, edited: str) -> None:
    assert version(write(tmp_path / "a", edited)) == version(write(tmp_path / "b"))


def test_named_files_count_by_their_content_and_not_by_their_place(tmp_path: Path) -> None:
    text = SUITE.replace("yolo26n.yaml", "own.yaml\n  data: data.yaml")
    versions = []
    for folder, model, data in (
        ("a", "nc: 1", "nc: 1"),
        ("b", "nc: 1", "nc: 1"),
        ("c", "nc: 2", "nc: 1"),
        ("d", "nc: 1", "nc: 2"),
    ):
        file = write(tmp_path / folder, text)
        (file.parent / "own.yaml").write_text(model)
        (file.parent / "data.yaml").write_text(data)
        versions.append(version(file))
    assert versions[0] == versions[1]
    assert len(set(versions)) == 3


def with_gpus(*names: str) -> Machine:
    gpus = tuple(CudaDevice(index, name, 80 * 1024**3, "550.1", (9, 0)) for index, name in enumerate(names))
    return Machine(cores=2, memory_bytes=8 * 1024**3, cuda=gpus, cpp_compiler=True)


def test_the_gpu_that_trains_tells_series_apart(tmp_path: Path) -> None:
    asked = {
        device: load_suite(write(tmp_path / device, SUITE.replace("workload:", f"workload:\n  device: {device}")))
        for device in ("auto", "cpu", "cuda:1")
    }
    auto = [version_here(asked["auto"], with_gpus(*names)) for names in ((), ("H100",), ("T4",))]
    assert len(set(auto)) == 3
    assert version_here(asked["auto"], with_gpus("T4", "H100")) == auto[2]  # the other lies idle
    assert version_here(asked["cpu"], with_gpus("H100")) == version_here(asked["cpu"], with_gpus())
    one, other = (version_here(asked["cuda:1"], with_gpus(*names)) for names in (("H100", "T4"), ("T4", "H100")))
    assert one != other


def test_a_processor_goes_on_with_the_series_from_before_gpus_took_part(tmp_path: Path) -> None:
    loaded = load_suite(write(tmp_path))
    content = suite_json(loaded) | {"description": None, "gate": None, "protocol": PROTOCOL, "files": []}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    assert version_here(loaded, with_gpus()) == digest


def test_classes_are_of_the_device_that_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load_suite(write(tmp_path))
    for machine in (with_gpus(), with_gpus("H100")):
        monkeypatch.setattr(Machine, "here", lambda machine=machine: machine)
        assert only_class(tmp_path).version == version_here(loaded, machine)


def test_a_suite_whose_device_is_not_here_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, SUITE.replace("workload:", "workload:\n  device: cuda:0"))
    monkeypatch.setattr(Machine, "here", with_gpus)
    assert benchmark_classes(tmp_path, "suites.benchmarks") == {}
    assert "small_objects.yaml is left out" in capsys.readouterr().err


def suite(**fields: object) -> Suite:
    return Suite.model_validate(
        {"name": "s", "workload": {"model": "yolo26n.yaml"}, "axes": {"threads": [1, 2]}, "timeout": 600.0} | fields
    )


def test_a_time_limit_follows_the_budget() -> None:
    # 1800 s for the data, 180 s of budget, and for each of 2 launches a start and a burst of 12 epochs, of at most
    # 600 s each.
    assert time_limit(suite(budget="3m", launches=2), rows=8) == 1800 + 180 + 2 * 13 * 600
    # 2 launches of 8 combinations and at most 8 further baselines: 32 trials, each with a start, 12 epochs to settle,
    # 3 warm-up bursts and 3 rounds of 4 measurements, of 12 epochs each: 1 + 12 + 15 * 12 times at most 600 s.
    assert time_limit(suite(budget={"rounds": 3}, launches=2), rows=8) == 1800 + 32 * 193 * 600


class Counted:
    """Stands in for running a suite; each run's epoch seconds are its number."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, file: Path, suite: str, limit: float) -> Outcomes:
        self.runs += 1
        samples = {metric.name: (float(self.runs), float(self.runs)) for metric in METRICS}
        failed = Outcome(reason="failed: crashed: signal 9")
        skipped = Outcome(reason="not run: not wanted", not_run=True)
        return Outcomes(by_label={"baseline": Outcome(samples=samples), "threads=2": failed, "precision=bf16": skipped})


@pytest.fixture
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Work as asv has benchmarks work: in a folder of their own."""
    (tmp_path / "cache").mkdir()
    monkeypatch.chdir(tmp_path / "cache")
    stand_in = Counted()
    monkeypatch.setattr(asv_record, "run_suite", stand_in)
    return stand_in


def test_all_figures_come_from_one_run(tmp_path: Path, counted: Counted, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path)
    made = only_class(tmp_path)
    for metric in METRICS:
        track = getattr(made(), f"track_{metric.name}")
        assert track("baseline") == {"samples": [1.0, 1.0], "number": 1}
        assert track("threads=2") is None
        skipped = track("precision=bf16")
        assert skipped != skipped  # not a number
        assert "threads=2: failed: crashed: signal 9" in capsys.readouterr().err
    assert counted.runs == 1


def test_asking_again_for_a_figure_is_another_run(tmp_path: Path, counted: Counted) -> None:
    write(tmp_path)
    made = only_class(tmp_path)
    assert [made().track_epoch("baseline")["samples"][0] for _ in range(3)] == [1.0, 2.0, 3.0]
    assert [made().track_memory("baseline")["samples"][0] for _ in range(3)] == [1.0, 2.0, 3.0]
    assert counted.runs == 3


def test_suites_do_not_mix(tmp_path: Path, counted: Counted) -> None:
    write(tmp_path)
    write(tmp_path, name="zoo")
    small, zoo = (made() for made in benchmark_classes(tmp_path, "suites.benchmarks").values())
    assert small.track_epoch("baseline")["samples"] == [1.0, 1.0]
    assert zoo.track_epoch("baseline")["samples"] == [2.0, 2.0]
    assert small.track_memory("baseline")["samples"] == [1.0, 1.0]


def test_a_run_that_asv_stopped_is_not_begun_again(
    tmp_path: Path, counted: Counted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*arguments: object) -> Outcomes:
        raise KeyboardInterrupt

    write(tmp_path)
    made = only_class(tmp_path)
    monkeypatch.setattr(asv_record, "run_suite", interrupted)
    with pytest.raises(KeyboardInterrupt):
        made().track_epoch("baseline")
    monkeypatch.setattr(asv_record, "run_suite", counted)
    assert made().track_memory("baseline") is None
    assert "baseline: asv stopped the run" in capsys.readouterr().err
    assert counted.runs == 0


def test_a_run_that_cannot_begin_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "suites", SUITE + "budget: 1s\n")
    monkeypatch.chdir(tmp_path)
    reason = asv_record.run_suite(file, "small_objects", 60.0).of("baseline").reason
    assert reason.startswith("bench run left with 2")
    assert "budget.time" in reason


def test_a_run_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "suites", SUITE + "budget: 1h\n")
    monkeypatch.chdir(tmp_path)
    reason = asv_record.run_suite(file, "small_objects", 0.2).of("baseline").reason
    assert "bench run was ended after 0.2 s" in reason


@pytest.mark.parametrize(("commit", "folder"), [("0a" * 20, "0a" * 20), ("../../elsewhere", "no-commit")])
def test_runs_are_kept_by_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commit: str, folder: str) -> None:
    monkeypatch.setenv("ASV_CONF_DIR", str(tmp_path / "top"))
    monkeypatch.setenv("ASV_COMMIT", commit)
    assert asv_record.runs_folder(tmp_path / "suites") == tmp_path / "top" / ".asv" / "bench-runs" / folder


def test_runs_outside_git_are_kept_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASV_CONF_DIR", raising=False)
    monkeypatch.delenv("ASV_COMMIT", raising=False)
    (tmp_path / "suites").mkdir()
    assert asv_record.runs_folder(tmp_path / "suites") == tmp_path / ".asv" / "bench-runs" / "no-commit"


def test_asv_installs_the_versions_that_make_installs() -> None:
    from asv.config import Config
    from asv.util import ParsedPipDeclaration

    conf = Config.load(str(TOP / "asv.conf.json"))
    lines = (TOP / "constraints.txt").read_text().splitlines()
    constraints = {
        canonicalize_name(line.partition("==")[0]): line.partition("==")[2] for line in lines if "==" in line
    }
    pinned = {}
    for name, versions in conf.matrix["req"].items():
        for each in versions:
            parsed = ParsedPipDeclaration(f"{name.removeprefix('pip+')} {each}")
            pinned[canonicalize_name(parsed.pkgname)] = parsed.specification
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    needed = {canonicalize_name(Requirement(each).name) for each in project["dependencies"]}
    assert needed | {"asv-runner", "opencv-python", "pillow"} == set(pinned)
    assert pinned == {name: f"=={constraints[name]}" for name in pinned}
    assert conf.project == project["name"]
    assert all("--no-deps" in command for command in (*conf.build_command, *conf.install_command))


def test_constraints_hold_versions_only() -> None:
    lines = (TOP / "constraints.txt").read_text().splitlines()
    assert all(re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.+!_-]+", line) for line in lines)
    assert len(lines) > 50
