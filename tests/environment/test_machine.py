from __future__ import annotations

import os
import subprocess
import sys

import psutil
import pytest

from bench.environment import CudaDevice, Machine, resolve_device
from bench.environment import machine as machine_module
from bench.environment.cgroup import ControlGroups
from bench.environment.machine import cpp_compiler_command, usable_cores
from bench.errors import InputError

GPU = CudaDevice(index=0, name="Fake 9000", memory_bytes=1, driver="1", compute_capability=(9, 0))
PLAIN = Machine(cores=2, memory_bytes=4 * 1024**3, cuda=(), cpp_compiler=True)
WITH_GPU = Machine(cores=16, memory_bytes=64 * 1024**3, cuda=(GPU,), cpp_compiler=True)


@pytest.mark.parametrize(
    ("requested", "machine", "expected"),
    [
        ("auto", PLAIN, "cpu"),
        ("auto", WITH_GPU, "cuda:0"),
        ("cpu", PLAIN, "cpu"),
        ("cpu", WITH_GPU, "cpu"),
        ("cuda:0", WITH_GPU, "cuda:0"),
    ],
)
def test_a_device_that_is_there_is_resolved(requested: str, machine: Machine, expected: str) -> None:
    assert resolve_device(requested, machine) == expected


def test_a_device_that_is_not_there_is_the_users_mistake() -> None:
    with pytest.raises(InputError) as caught:
        resolve_device("cuda:1", WITH_GPU)
    assert str(caught.value) == (
        "workload.device: found 'cuda:1'; expected a device of this machine: one of auto, cpu, cuda:0; "
        "did you mean 'cuda:0'?"
    )
    assert caught.value.exit_code == 2


def test_without_a_gpu_only_the_processor_is_offered() -> None:
    with pytest.raises(InputError, match=r"one of auto, cpu$"):
        resolve_device("cuda:0", PLAIN)


def test_has_cuda_says_whether_there_is_a_gpu() -> None:
    assert WITH_GPU.has_cuda
    assert not PLAIN.has_cuda


@pytest.mark.parametrize(
    ("cxx", "platform", "expected"),
    [
        (None, "linux", "g++"),
        ("", "linux", "g++"),
        (None, "darwin", "clang++"),
        ("clang++-18 -stdlib=libc++", "linux", "clang++-18"),
    ],
)
def test_the_compiler_is_the_one_torch_calls(cxx: str | None, platform: str, expected: str) -> None:
    assert cpp_compiler_command(cxx, platform) == expected


def test_a_compiler_that_is_named_but_not_there_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert not Machine.here().cpp_compiler
    monkeypatch.setenv("CXX", f"'{sys.executable}' -O2")
    assert Machine.here().cpp_compiler


def test_the_machine_is_read_from_the_system() -> None:
    machine = Machine.here()
    assert machine.cores == len(usable_cores())
    assert 0 < machine.memory_bytes <= psutil.virtual_memory().total


def test_a_tighter_control_group_bounds_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ControlGroups, "memory_left", lambda _: 12_345)
    assert Machine.here().memory_bytes == 12_345


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no processor affinity")
def test_only_cores_this_process_may_use_are_counted() -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {max(before)})
        assert usable_cores() == (max(before),)
        assert Machine.here().cores == 1
    finally:
        os.sched_setaffinity(0, before)


def test_a_torch_without_cuda_hides_the_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_module, "gpus", lambda _: (GPU,))
    monkeypatch.setattr(machine_module, "torch_cuda_version", lambda: "13.2")
    assert Machine.here().cuda == (GPU,)
    monkeypatch.setattr(machine_module, "torch_cuda_version", lambda: None)
    assert Machine.here().cuda == ()


def test_looking_at_a_machine_imports_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from bench.environment import Environment, Machine\n"
        "Machine.here()\n"
        "Environment.collect('cpu', 1, Path('.')).describe()\n"
        "print(sorted({'torch', 'numpy', 'ultralytics', 'scipy', 'pydantic', 'cv2'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
