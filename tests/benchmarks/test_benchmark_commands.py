"""The commands of the harness's own benchmarks: what they refuse, and what they keep; nothing is trained."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from journals import SUITE

from bench.analysis.result import Ratio
from bench.benchmarks.commands.gate import said_of
from bench.benchmarks.gate import Real, alarm_chance, at_most
from bench.benchmarks.keep import keep_figures
from bench.benchmarks.launches import LaunchSpread
from bench.benchmarks.own_cost import Starts
from bench.benchmarks.usual_way import Spread
from bench.cli import main
from bench.environment import CudaDevice, Machine
from bench.gate.decision import ExitCode
from bench.gate.run import GateStoppedError
from bench.suite.model import Workload

RATIO = Ratio(1.0, 0.9, 1.1, rounds=4, launches=2)
FOUND: dict[str, object] = {
    "launches.launch_spreads": [LaunchSpread("any", 2, 2, 0.1, 0.1, 0.0)],
    "own_cost.newest_run": None,
    "own_cost.probed_over_bare": RATIO,
    "own_cost.starts": Starts(1.0, 2.0, 5),
    "stopwatch.reported_over_stopwatch": RATIO,
    "usual_way.compare": Spread(0.1, 0.2, 2, 2),
}
"""What benchmarks find without looking."""


@pytest.fixture
def planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Make suites be planned with a workload that differs in the fields given; return the file of one."""

    def plan(**fields: Any) -> Path:
        workload = SUITE.workload.model_copy(update=fields)
        file = tmp_path / "suite.yaml"
        file.write_text(json.dumps({"workload": workload.model_dump(mode="json")}, indent=1))  # JSON is YAML
        suite = SUITE.model_copy(update={"workload": workload})
        prepared = SimpleNamespace(file=file, suite=suite, plan=SimpleNamespace(device="cuda:1"), project=None)
        monkeypatch.setattr("bench.run.prepare", lambda *_: prepared)
        return file

    return plan


@pytest.fixture
def staged(monkeypatch: pytest.MonkeyPatch) -> list[Workload]:
    """Let benchmarks find something on stages where nothing is trained; return what these were of."""
    workloads: list[Workload] = []

    @contextmanager
    def stage(workload: Workload, device: str, project: object) -> Iterator[SimpleNamespace]:
        workloads.append(workload)
        yield SimpleNamespace(turn=None)

    monkeypatch.setattr("bench.benchmarks.stage.stage", stage)
    for name, found in FOUND.items():
        monkeypatch.setattr(f"bench.benchmarks.{name}", lambda *_, found=found: found)
    return workloads


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["benchmark", *map(str, arguments)], catch_exceptions=False)


def kept_environment(results: Path, name: str) -> tuple[object, object]:
    """The device and the threads of the only figures of a benchmark."""
    (file,) = (results / "benchmarks").glob(f"{name}-2*.json")
    environment = json.loads(file.read_text())["environment"]
    return environment["device"], environment["threads"]


@pytest.mark.parametrize("name", ["launches", "own-cost", "stopwatch", "usual-way"])
def test_figures_are_kept_with_the_device_and_the_threads_of_the_suite(
    name: str, planned: Callable[..., Path], staged: list[Workload], tmp_path: Path
) -> None:
    result = call(name, planned(threads=3), "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert [workload.threads for workload in staged] == [3]
    assert kept_environment(tmp_path, name) == ("cuda:1", 3)


def test_figures_of_real_gates_are_kept_with_those_of_their_suite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gated = SUITE.model_copy(update={"workload": SUITE.workload.model_copy(update={"threads": 3})})
    gpu = CudaDevice(0, "GPU", memory_bytes=None, driver=None, compute_capability=None)
    machine = Machine(cores=2, memory_bytes=2**33, cuda=(gpu,), cpp_compiler=True)
    monkeypatch.setattr(Machine, "here", classmethod(lambda cls: machine))
    monkeypatch.setattr("bench.benchmarks.gate.real_suite", lambda *_: gated)
    monkeypatch.setattr("bench.benchmarks.gate.real_gates", lambda *_: [real(0.0, ExitCode.CLEAN, 1.01)])
    monkeypatch.setattr("bench.benchmarks.commands.gate.end_like_interrupted", lambda: None)
    result = call("gate", "--gates", "1", "--suite", tmp_path / "suite.yaml", "--real", "1", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert kept_environment(tmp_path, "gate-real") == ("cuda:0", 3)
    # What is simulated trains nothing.
    assert kept_environment(tmp_path, "gate") == ("cpu", 1)


def real(slowdown: float, code: ExitCode, ratio: float | None) -> Real:
    """A gate whose interval is 2 % to either side, in logarithms."""
    ends = (None, None) if ratio is None else (ratio * math.exp(-0.02), ratio * math.exp(0.02))
    return Real(slowdown, code, ratio, *ends, run="a")


def test_what_real_gates_came_to_is_said_with_its_bounds() -> None:
    identical = [real(0.0, ExitCode.CLEAN, math.exp(log)) for log in (0.01, -0.01) * 5]
    identical += [real(0.0, ExitCode.NOT_JUDGED, None)] * 10
    slower = [real(0.05, code, 1.05) for code in (ExitCode.REGRESSION, ExitCode.REGRESSION, ExitCode.NOT_JUDGED)]
    # After 0 of 20 a rate above 1 - 0.05 ** (1 / 20) = 13.9 % would have shown itself in 95 of 100 such tries.
    # Ten squared logarithms of 0.01 add up to 0.001, whose variance is at most 0.001 / 3.940 (chi-squared, 5 %, 10): a
    # deviation of 0.01593. An alarm needs log(1.02) + 0.02 = 0.0398, 2.499 deviations, which normal noise exceeds in
    # 0.62 %.
    assert list(said_of([*identical, *slower], margin=0.02)) == [
        "nothing planted: 0 of 20 called a regression; 10 could not judge",
        "false alarms, with 95 % confidence: at most 13.9% by their number",
        "false alarms, with 95 % confidence: at most 0.62% by how far estimates scatter, if normal",
        "5% planted: 2 of 3 called a regression; 1 could not judge",
    ]


def test_bounds_of_rates_by_hand() -> None:
    # 1 of 2: p with (1 - p) ** 2 + 2 p (1 - p) = 1 - p ** 2 = 0.05.
    assert at_most(1, 2) == pytest.approx(math.sqrt(0.95))
    assert at_most(2, 2) == at_most(0, 0) == 1
    assert alarm_chance([real(0.0, ExitCode.NOT_JUDGED, None)], 0.02) is None


def test_an_interrupt_keeps_the_gates_that_came_to_their_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> Iterator[Real]:
        yield real(0.0, ExitCode.CLEAN, 1.01)
        raise GateStoppedError(tmp_path)

    monkeypatch.setattr("bench.benchmarks.gate.real_suite", lambda *_: SUITE)
    monkeypatch.setattr("bench.benchmarks.gate.real_gates", stopped)
    monkeypatch.setattr("bench.benchmarks.commands.gate.end_like_interrupted", lambda: None)
    result = call("gate", "--gates", "1", "--suite", tmp_path / "suite.yaml", "--real", "2", "--out", tmp_path)
    assert result.exit_code == GateStoppedError.exit_code
    assert "nothing planted: 0 of 1 called a regression" in result.output
    (file,) = (tmp_path / "benchmarks").glob("gate-real-*.json")
    assert len(json.loads(file.read_text())["figures"]["gates"]) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--real", "1"), "--suite beside it"),
        (("--suite", "suite.yaml"), "--real beside it"),
        (("--gates", "0"), "0 is not in the range x>=1"),
    ],
)
def test_gates_that_make_no_sense_are_refused_before_any_is_simulated(
    options: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    result = call("gate", *options, "--out", tmp_path / "results")
    assert message in f"{result.output} {result.exception}"
    assert not (tmp_path / "results").exists()


def test_figures_that_trained_nothing_are_kept_as_of_one_thread(tmp_path: Path) -> None:
    keep_figures(tmp_path, "simulated", {"found": 1})
    assert kept_environment(tmp_path, "simulated") == ("cpu", 1)


@pytest.mark.parametrize("name", ["own-cost", "stopwatch"])
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"trainer": "mine"}, "workload.trainer: found 'mine'; expected none here"),
        ({"settings": {"nbs": 4, "workers": 2}}, "workload.settings.workers: found 2; expected 0, or none, here"),
    ],
)
def test_suites_that_train_otherwise_than_bare_are_refused(
    name: str,
    fields: dict[str, Any],
    message: str,
    planned: Callable[..., Path],
    staged: list[Workload],
    tmp_path: Path,
) -> None:
    file = planned(**fields)
    result = call(name, file, "--out", tmp_path / "results")
    key = message.partition(":")[0].rpartition(".")[2]
    line = next(number for number, text in enumerate(file.read_text().splitlines(), 1) if f'"{key}"' in text)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"bench: {file}:{line}: {message}")
    assert staged == []
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("name", ["launches", "usual-way"])
def test_benchmarks_that_train_nothing_bare_take_any_suite(
    name: str, planned: Callable[..., Path], staged: list[Workload], tmp_path: Path
) -> None:
    assert call(name, planned(trainer="mine", settings={"workers": 2}), "--out", tmp_path).exit_code == 0
    assert len(staged) == 1


@pytest.mark.parametrize("settings", [{}, {"workers": 0}])
def test_suites_without_loader_workers_are_not_refused(
    settings: dict[str, int], planned: Callable[..., Path], staged: list[Workload], tmp_path: Path
) -> None:
    assert call("stopwatch", planned(settings=settings), "--out", tmp_path).exit_code == 0
    assert len(staged) == 1
