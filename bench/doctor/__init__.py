"""What this machine has, and what that rules out or makes doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bench.doctor import hardware, room, software
from bench.doctor.conditions import Conditions
from bench.doctor.finding import Finding, Status, findings_json, findings_table
from bench.environment.machine import Machine
from bench.optimizations.base import Optimization

__all__ = ["Conditions", "Finding", "Status", "examine", "findings", "findings_json", "findings_table"]


def examine(machine: Machine, known: Mapping[str, type[Optimization]]) -> tuple[Finding, ...]:
    """Return all findings about ``machine``, which has to be this one, under its present conditions.

    Args:
        machine: what ``Machine.here()`` gave.
        known: optimizations by name, such as the registry.
    """
    return findings(machine, Conditions.here(Path.cwd()), known)


def findings(machine: Machine, conditions: Conditions, known: Mapping[str, type[Optimization]]) -> tuple[Finding, ...]:
    """Return what follows from a machine and its conditions; the same for the same arguments."""
    return (
        hardware.gpu_finding(machine, conditions),
        *hardware.gpu_order_finding(machine, conditions),
        hardware.processor_finding(machine, conditions),
        hardware.load_finding(machine, conditions),
        *hardware.governor_finding(conditions),
        *software.threads_finding(conditions),
        room.memory_finding(machine),
        room.swap_finding(conditions),
        room.disk_finding(conditions),
        software.compiler_finding(machine, conditions),
        *(software.version_finding(name, getattr(conditions.versions, name)) for name in software.TESTED),
        *(software.levels_finding(optimization, machine) for optimization in known.values()),
    )
