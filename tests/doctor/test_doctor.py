from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Literal

import pytest

from bench.doctor import (
    Conditions,
    Finding,
    Status,
    examine,
    findings,
    findings_json,
    findings_table,
    hardware,
    room,
    software,
)
from bench.environment import CudaDevice, Machine
from bench.environment.versions import Versions
from bench.optimizations.base import Card, Optimization
from bench.optimizations.registry import registry
from bench.suite.model import Level

GPU = CudaDevice(index=0, name="Fake 9000", memory_bytes=80 * 1024**3, driver="580.1", compute_capability=(9, 0))
MACHINE = Machine(cores=4, memory_bytes=8 * 1024**3, cuda=(GPU,), cpp_compiler=True)
VERSIONS = Versions("0.1.0", "3.11.7", "2.15.0", "13.2", "0.29.2", "8.4.190", "2.4.6", "5.0.0")
GOOD = Conditions(
    nvml_problem=None,
    cuda_device_order=None,
    core_quota=None,
    load_average=0.5,
    swap_used_bytes=0,
    free_disk_bytes=100 * 1024**3,
    governors="performance",
    omp_num_threads=None,
    python_headers=True,
    versions=VERSIONS,
)


class Speed(Optimization):
    """Three levels, of which two need CUDA and one needs a compiler."""

    name = "speed"
    card = Card(summary="faster", acts_on=("compute",), evidence="none")
    level_type = Literal["plain", "graphs", "kernels", "compiled"]
    usual_levels = ("plain", "graphs", "kernels", "compiled")

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        if level in {"graphs", "kernels"} and not machine.has_cuda:
            return "needs CUDA"
        return "needs a compiler" if level == "compiled" and not machine.cpp_compiler else None


def status_of(found: tuple[Finding, ...]) -> dict[str, Status]:
    return {each.topic: each.status for each in found}


def test_a_good_machine_has_nothing_to_be_warned_of() -> None:
    found = findings(MACHINE, GOOD, {"speed": Speed})
    assert [each.topic for each in found] == [
        "GPU",
        "cores",
        "load",
        "governor",
        "memory",
        "swap",
        "disk",
        "C++ compiler",
        "torch",
        "ultralytics",
        "speed",
    ]
    assert {each.status for each in found} == {Status.OK}
    assert {each.consequence for each in found} == {""}


def test_a_bad_machine_is_told_every_fault() -> None:
    machine = Machine(cores=1, memory_bytes=1024**3, cuda=(), cpp_compiler=False)
    conditions = Conditions(
        nvml_problem="NVML Shared Library Not Found",
        cuda_device_order=None,
        core_quota=None,
        load_average=0.51,
        swap_used_bytes=1,
        free_disk_bytes=1024**3,
        governors="powersave",
        omp_num_threads="1",
        python_headers=False,
        versions=dataclasses.replace(VERSIONS, torch="2.5.0", ultralytics=None),
    )
    found = findings(machine, conditions, {"speed": Speed})
    assert status_of(found) == {
        "GPU": Status.MISSING,
        "cores": Status.WARNING,
        "load": Status.WARNING,
        "governor": Status.WARNING,
        "threads": Status.WARNING,
        "memory": Status.WARNING,
        "swap": Status.WARNING,
        "disk": Status.WARNING,
        "C++ compiler": Status.MISSING,
        "torch": Status.WARNING,
        "ultralytics": Status.MISSING,
        "speed": Status.MISSING,
    }
    assert all(each.consequence for each in found)


def test_levels_that_cannot_run_are_listed_by_reason() -> None:
    machine = dataclasses.replace(MACHINE, cuda=(), cpp_compiler=False)
    found = software.levels_finding(Speed, machine)
    assert found.text == "cannot run here: graphs, kernels: needs CUDA; compiled: needs a compiler"
    assert software.levels_finding(Speed, MACHINE).text == "can run here: plain, graphs, kernels, compiled"


@pytest.mark.parametrize("cuda", [(), (GPU,)])
def test_every_optimization_of_the_registry_is_examined(cuda: tuple[CudaDevice, ...]) -> None:
    machine = dataclasses.replace(MACHINE, cuda=cuda)
    topics = [each.topic for each in findings(machine, GOOD, registry())]
    assert topics[-len(registry()) :] == list(registry())


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        (dataclasses.replace(GOOD, nvml_problem="Driver Not Loaded"), "NVML says 'Driver Not Loaded'"),
        (
            dataclasses.replace(GOOD, versions=dataclasses.replace(VERSIONS, torch_cuda=None)),
            "built without CUDA",
        ),
        (GOOD, "CUDA_VISIBLE_DEVICES"),
    ],
)
def test_why_there_is_no_gpu_is_said(conditions: Conditions, words: str) -> None:
    found = hardware.gpu_finding(dataclasses.replace(MACHINE, cuda=()), conditions)
    assert found.status is Status.MISSING
    assert words in found.text


def test_gpus_of_different_models_need_one_numbering() -> None:
    mixed = dataclasses.replace(MACHINE, cuda=(GPU, dataclasses.replace(GPU, index=1, name="Fake 1")))
    ordered = dataclasses.replace(GOOD, cuda_device_order="PCI_BUS_ID")
    assert status_of(findings(mixed, GOOD, {}))["GPU order"] is Status.WARNING
    assert "GPU order" not in status_of(findings(mixed, ordered, {}))
    alike = dataclasses.replace(MACHINE, cuda=(GPU, dataclasses.replace(GPU, index=1)))
    assert "GPU order" not in status_of(findings(alike, GOOD, {}))


@pytest.mark.parametrize(
    ("cores", "quota", "status"),
    [(2, None, Status.OK), (1, None, Status.WARNING), (4, 4.0, Status.OK), (4, 1.5, Status.WARNING)],
)
def test_cores_and_their_quota(cores: int, quota: float | None, status: Status) -> None:
    machine = dataclasses.replace(MACHINE, cores=cores)
    assert hardware.processor_finding(machine, dataclasses.replace(GOOD, core_quota=quota)).status is status


@pytest.mark.parametrize(
    ("load", "status"), [(2.0, Status.OK), (2.01, Status.WARNING), (None, Status.MISSING), (0.0, Status.OK)]
)
def test_a_load_above_half_of_four_cores_is_warned_of(load: float | None, status: Status) -> None:
    assert hardware.load_finding(MACHINE, dataclasses.replace(GOOD, load_average=load)).status is status


def test_a_governor_that_cannot_be_read_is_not_mentioned() -> None:
    assert "governor" not in status_of(findings(MACHINE, dataclasses.replace(GOOD, governors=None), {}))


@pytest.mark.parametrize(("gibibytes", "status"), [(3.0, Status.OK), (2.9, Status.WARNING)])
def test_little_memory_is_warned_of(gibibytes: float, status: Status) -> None:
    machine = dataclasses.replace(MACHINE, memory_bytes=int(gibibytes * 1024**3))
    assert room.memory_finding(machine).status is status


@pytest.mark.parametrize(("gibibytes", "status"), [(2.0, Status.OK), (1.9, Status.WARNING)])
def test_little_disk_is_warned_of(gibibytes: float, status: Status) -> None:
    conditions = dataclasses.replace(GOOD, free_disk_bytes=int(gibibytes * 1024**3))
    assert room.disk_finding(conditions).status is status


def test_a_compiler_without_pythons_headers_does_not_do() -> None:
    found = software.compiler_finding(MACHINE, dataclasses.replace(GOOD, python_headers=False))
    assert found.status is Status.MISSING
    assert "Python.h" in found.text


@pytest.mark.parametrize(
    ("package", "installed", "status"),
    [
        ("torch", "2.14.1", Status.OK),
        ("torch", "2.15.0+cpu", Status.OK),
        ("torch", "2.14.0", Status.WARNING),
        ("torch", "2.15.1", Status.WARNING),
        ("ultralytics", "8.4.190", Status.OK),
        ("ultralytics", "8.4.19", Status.WARNING),
        ("ultralytics", "9.0.0", Status.WARNING),
        ("ultralytics", None, Status.MISSING),
    ],
)
def test_versions_outside_the_tested_are_warned_of(
    package: str, installed: str | None, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    tested = {"torch": ("2.14.1", "2.15.0"), "ultralytics": ("8.4.190", "8.4.190")}
    monkeypatch.setattr(software, "TESTED", tested)
    assert software.version_finding(package, installed).status is status


def test_versions_are_compared_as_numbers() -> None:
    assert software.release("2.15.0+cpu") == (2, 15, 0)
    assert software.release("2.9.0a0+git12") == (2, 9, 0)
    assert software.release("unknown") == ()


def test_the_table_has_a_row_for_each_finding_and_keeps_versions_as_text() -> None:
    rows = findings_table([Finding("torch", Status.OK, "2.10"), Finding("disk", Status.WARNING, "full", "no room")])
    lines = [line.split() for line in rows.splitlines()]
    assert lines == [
        ["topic", "status", "found", "consequence"],
        ["-------", "--------", "-------", "-------------"],
        ["torch", "ok", "2.10"],
        ["disk", "warning", "full", "no", "room"],
    ]


def test_the_json_holds_the_same_findings() -> None:
    assert json.loads(findings_json([Finding("disk", Status.WARNING, "full", "no room")])) == [
        {"topic": "disk", "status": "warning", "text": "full", "consequence": "no room"}
    ]


def test_conditions_are_read_from_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    conditions = Conditions.here(tmp_path)
    assert conditions.omp_num_threads == "3"
    assert conditions.cuda_device_order == "PCI_BUS_ID"
    assert conditions.free_disk_bytes > 0
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert Conditions.here(tmp_path).omp_num_threads is None


def test_examining_uses_the_present_conditions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    found = {each.topic: each.text for each in examine(MACHINE, {"speed": Speed})}
    assert found["threads"] == "OMP_NUM_THREADS=3"
    assert found["cores"].startswith("4 cores usable")
