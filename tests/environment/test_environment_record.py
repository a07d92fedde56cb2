from __future__ import annotations

import dataclasses
import getpass
import importlib.metadata
import json
import platform
import socket
from pathlib import Path

import psutil
import pytest

import bench
from bench.environment import CudaDevice, Environment
from bench.environment.cgroup import ControlGroups
from bench.environment.processor import frequency_governor, processor_model
from bench.environment.record import hardware_hash
from bench.environment.versions import Versions, installed_version, parse_torch_cuda
from bench.errors import InputError

VERSIONS = Versions(
    bench="0.1.0",
    python="3.11.7",
    torch="2.15.0",
    torch_cuda="13.2",
    torchvision="0.29.2",
    ultralytics="8.4.190",
    numpy="2.4.6",
    opencv=None,
)
FULL = Environment(
    machine_id="0123456789ab",
    processor="Fake Processor 9",
    cores_used=2,
    cores_total=16,
    memory_bytes=6 * 1024**3,
    gpus=(
        CudaDevice(0, "Fake 9000", 80 * 1024**3, "580.1", (9, 0)),
        CudaDevice(1, "Fake 1", None, None, None),
    ),
    operating_system="Fakian 12",
    kernel="Linux 6.1 x86_64",
    governor="powersave",
    load_average=0.456,
    device="cuda:0",
    threads=1,
    versions=VERSIONS,
    commit="3f5359069573c279e72679489d702fc44539711e",
    clean=True,
)
BARE = dataclasses.replace(
    FULL,
    processor=None,
    cores_total=1,
    cores_used=1,
    gpus=(),
    governor=None,
    load_average=None,
    device="cpu",
    threads=4,
    commit=None,
    clean=None,
)


@pytest.mark.parametrize("environment", [FULL, BARE])
def test_json_gives_back_the_same_record(environment: Environment) -> None:
    assert Environment.from_json(json.loads(json.dumps(environment.to_json()))) == environment


def test_json_has_plain_values_and_null_for_what_is_not_available() -> None:
    plain = FULL.to_json()
    assert plain["gpus"] == [
        {
            "index": 0,
            "name": "Fake 9000",
            "memory_bytes": 85899345920,
            "driver": "580.1",
            "compute_capability": [9, 0],
        },
        {"index": 1, "name": "Fake 1", "memory_bytes": None, "driver": None, "compute_capability": None},
    ]
    assert list(plain) == [field.name for field in dataclasses.fields(Environment)]


def test_a_missing_field_is_named() -> None:
    plain = FULL.to_json()
    del plain["threads"]
    with pytest.raises(InputError, match=r"^environment\.threads: found nothing; expected "):
        Environment.from_json(plain)


def test_a_field_of_another_type_is_named() -> None:
    with pytest.raises(InputError, match=r"^environment\.cores_used: found 'many'; expected "):
        Environment.from_json(FULL.to_json() | {"cores_used": "many"})


def test_the_description_names_all_that_is_known() -> None:
    assert FULL.describe() == (
        "Fake Processor 9, 2 of 16 cores, 6.0 GiB memory, "
        "cuda:0 Fake 9000 80 GiB (driver 580.1), cuda:1 Fake 1; "
        "Fakian 12, Linux 6.1 x86_64; "
        "bench 0.1.0, python 3.11.7, torch 2.15.0, torch cuda 13.2, torchvision 0.29.2, ultralytics 8.4.190, "
        "numpy 2.4.6; device cuda:0, 1 thread; governor powersave; load 0.46 before the run; "
        "commit 3f5359069573 (clean); machine 0123456789ab"
    )


def test_the_description_is_silent_on_what_is_not() -> None:
    assert BARE.describe() == (
        "processor not known, 1 of 1 core, 6.0 GiB memory, no GPU; Fakian 12, Linux 6.1 x86_64; "
        "bench 0.1.0, python 3.11.7, torch 2.15.0, torch cuda 13.2, torchvision 0.29.2, ultralytics 8.4.190, "
        "numpy 2.4.6; device cpu, 4 threads; machine 0123456789ab"
    )


@pytest.mark.parametrize(("clean", "words"), [(False, "with changes"), (None, "changes not known")])
def test_the_description_says_when_files_were_changed(clean: bool | None, words: str) -> None:
    assert f"commit 3f5359069573 ({words})" in dataclasses.replace(FULL, clean=clean).describe()


def test_collecting_reads_this_machine_and_environment(tmp_path: Path) -> None:
    environment = Environment.collect("cpu", 3, tmp_path)
    assert (environment.device, environment.threads) == ("cpu", 3)
    assert (environment.commit, environment.clean) == (None, None)
    assert 1 <= environment.cores_used <= environment.cores_total
    assert 0 < environment.memory_bytes <= psutil.virtual_memory().total
    assert environment.versions.python == platform.python_version()
    assert environment.versions.torch == importlib.metadata.version("torch")
    assert environment.versions.ultralytics == importlib.metadata.version("ultralytics")
    assert environment.versions.bench == bench.__version__
    assert Environment.from_json(environment.to_json()) == environment


def test_the_version_of_torch_cuda_is_what_torch_says(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    assert Environment.collect("cpu", 1, tmp_path).versions.torch_cuda == torch.version.cuda


def test_a_control_group_bounds_the_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ControlGroups, "memory_limit", lambda _: 54_321)
    assert Environment.collect("cpu", 1, tmp_path).memory_bytes == 54_321


def test_neither_host_nor_user_is_recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = Environment.collect("cpu", 1, tmp_path)
    monkeypatch.setattr(socket, "gethostname", lambda: "a-telling-host-name")
    monkeypatch.setattr(platform, "node", lambda: "a-telling-host-name")
    monkeypatch.setattr(getpass, "getuser", lambda: "a-telling-user-name")
    after = Environment.collect("cpu", 1, tmp_path)
    assert after.machine_id == before.machine_id
    assert "telling" not in json.dumps(after.to_json())


def test_the_hash_stays_for_the_same_hardware_and_changes_with_any_part() -> None:
    same = hardware_hash("P", 8, 16 * 1024**3, ["A", "B"])
    assert len(same) == 12
    assert int(same, 16) >= 0
    assert hardware_hash("P", 8, 16 * 1024**3 - 300 * 1024**2, ["B", "A"]) == same
    others = {
        hardware_hash("Q", 8, 16 * 1024**3, ["A", "B"]),
        hardware_hash("P", 4, 16 * 1024**3, ["A", "B"]),
        hardware_hash("P", 8, 32 * 1024**3, ["A", "B"]),
        hardware_hash("P", 8, 16 * 1024**3, ["A"]),
        hardware_hash(None, 8, 16 * 1024**3, ["A", "B"]),
    }
    assert len(others | {same}) == 6


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("cuda: Optional[str] = '13.2'\nhip: Optional[str] = None\n", "13.2"),
        ("__version__ = '2.15.0+cpu'\ncuda: Optional[str] = None\n", None),
        ('cuda = "12.8"\n', "12.8"),
        ("__all__ = ['cuda']\nnot_cuda: Optional[str] = '1'\n", None),
    ],
)
def test_the_cuda_version_is_read_from_the_text(source: str, expected: str | None) -> None:
    assert parse_torch_cuda(source) == expected


def test_the_first_installed_distribution_gives_the_version() -> None:
    assert installed_version("no-such-distribution", "pytest") == importlib.metadata.version("pytest")
    assert installed_version("no-such-distribution") is None


def test_the_processor_is_named_as_the_system_names_it(tmp_path: Path) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text("processor\t: 0\nvendor_id\t: Fake\nmodel name\t: Fake   Processor 9 \n\nprocessor\t: 1\n")
    assert processor_model(file) == "Fake Processor 9"


def test_a_processor_without_a_model_is_named_by_its_architecture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "processor", lambda: "")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert processor_model(tmp_path / "missing") == "aarch64"
    monkeypatch.setattr(platform, "machine", lambda: "")
    assert processor_model(tmp_path / "missing") is None


def test_the_governors_of_the_cores_in_use_are_joined(tmp_path: Path) -> None:
    for core, governor in enumerate(["powersave", "performance", "performance"]):
        folder = tmp_path / f"cpu{core}" / "cpufreq"
        folder.mkdir(parents=True)
        (folder / "scaling_governor").write_text(governor + "\n")
    assert frequency_governor([1, 2], tmp_path) == "performance"
    assert frequency_governor([0, 1], tmp_path) == "performance, powersave"
    assert frequency_governor([7], tmp_path) is None
