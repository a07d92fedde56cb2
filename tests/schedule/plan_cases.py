"""Suites, machines and plans that are easy to work out by hand."""

from __future__ import annotations

from typing import Any

from bench.environment import CudaDevice, Machine
from bench.optimizations.registry import registry
from bench.schedule.plan import Plan, make_plan
from bench.suite.combination import Combination
from bench.suite.design import Row, expand
from bench.suite.model import Budget, Suite, Workload

BASELINE = Combination.of({"axis": 0})
GB = 1_000_000_000


def numbered(count: int) -> tuple[Combination, ...]:
    """The baseline and ``count`` others."""
    return (BASELINE, *(Combination.of({"axis": number}) for number in range(1, count + 1)))


def plan_of(
    running: tuple[Combination, ...],
    block_size: int,
    launches: int = 2,
    cores: tuple[int, ...] = (0, 1, 2, 3),
    wanted: dict[Combination, int] | None = None,
    not_run: int = 0,
) -> Plan:
    """A plan of ``running`` with ``not_run`` further rows that are not run."""
    absent = tuple(Row(Combination.of({"axis": -number}), "excluded") for number in range(1, not_run + 1))
    rows = tuple(Row(each, None) for each in running) + absent
    return Plan(rows, "cpu", launches, block_size, cores, wanted or dict.fromkeys(running, 1), seed=0)


def suite_of(**changes: Any) -> Suite:
    """Two axes of two levels on 64 generated pictures of 160 pixels, three rounds."""
    given: dict[str, Any] = {
        "name": "mine",
        "workload": Workload(model="yolo26n.yaml"),
        "axes": {"precision": ("fp32", "bf16"), "memory_format": ("contiguous", "channels_last")},
        "budget": Budget(rounds=3, time=None),
    }
    return Suite(**given | changes)


def machine_of(memory_bytes: int = 64 * GB, gpus: tuple[int | None, ...] = ()) -> Machine:
    """A machine of 16 cores, and GPUs with so many bytes of memory."""
    cuda = tuple(CudaDevice(index, "GPU", memory, "580.1", (9, 0)) for index, memory in enumerate(gpus))
    return Machine(cores=16, memory_bytes=memory_bytes, cuda=cuda, cpp_compiler=True)


def planned(suite: Suite, machine: Machine, device: str) -> Plan:
    """The plan of a suite on a machine."""
    return make_plan(suite, expand(suite, machine), machine, tuple(range(machine.cores)), device, registry())
