"""The processor's name and the policy that sets its clock."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from pathlib import Path

CPU_INFORMATION = Path("/proc/cpuinfo")
CPU_FOLDERS = Path("/sys/devices/system/cpu")


def processor_model(information: Path = CPU_INFORMATION) -> str | None:
    """Return the processor's model as the system names it, or None when it names none."""
    try:
        lines = information.read_text().splitlines()
    except OSError:
        lines = []
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() == "model name" and value.strip():
            return " ".join(value.split())
    return platform.processor() or platform.machine() or None


def frequency_governor(cores: Iterable[int], folders: Path = CPU_FOLDERS) -> str | None:
    """Return the frequency governors of ``cores``, joined where they differ; None where none is readable."""
    found = set()
    for core in cores:
        try:
            found.add((folders / f"cpu{core}" / "cpufreq" / "scaling_governor").read_text().strip())
        except OSError:
            continue
    return ", ".join(sorted(found)) or None
