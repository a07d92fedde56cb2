"""The record of where a run happened, kept in its journal and shown in its reports."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.environment.cgroup import ControlGroups
from bench.environment.checkout import checkout
from bench.environment.machine import CudaDevice, gpus, usable_cores
from bench.environment.processor import frequency_governor, processor_model
from bench.environment.versions import Versions, installed_versions
from bench.errors import InputError

if TYPE_CHECKING:
    from pydantic import JsonValue

GIBIBYTE = 1024**3


@dataclass(frozen=True)
class Environment:
    """Where and with what a run happened; None = not available. Nothing in it names host or user.

    Attributes:
        machine_id: twelve hexadecimal digits that stay the same on the same hardware.
        processor: the processor's model.
        cores_used: logical cores that the run may use.
        cores_total: logical cores of the machine.
        memory_bytes: bytes of memory the run may use at most: the machine's, or its control group's if less.
        gpus: the GPUs that CUDA shows.
        operating_system: name and version of the operating system.
        kernel: name, release and architecture of the kernel.
        governor: policy of the processor's clock, such as ``performance``.
        load_average: runnable processes, averaged over the minute before the run.
        device: where training runs: ``cpu`` or ``cuda:N``.
        threads: threads that torch computes with on the processor.
        versions: versions of the packages that take part.
        commit: full hash of the commit of the harness.
        clean: the harness was as committed.
    """

    machine_id: str
    processor: str | None
    cores_used: int
    cores_total: int
    memory_bytes: int
    gpus: tuple[CudaDevice, ...]
    operating_system: str
    kernel: str
    governor: str | None
    load_average: float | None
    device: str
    threads: int
    versions: Versions
    commit: str | None
    clean: bool | None

    @classmethod
    def collect(cls, device: str, threads: int, repository: Path) -> Environment:
        """Look at this machine and this interpreter's environment, importing none of what is looked at.

        Args:
            device: the resolved device, ``cpu`` or ``cuda:N``.
            threads: threads that torch computes with.
            repository: a folder of the harness, whose commit is recorded when git tracks it.
        """
        import psutil

        processor, cores_total = processor_model(), os.cpu_count() or 1
        memory, limit = int(psutil.virtual_memory().total), ControlGroups.here().memory_limit()
        source = checkout(repository)
        cores = usable_cores()
        return cls(
            machine_id=hardware_hash(processor, cores_total, memory, (gpu.name for gpu in gpus(None))),
            processor=processor,
            cores_used=len(cores),
            cores_total=cores_total,
            memory_bytes=memory if limit is None else min(memory, limit),
            gpus=gpus(os.environ.get("CUDA_VISIBLE_DEVICES")),
            operating_system=_operating_system(),
            kernel=f"{platform.system()} {platform.release()} {platform.machine()}",
            governor=frequency_governor(cores),
            load_average=load_average(),
            device=device,
            threads=threads,
            versions=installed_versions(),
            commit=source.commit if source else os.environ.get("ASV_COMMIT"),
            clean=source.clean if source else None,
        )

    def to_json(self) -> dict[str, JsonValue]:
        """Return the record as a journal holds it: a JSON object with one key a field."""
        plain: dict[str, JsonValue] = json.loads(json.dumps(dataclasses.asdict(self)))
        return plain

    @classmethod
    def from_json(cls, raw: Mapping[str, JsonValue]) -> Environment:
        """Return the record that ``to_json`` gave.

        Raises:
            InputError: a field is missing or of another type.
        """
        from pydantic import TypeAdapter, ValidationError

        try:
            return TypeAdapter(cls).validate_python(dict(raw))
        except ValidationError as error:
            first = error.errors()[0]
            raise InputError(
                field=".".join(["environment", *map(str, first["loc"])]),
                found="nothing" if first["type"] == "missing" else repr(first["input"]),
                expected=first["msg"],
            ) from None

    def describe(self) -> str:
        """Return one line for reports: hardware; system; versions; device and threads; commit; machine."""
        hardware = [
            self.processor or "processor not known",
            f"{self.cores_used} of {_count(self.cores_total, 'core')}",
            f"{self.memory_bytes / GIBIBYTE:.1f} GiB memory",
            *(_gpu_text(gpu) for gpu in self.gpus),
        ]
        if not self.gpus:
            hardware.append("no GPU")
        packages = [
            f"{field.name.replace('_', ' ')} {value}"
            for field in dataclasses.fields(self.versions)
            if (value := getattr(self.versions, field.name)) is not None
        ]
        parts = [
            ", ".join(hardware),
            f"{self.operating_system}, {self.kernel}",
            ", ".join(packages),
            f"device {self.device}, {_count(self.threads, 'thread')}",
        ]
        if self.governor is not None:
            parts.append(f"governor {self.governor}")
        if self.load_average is not None:
            parts.append(f"load {self.load_average:.2f} before the run")
        if self.commit is not None:
            state = {True: "clean", False: "with changes", None: "changes not known"}[self.clean]
            parts.append(f"commit {self.commit[:12]} ({state})")
        parts.append(f"machine {self.machine_id}")
        return "; ".join(parts)


def hardware_hash(processor: str | None, cores: int, memory_bytes: int, gpu_names: Iterable[str]) -> str:
    """Return twelve hexadecimal digits for a machine's hardware; the same for machines of one make.

    Args:
        processor: the processor's model.
        cores: logical cores of the machine.
        memory_bytes: its memory, which counts in whole GiB since kernels reserve a little for themselves.
        gpu_names: names of its GPUs, in any order.
    """
    parts = [processor, cores, round(memory_bytes / GIBIBYTE), sorted(gpu_names)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def load_average() -> float | None:
    """Return the runnable processes averaged over the last minute, or None where nobody counts them."""
    try:
        return os.getloadavg()[0]
    except OSError:
        return None


def _operating_system() -> str:
    """Return the name and version of the operating system."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.platform(aliased=True, terse=True)


def _gpu_text(gpu: CudaDevice) -> str:
    """Return a GPU as ``describe`` names it."""
    memory = "" if gpu.memory_bytes is None else f" {gpu.memory_bytes / GIBIBYTE:.0f} GiB"
    driver = "" if gpu.driver is None else f" (driver {gpu.driver})"
    return f"cuda:{gpu.index} {gpu.name}{memory}{driver}"


def _count(number: int, noun: str) -> str:
    """Return a number with its noun in the right form."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
