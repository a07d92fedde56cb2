"""NVML through a stand-in for its module, so that every machine checks how GPUs are read."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from bench.environment.machine import CudaDevice, gpus
from bench.probes.nvml import NullMeter, NvmlMeter, gpu_meter, nvml_problem, nvml_session, visible_gpus


class FakeError(Exception):
    """Stands for ``pynvml.NVMLError``."""


@dataclass(frozen=True)
class FakeGpu:
    """What one GPU answers; None = this GPU does not offer the reading."""

    uuid: str
    name: str = "Fake 9000"
    millijoules: int | None = 12_345_678
    used: int | None = 3 * 1024**3
    total: int = 80 * 1024**3
    degrees: int | None = 41
    megahertz: int | None = 1980
    percent: int | None = 25
    capability: tuple[int, int] | None = (9, 0)


class FakeNvml(ModuleType):
    """Stands for the module ``pynvml``; counts how often it is started and stopped."""

    NVMLError = FakeError
    NVML_TEMPERATURE_GPU = 0
    NVML_CLOCK_SM = 1

    def __init__(self, installed: tuple[FakeGpu, ...], start_fails: str | None = None) -> None:
        super().__init__("pynvml")
        self.installed = installed
        self.start_fails = start_fails
        self.started = 0
        self.stopped = 0

    def nvmlInit(self) -> None:  # noqa: N802
        if self.start_fails is not None:
            raise FakeError(self.start_fails)
        self.started += 1

    def nvmlShutdown(self) -> None:  # noqa: N802
        self.stopped += 1

    def nvmlSystemGetDriverVersion(self) -> str:  # noqa: N802
        return "580.1"

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return len(self.installed)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> FakeGpu:  # noqa: N802
        return self.installed[index]

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> FakeGpu:  # noqa: N802
        if uuid != "MIG-slice":
            raise FakeError("not found")
        return FakeGpu("MIG-slice", name="Fake slice", millijoules=None)

    def nvmlDeviceGetUUID(self, gpu: FakeGpu) -> str:  # noqa: N802
        return gpu.uuid

    def nvmlDeviceGetName(self, gpu: FakeGpu) -> str:  # noqa: N802
        return gpu.name

    def nvmlDeviceGetTotalEnergyConsumption(self, gpu: FakeGpu) -> int:  # noqa: N802
        return offered(gpu.millijoules)

    def nvmlDeviceGetMemoryInfo(self, gpu: FakeGpu) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(used=offered(gpu.used), total=gpu.total)

    def nvmlDeviceGetTemperature(self, gpu: FakeGpu, sensor: int) -> int:  # noqa: N802
        assert sensor == self.NVML_TEMPERATURE_GPU
        return offered(gpu.degrees)

    def nvmlDeviceGetClockInfo(self, gpu: FakeGpu, clock: int) -> int:  # noqa: N802
        assert clock == self.NVML_CLOCK_SM
        return offered(gpu.megahertz)

    def nvmlDeviceGetUtilizationRates(self, gpu: FakeGpu) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(gpu=offered(gpu.percent), memory=99)

    def nvmlDeviceGetCudaComputeCapability(self, gpu: FakeGpu) -> tuple[int, int]:  # noqa: N802
        return offered(gpu.capability)


def offered(value: Any) -> Any:
    if value is None:
        raise FakeError("Not Supported")
    return value


TWO = (FakeGpu("GPU-aaaa-1"), FakeGpu("GPU-bbbb-2", name="Fake 100", millijoules=2500))


def install(monkeypatch: pytest.MonkeyPatch, nvml: FakeNvml) -> FakeNvml:
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return nvml


def readings(meter: object) -> list[object]:
    names = ("energy_joules", "used_memory_bytes", "temperature_celsius", "clock_megahertz", "busy_fraction")
    return [getattr(meter, name)() for name in names]


def test_a_meter_gives_readings_in_the_units_of_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, FakeNvml(TWO))
    assert readings(gpu_meter("cuda:0")) == [12345.678, 3221225472, 41.0, 1980, 0.25]


def test_a_meter_reads_the_gpu_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, FakeNvml(TWO))
    assert gpu_meter("cuda:1").energy_joules() == 2.5
    assert gpu_meter("cuda").energy_joules() == 12345.678


def test_a_meter_follows_the_numbering_of_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, FakeNvml(TWO))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert gpu_meter("cuda:0").energy_joules() == 2.5
    assert isinstance(gpu_meter("cuda:1"), NullMeter)


def test_a_reading_a_gpu_does_not_offer_is_none_and_spoils_no_other() -> None:
    gpu = FakeGpu("GPU-old", millijoules=None, used=None, degrees=None, megahertz=None, percent=None)
    assert readings(NvmlMeter(FakeNvml((gpu,)), gpu)) == [None] * 5
    warm = FakeGpu("GPU-warm", millijoules=None, degrees=70)
    assert readings(NvmlMeter(FakeNvml((warm,)), warm)) == [None, 3221225472, 70.0, 1980, 0.25]


@pytest.mark.parametrize("device", ["cpu", "mps"])
def test_another_device_has_a_null_meter_and_leaves_nvml_alone(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    nvml = install(monkeypatch, FakeNvml(TWO))
    assert readings(gpu_meter(device)) == [None] * 5
    assert nvml.started == 0


def test_without_a_driver_the_meter_is_null(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, FakeNvml((), start_fails="NVML Shared Library Not Found"))
    assert readings(gpu_meter("cuda:0")) == [None] * 5


def test_a_session_is_stopped_even_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = install(monkeypatch, FakeNvml(TWO))
    with pytest.raises(ZeroDivisionError), nvml_session():
        raise ZeroDivisionError
    assert (nvml.started, nvml.stopped) == (1, 1)


def test_the_problem_is_what_nvml_says(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, FakeNvml((), start_fails="Driver Not Loaded"))
    assert nvml_problem() == "Driver Not Loaded"
    nvml = install(monkeypatch, FakeNvml(()))
    assert nvml_problem() is None
    assert (nvml.started, nvml.stopped) == (1, 1)


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (None, ["GPU-aaaa-1", "GPU-bbbb-2"]),
        ("", []),
        ("-1", []),
        ("1,0", ["GPU-bbbb-2", "GPU-aaaa-1"]),
        (" 1 , 0 ", ["GPU-bbbb-2", "GPU-aaaa-1"]),
        ("1,7,0", ["GPU-bbbb-2"]),
        ("0,-1,1", ["GPU-aaaa-1"]),
        ("0,0", []),
        ("GPU-b", ["GPU-bbbb-2"]),
        ("GPU-bbbb-2,GPU-a", ["GPU-bbbb-2", "GPU-aaaa-1"]),
        ("GPU-", []),
        ("GPU-c", []),
        ("MIG-slice", ["MIG-slice"]),
        ("MIG-gone", []),
        ("none", []),
    ],
)
def test_the_visible_gpus_are_those_that_cuda_shows(selection: str | None, expected: list[str]) -> None:
    assert [gpu.uuid for gpu in visible_gpus(FakeNvml(TWO), selection)] == expected


def test_gpus_are_numbered_as_cuda_numbers_them(monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = install(monkeypatch, FakeNvml(TWO))
    assert gpus("1,0") == (
        CudaDevice(0, "Fake 100", 85899345920, "580.1", (9, 0)),
        CudaDevice(1, "Fake 9000", 85899345920, "580.1", (9, 0)),
    )
    assert (nvml.started, nvml.stopped) == (1, 1)


def test_what_a_gpu_does_not_tell_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, FakeNvml((FakeGpu("GPU-shy", used=None, capability=None),)))
    assert gpus(None) == (CudaDevice(0, "Fake 9000", None, "580.1", None),)


def test_without_a_driver_there_are_no_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, FakeNvml(TWO, start_fails="NVML Shared Library Not Found"))
    assert gpus(None) == ()
