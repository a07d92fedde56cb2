"""What a machine offers to training, found out without importing torch."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from bench.environment.cgroup import ControlGroups
from bench.environment.versions import torch_cuda_version
from bench.errors import InputError, nearest_name
from bench.probes.nvml import nvml_session, reading, visible_gpus


@dataclass(frozen=True)
class CudaDevice:
    """One NVIDIA GPU.

    Attributes:
        index: its number as CUDA counts: N in ``cuda:N``.
        name: the product's name.
        memory_bytes: its memory in bytes; None = not available.
        driver: version of the NVIDIA driver; None = not available.
        compute_capability: major and minor version, such as (9, 0); None = not available.
    """

    index: int
    name: str
    memory_bytes: int | None
    driver: str | None
    compute_capability: tuple[int, int] | None


@dataclass(frozen=True)
class Machine:
    """What decides whether an optimization can run.

    Attributes:
        cores: logical processor cores that this process may run on.
        memory_bytes: bytes of the host's memory that are available now, within the limits of control groups.
        cuda: the GPUs that torch can use, in CUDA's order.
        cpp_compiler: the C++ compiler that ``torch.compile`` would call on the processor is there.
    """

    cores: int
    memory_bytes: int
    cuda: tuple[CudaDevice, ...]
    cpp_compiler: bool

    @property
    def has_cuda(self) -> bool:
        """Whether torch can use at least one GPU."""
        return bool(self.cuda)

    @classmethod
    def here(cls) -> Machine:
        """Look at this machine; torch and CUDA stay unloaded, and NVML is stopped again."""
        import psutil

        left = ControlGroups.here().memory_left()
        available = int(psutil.virtual_memory().available)
        return cls(
            cores=len(usable_cores()),
            memory_bytes=available if left is None else min(available, left),
            cuda=gpus(os.environ.get("CUDA_VISIBLE_DEVICES")) if torch_cuda_version() else (),
            cpp_compiler=shutil.which(cpp_compiler_command(os.environ.get("CXX"), sys.platform)) is not None,
        )


def resolve_device(requested: str, machine: Machine) -> str:
    """Return the device that ``requested`` (``auto``, ``cpu`` or ``cuda:N``) means on ``machine``.

    Raises:
        InputError: ``machine`` has no such device.
    """
    devices = ("cpu", *(f"cuda:{device.index}" for device in machine.cuda))
    if requested == "auto":
        return "cuda:0" if machine.has_cuda else "cpu"
    if requested in devices:
        return requested
    raise InputError(
        field="workload.device",
        found=repr(requested),
        expected="a device of this machine: one of auto, " + ", ".join(devices),
        nearest=nearest_name(requested, ("auto", *devices)),
    )


def gpu_in_use(device: str, cuda: Iterable[CudaDevice]) -> str | None:
    """Return the product's name of the GPU that ``device`` is, None for the processor.

    Args:
        device: the resolved device, ``cpu`` or ``cuda:N``.
        cuda: the GPUs of the machine that CUDA shows.
    """
    return next((gpu.name for gpu in cuda if device == f"cuda:{gpu.index}"), None)


def usable_cores() -> tuple[int, ...]:
    """Return the numbers of the logical cores this process may run on, ascending."""
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return tuple(range(os.cpu_count() or 1))


def cpp_compiler_command(cxx: str | None, platform: str) -> str:
    """Return the compiler that ``torch.compile`` calls: ``$CXX`` when set, else the platform's one default.

    Args:
        cxx: the value of the environment variable ``CXX``, or None.
        platform: ``sys.platform``.
    """
    words = shlex.split(cxx or "")
    return words[0] if words else ("clang++" if platform == "darwin" else "g++")


def gpus(selection: str | None) -> tuple[CudaDevice, ...]:
    """Return the GPUs that NVML knows; none where there is no driver.

    Args:
        selection: the value of ``CUDA_VISIBLE_DEVICES``, or None for every GPU installed.
    """
    import pynvml

    try:
        with nvml_session() as nvml:
            driver = reading(nvml, nvml.nvmlSystemGetDriverVersion)
            found = []
            for index, handle in enumerate(visible_gpus(nvml, selection)):
                memory = reading(nvml, nvml.nvmlDeviceGetMemoryInfo, handle)
                capability = reading(nvml, nvml.nvmlDeviceGetCudaComputeCapability, handle)
                found.append(
                    CudaDevice(
                        index=index,
                        name=nvml.nvmlDeviceGetName(handle),
                        memory_bytes=None if memory is None else int(memory.total),
                        driver=driver,
                        compute_capability=None if capability is None else (capability[0], capability[1]),
                    )
                )
            return tuple(found)
    except pynvml.NVMLError:
        return ()
