"""Whether the parts of memory sum to the peak that they were taken at."""

from __future__ import annotations

from collections.abc import Mapping

from bench.probes.parts import Part

UNEXPLAINED_ON_HOST = 0.05
UNEXPLAINED_ON_DEVICE = 0.02
"""Shares of the peak that its parts may miss it by, where the kernel counts and where torch's allocator does."""


def unexplained_share(values: Mapping[str, float]) -> float | None:
    """Return the part of the peak that no part explains, as a fraction of 1; below 0 where the parts sum to more.

    Args:
        values: of the measurement ``memory_parts``, in bytes.
    """
    peak = values.get("watched_peak")
    return values["unexplained"] / peak if peak and "unexplained" in values else None


def sum_misses(values: Mapping[str, float]) -> bool:
    """Tell whether the parts miss the peak by more than is allowed for.

    Args:
        values: of the measurement ``memory_parts``, in bytes.
    """
    share = unexplained_share(values)
    # Resident memory has a process in it; what a device's allocator handed out has none.
    on_host = Part.PROCESS.value in values
    return share is not None and abs(share) > (UNEXPLAINED_ON_HOST if on_host else UNEXPLAINED_ON_DEVICE)
