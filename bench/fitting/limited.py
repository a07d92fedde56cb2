"""A trial that may not take more memory than it is granted: the trial's own side."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from bench.trials.child import run_trial
from bench.trials.messages import TrialSpec


@dataclass(frozen=True)
class LimitedTrial:
    """What the process of a limited trial runs.

    A single large allocation comes faster than any look from outside, so the system is told to refuse it.

    Attributes:
        host: bytes of the host's memory that it may take beyond what it has when it starts.
        device: bytes of the GPU's memory that torch may take; None on a processor.
    """

    host: int
    device: int | None

    def __call__(self, connection: Connection, spec: TrialSpec) -> None:
        """Set the limits, then train with probes."""
        if self.device is None:
            limit = private_bytes() + self.host
            _, most = resource.getrlimit(resource.RLIMIT_DATA)
            limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
            resource.setrlimit(resource.RLIMIT_DATA, (limit, most))
        else:
            import torch

            total = torch.cuda.get_device_properties(spec.device).total_memory
            torch.cuda.set_per_process_memory_fraction(min(1.0, self.device / total), spec.device)
        run_trial(connection, spec)


def private_bytes() -> int:
    """Return the bytes of this process that count towards the system's limit on data."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0
