"""Peaks of memory over an epoch of training or several, by phase; nothing is timed meanwhile."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from bench.measurements.base import Burst, Measurement
from bench.probes.clock import HostClock
from bench.probes.memory import DevicePeaks, HostPeaks, sampled_host_peaks
from bench.probes.phases import Phase

if TYPE_CHECKING:
    from bench.workloads.trainer import ProbedTrainer


class Memory(Measurement):
    """Bytes at the peak of all epochs of a burst.

    Values: ``peak`` (the device allocator's allocated bytes on CUDA, else the host's), ``host`` (proportional set
    size of the trial and all its loader workers at one moment), ``host_main``, ``host_workers``, and
    ``host_<phase>`` for each phase in which a sample fell; on CUDA also ``allocated``, ``reserved``,
    ``allocated_<phase>`` and ``reserved_<phase>``.

    Pages that a trial shares with the fork server and with other trials (imported code, mostly) are divided among
    them, so host figures depend on how many trials are alive; within a round that is the same for all.
    """

    name = "memory"

    def __init__(self, epochs: int = 1) -> None:
        super().__init__(epochs)
        self._ended = 0
        self._open = ExitStack()
        self._host = HostPeaks()
        self._device: DevicePeaks | None = None

    def epoch_started(self, trainer: ProbedTrainer) -> None:
        """Start sampling, with the first epoch."""
        trainer.phases.open(HostClock(), Phase.FIRST_BATCH)
        if self._ended:
            return
        if trainer.device.type == "cuda":
            self._device = DevicePeaks(str(trainer.device))
            trainer.phases.on_switch = self._device.end_phase
        self._host = self._open.enter_context(sampled_host_peaks(trainer.phases))

    def epoch_ended(self, trainer: ProbedTrainer) -> Burst | None:
        """Stop sampling and return the peaks, after the last epoch."""
        self._ended += 1
        if self._ended < self.epochs:
            trainer.phases.close()
            return None
        self._open.close()
        trainer.phases.close()
        trainer.phases.on_switch = None
        host = self._host
        values = {
            "peak": host.total,
            "host": host.total,
            "host_main": host.main,
            "host_workers": host.workers,
        }
        values |= {f"host_{phase.value}": size for phase, size in host.by_phase.items()}
        if self._device is not None:
            device = self._device
            values |= {"allocated": max(device.allocated.values()), "reserved": max(device.reserved.values())}
            values |= {f"allocated_{phase.value}": size for phase, size in device.allocated.items()}
            values |= {f"reserved_{phase.value}": size for phase, size in device.reserved.items()}
            values["peak"] = values["allocated"]
        return Burst({name: float(size) for name, size in values.items()})
