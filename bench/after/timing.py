"""How long a deployed model takes for a batch, and how much energy."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.probes.nvml import GpuMeter

WARM_UP_CALLS = 5
LEAST_CALLS = 20
MOST_CALLS = 500


@dataclass(frozen=True)
class Timed:
    """Calls of one function.

    Attributes:
        seconds: wall time of each call.
        joules: what the GPU used in all of them together; None where no meter says.
    """

    seconds: tuple[float, ...]
    joules: float | None


def time_calls(call: Callable[[], object], synchronize: Callable[[], None], meter: GpuMeter, seconds: float) -> Timed:
    """Call again and again, after a few calls that are not timed.

    Args:
        call: what is timed.
        synchronize: waits until the device has done what ``call`` gave it; part of the call's time.
        meter: of the device's energy.
        seconds: to go on for, within ``LEAST_CALLS`` and ``MOST_CALLS``.
    """
    for _ in range(WARM_UP_CALLS):
        call()
    synchronize()
    before = meter.energy_joules()
    taken: list[float] = []
    began = time.perf_counter()
    while len(taken) < LEAST_CALLS or (time.perf_counter() - began < seconds and len(taken) < MOST_CALLS):
        start = time.perf_counter()
        call()
        synchronize()
        taken.append(time.perf_counter() - start)
    after = meter.energy_joules()
    return Timed(tuple(taken), None if before is None or after is None else after - before)
