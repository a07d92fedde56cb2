"""Readings of one NVIDIA GPU through NVML, and the null object that stands in where there is none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Protocol, TypeVar

Reading = TypeVar("Reading")


class GpuMeter(Protocol):
    """Readings of one GPU; each is None where it is not available, so callers never ask for CUDA."""

    def energy_joules(self) -> float | None:
        """Return the joules the whole GPU has used since its driver was loaded; only differences count."""

    def used_memory_bytes(self) -> int | None:
        """Return the bytes of GPU memory in use by all processes and the driver."""

    def temperature_celsius(self) -> float | None:
        """Return the temperature of the GPU's core in degrees Celsius."""

    def clock_megahertz(self) -> int | None:
        """Return the present clock of the streaming multiprocessors in megahertz."""

    def busy_fraction(self) -> float | None:
        """Return the share, 0 to 1, of NVML's last sampling period in which any kernel was running."""


class NullMeter:
    """The meter of a device that NVML does not know: nothing is available."""

    def energy_joules(self) -> None:
        """Return None."""

    def used_memory_bytes(self) -> None:
        """Return None."""

    def temperature_celsius(self) -> None:
        """Return None."""

    def clock_megahertz(self) -> None:
        """Return None."""

    def busy_fraction(self) -> None:
        """Return None."""


class NvmlMeter:
    """The meter of one GPU; ``nvml`` is the started ``pynvml`` module, ``handle`` its name for the GPU."""

    def __init__(self, nvml: ModuleType, handle: Any) -> None:
        self._nvml = nvml
        self._handle = handle

    def energy_joules(self) -> float | None:
        """Return the joules used since the driver was loaded; None on GPUs before Volta and MIG slices."""
        millijoules = reading(self._nvml, self._nvml.nvmlDeviceGetTotalEnergyConsumption, self._handle)
        return None if millijoules is None else millijoules / 1000

    def used_memory_bytes(self) -> int | None:
        """Return the bytes of GPU memory in use by all processes and the driver."""
        memory = reading(self._nvml, self._nvml.nvmlDeviceGetMemoryInfo, self._handle)
        return None if memory is None else int(memory.used)

    def temperature_celsius(self) -> float | None:
        """Return the temperature of the GPU's core in degrees Celsius."""
        sensor = self._nvml.NVML_TEMPERATURE_GPU
        degrees = reading(self._nvml, self._nvml.nvmlDeviceGetTemperature, self._handle, sensor)
        return None if degrees is None else float(degrees)

    def clock_megahertz(self) -> int | None:
        """Return the present clock of the streaming multiprocessors in megahertz."""
        return reading(self._nvml, self._nvml.nvmlDeviceGetClockInfo, self._handle, self._nvml.NVML_CLOCK_SM)

    def busy_fraction(self) -> float | None:
        """Return the share, 0 to 1, of NVML's last sampling period in which any kernel was running."""
        rates = reading(self._nvml, self._nvml.nvmlDeviceGetUtilizationRates, self._handle)
        return None if rates is None else rates.gpu / 100


def gpu_meter(device: str) -> GpuMeter:
    """Return the meter of ``device``; a null one where NVML knows no such GPU.

    NVML stays started for as long as the process lives.

    Args:
        device: ``cpu`` or ``cuda:N``, N as CUDA counts.
    """
    if not device.startswith("cuda"):
        return NullMeter()
    import pynvml

    try:
        pynvml.nvmlInit()
        handles = visible_gpus(pynvml, os.environ.get("CUDA_VISIBLE_DEVICES"))
    except pynvml.NVMLError:
        return NullMeter()
    index = int(device.removeprefix("cuda").removeprefix(":") or 0)
    return NvmlMeter(pynvml, handles[index]) if index < len(handles) else NullMeter()


@contextmanager
def nvml_session() -> Iterator[ModuleType]:
    """Start NVML for a ``with`` block and stop it after, so that no handle is inherited by a forked trial.

    Raises:
        pynvml.NVMLError: there is no NVIDIA driver, or it does not answer.
    """
    import pynvml

    pynvml.nvmlInit()
    try:
        yield pynvml
    finally:
        pynvml.nvmlShutdown()


def nvml_problem() -> str | None:
    """Return why NVML cannot be used ("NVML Shared Library Not Found"), or None when it can."""
    import pynvml

    try:
        with nvml_session():
            return None
    except pynvml.NVMLError as error:
        return str(error)


def visible_gpus(nvml: ModuleType, selection: str | None) -> tuple[Any, ...]:
    """Return NVML's handles of the GPUs that CUDA shows, in CUDA's order.

    NVML counts every GPU, in the order of the bus; CUDA counts those that ``CUDA_VISIBLE_DEVICES`` selects.

    Args:
        nvml: the started ``pynvml`` module.
        selection: the value of ``CUDA_VISIBLE_DEVICES`` (indices, or UUIDs that may be cut short), or None
            when it is not set, for all GPUs.

    Raises:
        pynvml.NVMLError: NVML does not answer.
    """
    handles = tuple(nvml.nvmlDeviceGetHandleByIndex(index) for index in range(nvml.nvmlDeviceGetCount()))
    if selection is None:
        return handles
    chosen: list[Any] = []
    names = [name.strip() for name in selection.split(",")]
    for name in names:
        handle = _selected(nvml, handles, name)
        if handle is None:  # as in CUDA: what comes after an invalid entry is not seen
            break
        chosen.append(handle)
    repeated = len(set(names)) < len(names)  # as in CUDA: then nothing is seen
    return () if repeated else tuple(chosen)


def _selected(nvml: ModuleType, handles: tuple[Any, ...], name: str) -> Any | None:
    """Return the handle that one entry of ``CUDA_VISIBLE_DEVICES`` means, or None when it means none."""
    if name.startswith("MIG-"):
        return reading(nvml, nvml.nvmlDeviceGetHandleByUUID, name)
    if name.startswith("GPU-"):
        matches = [each for each in handles if str(nvml.nvmlDeviceGetUUID(each)).startswith(name)]
        return matches[0] if len(matches) == 1 else None
    return handles[int(name)] if name.isdecimal() and int(name) < len(handles) else None


def reading(nvml: ModuleType, function: Callable[..., Reading], *arguments: Any) -> Reading | None:
    """Return what an NVML function gives, or None when the GPU does not offer it."""
    try:
        return function(*arguments)
    except nvml.NVMLError:
        return None
