"""What bears on measuring and changes from day to day."""

from __future__ import annotations

import os
import shutil
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from bench.environment.cgroup import ControlGroups
from bench.environment.machine import usable_cores
from bench.environment.processor import frequency_governor
from bench.environment.record import load_average
from bench.environment.versions import Versions, installed_versions
from bench.probes.nvml import nvml_problem


@dataclass(frozen=True)
class Conditions:
    """What bears on measuring and changes from day to day; None = not available.

    Attributes:
        nvml_problem: why NVML does not answer, or None when it does.
        cuda_device_order: value of ``CUDA_DEVICE_ORDER``, or None when it is not set.
        core_quota: cores' worth of time that control groups allow, or None without a quota.
        load_average: runnable processes, averaged over the last minute.
        swap_used_bytes: bytes of swap in use.
        free_disk_bytes: bytes free where results are written.
        governors: frequency governors of the usable cores, such as ``performance``.
        omp_num_threads: value of ``OMP_NUM_THREADS``, or None when it is not set.
        python_headers: whether ``Python.h`` is there, which compiled kernels include.
        versions: versions of the packages that take part in training.
    """

    nvml_problem: str | None
    cuda_device_order: str | None
    core_quota: float | None
    load_average: float | None
    swap_used_bytes: int
    free_disk_bytes: int
    governors: str | None
    omp_num_threads: str | None
    python_headers: bool
    versions: Versions

    @classmethod
    def here(cls, folder: Path) -> Conditions:
        """Look at this machine; ``folder`` is an existing one on the disk that results are written to."""
        import psutil

        return cls(
            nvml_problem=nvml_problem(),
            cuda_device_order=os.environ.get("CUDA_DEVICE_ORDER"),
            core_quota=ControlGroups.here().core_quota(),
            load_average=load_average(),
            swap_used_bytes=int(psutil.swap_memory().used),
            free_disk_bytes=shutil.disk_usage(folder).free,
            governors=frequency_governor(usable_cores()),
            omp_num_threads=os.environ.get("OMP_NUM_THREADS"),
            python_headers=(Path(sysconfig.get_path("include")) / "Python.h").is_file(),
            versions=installed_versions(),
        )
