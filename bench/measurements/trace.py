"""One epoch of training under torch's profiler, as a trace that TensorBoard and Perfetto open."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.measurements.base import Burst, Measurement
from bench.probes.clock import HostClock
from bench.probes.phases import Phase

if TYPE_CHECKING:
    from bench.workloads.trainer import ProbedTrainer


class Trace(Measurement):
    """Operators, shapes and memory of one epoch, each phase a named span.

    Not among the measurements of suites: profiling slows what it watches, so nothing of it is compared. Values:
    ``spans`` counts the phases' spans.
    """

    name = "epoch"

    def __init__(self, folder: Path, worker: str) -> None:
        """Prepare to write ``folder/worker.<time>.pt.trace.json``, as the TensorBoard plugin expects it."""
        self._folder = folder
        self._worker = worker
        self._open = ExitStack()
        self._span: Any = None
        self._spans = 0

    def epoch_started(self, trainer: ProbedTrainer) -> None:
        """Start the profiler."""
        from torch.profiler import ProfilerActivity, profile, tensorboard_trace_handler

        activities = [ProfilerActivity.CPU]
        if trainer.device.type == "cuda":
            activities.append(ProfilerActivity.CUDA)
        handler = tensorboard_trace_handler(str(self._folder), worker_name=self._worker)
        self._open.enter_context(
            profile(activities=activities, record_shapes=True, profile_memory=True, on_trace_ready=handler)
        )
        trainer.phases.on_switch = self._switch
        trainer.phases.open(HostClock(), Phase.FIRST_BATCH)

    def epoch_ended(self, trainer: ProbedTrainer) -> Burst:
        """Stop the profiler and have it write the trace."""
        trainer.phases.close()
        trainer.phases.on_switch = None
        self._span.__exit__(None, None, None)
        self._open.close()
        return Burst({"spans": float(self._spans)})

    def _switch(self, ended: Phase, begun: Phase) -> None:
        """End one phase's span and begin the next one's."""
        from torch.profiler import record_function

        if self._span is not None:
            self._span.__exit__(None, None, None)
        self._span = record_function(begun.value)
        self._span.__enter__()
        self._spans += 1
