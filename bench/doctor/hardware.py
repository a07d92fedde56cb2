"""Findings about what training computes with: GPU and processor."""

from __future__ import annotations

from collections.abc import Iterator

from bench.doctor.conditions import Conditions
from bench.doctor.finding import Finding, Status
from bench.environment.machine import Machine


def gpu_finding(machine: Machine, conditions: Conditions) -> Finding:
    """Return which GPUs torch can use, or why there is none."""
    if machine.has_cuda:
        names = ", ".join(f"cuda:{gpu.index} {gpu.name}" for gpu in machine.cuda)
        return Finding("GPU", Status.OK, names)
    consequence = "training runs on the processor; levels that need CUDA cannot run"
    if conditions.nvml_problem is not None:
        text = f"none: NVML says {conditions.nvml_problem!r}"
        consequence += "; with a GPU in place, install NVIDIA's driver"
    elif conditions.versions.torch_cuda is None:
        text = "none that torch can use: it is built without CUDA"
        consequence += "; install a CUDA build of torch"
    else:
        text = "none that CUDA shows; CUDA_VISIBLE_DEVICES can hide them"
    return Finding("GPU", Status.MISSING, text, consequence)


def gpu_order_finding(machine: Machine, conditions: Conditions) -> Iterator[Finding]:
    """Yield a warning where CUDA may number different GPUs otherwise than NVML does."""
    if len({gpu.name for gpu in machine.cuda}) > 1 and conditions.cuda_device_order != "PCI_BUS_ID":
        text = "GPUs of different models, and CUDA_DEVICE_ORDER is not PCI_BUS_ID"
        consequence = "names and energy may be those of another GPU; set CUDA_DEVICE_ORDER=PCI_BUS_ID"
        yield Finding("GPU order", Status.WARNING, text, consequence)


def processor_finding(machine: Machine, conditions: Conditions) -> Finding:
    """Return how many cores there are to compute on."""
    text = f"{_cores(machine.cores)} usable"
    if conditions.core_quota is not None and conditions.core_quota < machine.cores:
        text += f", held to {conditions.core_quota:g} cores' worth of time by a control group"
        return Finding("cores", Status.WARNING, text, "steps stall when the quota is spent; use fewer threads")
    if machine.cores < 2:
        consequence = "loader workers, other programs and training take turns on one core"
        return Finding("cores", Status.WARNING, text, consequence)
    return Finding("cores", Status.OK, text)


def load_finding(machine: Machine, conditions: Conditions) -> Finding:
    """Return whether other programs keep more than half the cores busy."""
    if conditions.load_average is None:
        return Finding("load", Status.MISSING, "load average not available", "look for other programs yourself")
    text = f"load average {conditions.load_average:.2f} on {_cores(machine.cores)}"
    if conditions.load_average > machine.cores / 2:
        return Finding("load", Status.WARNING, text, "intervals grow wide; end other programs or give more time")
    return Finding("load", Status.OK, text)


def governor_finding(conditions: Conditions) -> Iterator[Finding]:
    """Yield a finding about the clock's policy where it can be read."""
    if conditions.governors is None:
        return
    if conditions.governors == "performance":
        yield Finding("governor", Status.OK, conditions.governors)
    else:
        consequence = "the clock follows the load, so steps drift; set the governor to performance"
        yield Finding("governor", Status.WARNING, conditions.governors, consequence)


def _cores(number: int) -> str:
    """Return a number of cores in words."""
    return f"{number} core" if number == 1 else f"{number} cores"
