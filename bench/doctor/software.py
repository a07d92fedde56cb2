"""Findings about what training is built from: compiler, packages, settings, and the levels that can run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bench.doctor.conditions import Conditions
from bench.doctor.finding import Finding, Status
from bench.environment.machine import Machine
from bench.optimizations.base import Optimization
from bench.suite.combination import level_text

TESTED = {"torch": ("2.14.1", "2.15.0"), "ultralytics": ("8.4.190", "8.4.190")}
"""Oldest and newest version with which the harness has been tested."""


def compiler_finding(machine: Machine, conditions: Conditions) -> Finding:
    """Return whether torch.compile finds what it builds kernels with."""
    if not machine.cpp_compiler:
        consequence = "torch.compile cannot build kernels for the processor; install g++ or name another in CXX"
        return Finding("C++ compiler", Status.MISSING, "none", consequence)
    if not conditions.python_headers:
        consequence = "torch.compile cannot build its kernels; install Python's development headers"
        return Finding("C++ compiler", Status.MISSING, "found, but Python.h is not", consequence)
    return Finding("C++ compiler", Status.OK, "found, with Python's headers")


def version_finding(package: str, installed: str | None) -> Finding:
    """Return whether the harness has been tested with a version of one of the packages in ``TESTED``."""
    oldest, newest = TESTED[package]
    tested = oldest if oldest == newest else f"{oldest} to {newest}"
    if installed is None:
        return Finding(package, Status.MISSING, "not installed", f"nothing can be trained; tested with {tested}")
    if not release(oldest) <= release(installed) <= release(newest):
        consequence = f"tested with {tested}; heed the evidence column, since settings and defaults move"
        return Finding(package, Status.WARNING, installed, consequence)
    return Finding(package, Status.OK, installed)


def threads_finding(conditions: Conditions) -> Iterator[Finding]:
    """Yield a warning where the environment sets the number of threads."""
    if conditions.omp_num_threads is not None:
        text = f"OMP_NUM_THREADS={conditions.omp_num_threads}"
        consequence = "the suite's threads are what counts; unset it so that nothing else heeds it"
        yield Finding("threads", Status.WARNING, text, consequence)


def levels_finding(optimization: type[Optimization], machine: Machine) -> Finding:
    """Return which of an optimization's usual levels cannot run on ``machine``, and why."""
    reasons: dict[str, list[str]] = {}
    for level in optimization.usual_levels:
        reason = optimization.unavailable(level, machine)
        if reason is not None:
            reasons.setdefault(reason, []).append(level_text(level))
    if not reasons:
        levels = ", ".join(map(level_text, optimization.usual_levels))
        return Finding(optimization.name, Status.OK, f"can run here: {levels}")
    text = "; ".join(f"{', '.join(levels)}: {reason}" for reason, levels in reasons.items())
    consequence = "combinations with these levels are shown as not run"
    return Finding(optimization.name, Status.MISSING, f"cannot run here: {text}", consequence)


def release(version: str) -> tuple[int, ...]:
    """Return the numbers a version starts with: (2, 15, 0) for ``2.15.0+cpu``."""
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(number) for number in match[0].split(".")) if match else ()
