"""How much memory is in use on the device that trains, as the one who hands it out counts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bench.probes.heap import held_free_bytes
from bench.probes.resident import forget_peak, resident


@dataclass(frozen=True)
class Page:
    """What the books say at one moment, in bytes.

    Attributes:
        total: held now.
        most: the most held at once since the peak was last forgotten, be it inside an operation.
        kept: what of the total nobody needs: what the allocator keeps for later.
    """

    total: int
    most: int
    kept: int


class Books(Protocol):
    """One device's memory."""

    def read(self) -> Page:
        """Return all of it, taken together: the allocator may give back what it keeps at any time."""

    def forget_peak(self) -> None:
        """Count the peak anew from now on."""


class HostBooks:
    """Resident memory of this process, counted by the kernel, and the heap's free chunks in it.

    Where the C library keeps no books of its heap, all that is held counts as needed.
    """

    def read(self) -> Page:
        """Return resident bytes, their high-water mark and those in free chunks of the heap."""
        now, kept = resident(), held_free_bytes()
        return Page(now.current, now.peak, kept or 0)

    def forget_peak(self) -> None:
        """Reset the kernel's high-water mark."""
        forget_peak()


class DeviceBooks:
    """Bytes that torch's CUDA allocator has handed out; kept on the host, so nothing waits for the device.

    Blocks are somewhat larger than what was asked for: that is what this allocator keeps beyond what is needed.
    """

    def __init__(self, device: str) -> None:
        import torch

        self._device = torch.device(device)

    def read(self) -> Page:
        """Return allocated bytes, the most that were, and what blocks are larger than what was asked for."""
        import torch

        books = torch.cuda.memory_stats_as_nested_dict(self._device)
        allocated, requested = books["allocated_bytes"]["all"], books["requested_bytes"]["all"]
        total = int(allocated["current"])
        return Page(total, int(allocated["peak"]), total - int(requested["current"]))

    def forget_peak(self) -> None:
        """Reset the allocator's peaks."""
        import torch

        torch.cuda.reset_peak_memory_stats(self._device)


def bytes_in_use() -> int:
    """Return the resident bytes of this process that are not in free chunks of the heap."""
    page = HostBooks().read()
    return page.total - page.kept
