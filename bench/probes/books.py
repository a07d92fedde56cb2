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
        total: held now; what the parts have to sum to.
        used: what of that something needs, less than ``total`` by what the allocator keeps for later.
        most_used: the most that something needed at once since the peak was last forgotten, where that is booked
            even inside an operation; else as ``used``.
    """

    total: int
    used: int
    most_used: int


class Books(Protocol):
    """One device's memory."""

    def read(self) -> Page:
        """Return what is held."""

    def peak(self) -> int:
        """Return the most bytes held at once since the peak was last forgotten."""

    def forget_peak(self) -> None:
        """Count the peak anew from now on."""


class HostBooks:
    """Resident memory of this process, counted by the kernel, and the heap's free chunks in it.

    Where the C library keeps no books of its heap, all that is held counts as used.
    """

    def read(self) -> Page:
        """Return resident bytes."""
        total = resident().current
        used = total - (held_free_bytes() or 0)
        return Page(total, used, used)

    def peak(self) -> int:
        """Return the kernel's high-water mark."""
        return resident().peak

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
        """Return allocated bytes."""
        import torch

        books = torch.cuda.memory_stats_as_nested_dict(self._device)
        allocated, requested = books["allocated_bytes"]["all"], books["requested_bytes"]["all"]
        return Page(int(allocated["current"]), int(requested["current"]), int(requested["peak"]))

    def peak(self) -> int:
        """Return the allocator's peak of allocated bytes."""
        import torch

        return int(torch.cuda.max_memory_allocated(self._device))

    def forget_peak(self) -> None:
        """Reset the allocator's peaks."""
        import torch

        torch.cuda.reset_peak_memory_stats(self._device)


def bytes_in_use() -> int:
    """Return the resident bytes of this process that are not in free chunks of the heap."""
    return HostBooks().read().used
