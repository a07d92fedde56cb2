"""The parent's handle of one trial."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import psutil

from bench.errors import BenchError
from bench.measurements.base import Burst
from bench.optimizations.base import Evidence
from bench.suite.model import MeasurementName
from bench.trials.child import run_trial
from bench.trials.messages import (
    Failed,
    GoOn,
    MakeBurst,
    Measured,
    Ready,
    ShowEvidence,
    Shown,
    StandingStill,
    TraceEpoch,
    TrialSpec,
)
from bench.trials.outcome import Failure
from bench.trials.revision import Revision, importing_from
from bench.trials.warden import Warden, kill_group

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

Answer = TypeVar("Answer", bound=Ready | StandingStill | Measured | Shown)

Target = Callable[[Connection, TrialSpec], None]
"""What a trial's process runs: it talks over the connection as ``bench.trials.child`` does."""

OUTPUT_SHOWN = 2000
"""Characters of a dead trial's output that go into its failure."""

SECONDS_TO_DIE = 10.0
"""How long killed processes are waited for; one that a driver holds on to takes seconds."""


class TrialFailedError(BenchError):
    """A trial is over before its time."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(f"a trial failed: {failed.failure.value}: {failed.message}")
        self.failed = failed


class Trial:
    """One combination alive in a process group of its own, frozen except while it is asked for something.

    Not shared with the parent: memory, files, device context. Shared: the processor cores of its block, the
    machine's page cache, and, from the fork server, the pages of imported code.
    """

    def __init__(
        self,
        spec: TrialSpec,
        context: ForkServerContext | SpawnContext,
        warden: Warden,
        timeout: float,
        target: Target | None = None,
        revision: Revision | None = None,
    ) -> None:
        """Start the trial's process.

        Args:
            spec: what it has to know.
            context: the way it is started.
            warden: ends it when this process is killed.
            timeout: longest it may take to answer, in seconds.
            target: what the process runs; probed training unless told.
            revision: the commit whose code it runs; this process's own unless told.
        """
        self.spec = spec if revision is None else replace(spec, checkout=revision.checkout)
        self._timeout = timeout
        self._warden = warden
        spec.folder.mkdir(parents=True)
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=target or run_trial, args=(theirs, self.spec), daemon=False)
        self._began = time.perf_counter()
        with importing_from(revision.import_path if revision else None):
            self._process.start()
        theirs.close()
        self._in_burst = False
        assert self._process.pid is not None
        self._group = self._process.pid
        warden.watch(self._group)

    @property
    def group(self) -> int:
        """Number of the trial's process group, and of its main process."""
        return self._group

    def ready(self) -> Ready:
        """Wait until the trial stands before its first epoch, and freeze it.

        The answer's ``setup["start"]`` is the time from asking for a process to its first instruction.

        Raises:
            TrialFailedError: it never got there.
        """
        answer = self._answer(Ready)
        seconds = time.perf_counter() - self._began
        return Ready({**answer.setup, "start": seconds - answer.setup["ready"], "ready": seconds}, answer.facts)

    def measure(self, measurement: MeasurementName, epochs: int = 1) -> Burst:
        """Thaw the trial for one burst of ``epochs`` epochs, where it is of epochs; each may take the time-out.

        Raises:
            TrialFailedError: the burst was not completed.
        """
        burst = self.take_turn(measurement, None, epochs)
        assert burst is not None  # a turn without an end is the whole burst
        return burst

    def take_turn(self, measurement: MeasurementName, seconds: float | None, epochs: int = 1) -> Burst | None:
        """Thaw the trial for about ``seconds`` of a burst of ``epochs``, None for all of it.

        Returns:
            The burst, or None where it takes another turn.

        Raises:
            TrialFailedError: the burst was not completed.
        """
        self._ask(GoOn() if self._in_burst else MakeBurst(measurement, epochs, seconds))
        answer = self._answer(StandingStill, Measured, timeout=self._timeout * epochs)
        self._in_burst = isinstance(answer, StandingStill)
        return answer.burst if isinstance(answer, Measured) else None

    def trace(self, folder: Path, worker: str) -> None:
        """Thaw the trial for one epoch under the profiler, whose trace goes to ``folder``.

        Raises:
            TrialFailedError: the epoch was not completed.
        """
        self._ask(TraceEpoch(folder, worker))
        self._answer(Measured)

    def evidence(self) -> dict[str, Evidence]:
        """Thaw the trial and ask what is in force, by axis.

        Raises:
            TrialFailedError: it could not tell.
        """
        self._ask(ShowEvidence())
        return self._answer(Shown).evidence

    def end(self) -> None:
        """End the whole process group and remove the trial's folder; harmless when repeated."""
        if self._connection.closed:  # the group's number may be somebody else's by now
            return
        kill_group(self._group)
        self._process.kill()  # a trial that was just born has not made its group yet
        self._process.join()
        _wait_for_death(self._group)
        self._warden.forget(self._group)
        self._connection.close()
        shutil.rmtree(self.spec.folder, ignore_errors=True)

    def _ask(self, command: MakeBurst | GoOn | TraceEpoch | ShowEvidence) -> None:
        # Sent first: thawed loader workers would otherwise work ahead until the trial's clock runs.
        with contextlib.suppress(ConnectionError):
            self._connection.send(command)
        self._signal(signal.SIGCONT)

    def _answer(self, *kinds: type[Answer], timeout: float | None = None) -> Answer:
        """Wait for an answer of one of ``kinds``, for the trial's own time-out unless told, then freeze the group."""
        timeout = self._timeout if timeout is None else timeout
        wait([self._connection, self._process.sentinel], timeout=timeout)
        if self._connection.poll():
            try:
                message = self._connection.recv()
            except (EOFError, ConnectionResetError):
                message = self._died()
            except (AttributeError, ImportError, TypeError, ValueError) as error:
                # The code of another commit may answer in words that this one does not have.
                message = Failed(Failure.NOT_COMPARABLE, f"its answer cannot be read here: {error}", self._output())
        elif self._process.exitcode is not None:
            message = self._died()
        else:
            message = Failed(Failure.TIMED_OUT, f"no answer within {timeout:g} s", self._output())
        if not isinstance(message, kinds):
            self._signal(signal.SIGCONT)
            raise TrialFailedError(message)
        self._signal(signal.SIGSTOP)
        return message

    def _died(self) -> Failed:
        """Return how the process ended without a word."""
        self._process.join()
        code = self._process.exitcode or 0
        if code < 0:
            name = signal.Signals(-code).name
            hint = ", as the system does when memory runs out" if name == "SIGKILL" else ""
            return Failed(Failure.CRASHED, f"killed by {name}{hint}", self._output())
        return Failed(Failure.CRASHED, f"exited with status {code}", self._output())

    def _output(self) -> str:
        """Return the end of what the trial printed."""
        try:
            return (self.spec.folder / "output.txt").read_text(errors="replace")[-OUTPUT_SHOWN:]
        except OSError:
            return ""

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._group, number)


def _wait_for_death(group: int) -> None:
    """Wait until the workers of a killed group are gone too, since they write into the trial's folder."""
    deadline = time.monotonic() + SECONDS_TO_DIE
    while group_members(group) and time.monotonic() < deadline:
        time.sleep(0.01)


def group_members(group: int) -> list[int]:
    """Return the processes of a group that can still run; a dead one that nobody has collected cannot."""
    members = []
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError, psutil.Error):
            if os.getpgid(pid) == group and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                members.append(pid)
    return members
