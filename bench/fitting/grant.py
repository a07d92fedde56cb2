"""How much memory a trial may take."""

from __future__ import annotations

from dataclasses import dataclass

from bench.environment import Machine

SHARE_OF_MEMORY = 0.8
"""What is granted of the memory that is free, so that the system never has to end anything."""


@dataclass(frozen=True)
class Grant:
    """Memory that a trial may take, in bytes.

    Attributes:
        host: of the host's memory.
        device: of the GPU's; None on a processor.
    """

    host: int
    device: int | None

    @property
    def deciding(self) -> int:
        """The one that a larger batch takes up."""
        return self.host if self.device is None else self.device


def granted_here(machine: Machine, device: str, share: float = SHARE_OF_MEMORY) -> Grant:
    """Return ``share`` of the host's free memory, and of the GPU's whole memory where ``device`` is one."""
    host = int(share * machine.memory_bytes)
    if device == "cpu":
        return Grant(host, None)
    memory = machine.cuda[int(device.removeprefix("cuda:"))].memory_bytes
    return Grant(host, int(share * (memory or 0)))
