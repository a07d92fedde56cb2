"""The trial's side: real training that stops between epochs to do as its handle says."""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.measurements.base import Measurement
from bench.optimizations.base import Optimization
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
from bench.trials.revision import OtherCodeError, check_imported

OUT_OF_MEMORY_PHRASES = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "not enough memory",
    "cublas_status_alloc_failed",
)
"""What the messages of errors say, in lower case, when a device or the machine is full."""


class TrialOverError(Exception):
    """The handle wants no more bursts; leaves Ultralytics' loop wherever it waits."""


class TrainingEndedError(RuntimeError):
    """Ultralytics' loop came to its end though the handle wants more bursts."""


def run_trial(connection: Connection, spec: TrialSpec) -> None:
    """Train with probes until the handle hangs up; the target of a trial's process."""
    from bench.optimizations.registry import registry

    live_as_trial(connection, spec, lambda: train_with_probes(connection, spec, registry(spec.project)))


def live_as_trial(connection: Connection, spec: TrialSpec, train: Callable[[], None]) -> None:
    """Make this process a trial: a group of its own, on its cores, its output in its folder; then ``train``."""
    os.setsid()
    # A process born of a fork server would start loader workers from one too; Ultralytics gets Python's own way.
    multiprocessing.set_start_method(None, force=True)
    os.sched_setaffinity(0, spec.cores)
    if spec.compiler_caches is not None:
        _keep_compiled_in(spec.compiler_caches)
    _send_output_to(spec.folder / "output.txt")
    try:
        train()
    except TrialOverError:
        pass
    except BaseException as error:
        with contextlib.suppress(ConnectionError):
            connection.send(_failed(error))
    sys.stdout.flush()
    # Interpreter shutdown joins loader workers and frees compiled code: seconds that serve nobody.
    os._exit(0)


def train_with_probes(connection: Connection, spec: TrialSpec, known: Mapping[str, type[Optimization]]) -> None:
    """Build the probed trainer and run Ultralytics' own loop.

    Args:
        connection: to the handle.
        spec: what to train.
        known: the optimizations that its levels name.
    """
    began = time.perf_counter()
    from bench.optimizations.registry import application_order
    from bench.probes.learning_curve import LearningCurve
    from bench.workloads.settings import training_settings
    from bench.workloads.trainer import probed
    from bench.workloads.trainers import load_trainer, trainer_for
    from bench.workloads.view import make_view

    base = load_trainer(spec.workload.trainer, spec.project)
    _check_code(spec)

    imported = time.perf_counter()
    data = make_view(spec.data, spec.folder / "data")
    viewed = time.perf_counter()
    # Ultralytics prefers a file of the working folder to its own of the same name. Until here the user's folder was
    # needed: a relative path in the data YAML may start from it.
    os.chdir(spec.folder)
    settings = training_settings(spec.workload, spec.device, data, spec.folder)
    optimizations = {
        name: known[name](level=spec.levels[name], workload=spec.workload)
        for name in application_order(spec.levels, known)
    }
    for optimization in optimizations.values():
        optimization.configure(settings)
    trainer_class = probed(trainer_for(base, settings["model"]))
    trainer = trainer_class(settings, tuple(optimizations.values()), spec.workload.threads)
    trainer.setup |= {"import": imported - began, "view": viewed - imported}
    trainer.learning_curve = LearningCurve(spec.learning.images)
    trainer.learning_curve.attach(trainer)
    trainer.add_callback("on_train_start", lambda trainer: _check_code(spec))  # much is imported where it is needed
    conductor = Conductor(connection, began)
    trainer.add_callback("on_train_epoch_start", conductor.epoch_starts)
    trainer.add_callback("on_train_batch_end", lambda trainer: trainer.turns.offer())
    trainer.add_callback("on_fit_epoch_end", conductor.epoch_ended)
    trainer.train()
    raise TrainingEndedError(f"training ended by itself after {trainer.epoch + 1} of {trainer.epochs} planned epochs")


def _check_code(spec: TrialSpec) -> None:
    """Make sure that a trial of a commit runs the code of that commit."""
    if spec.checkout is not None:
        check_imported(spec.checkout, sys.modules, sys.path)


class Conductor:
    """Stops the training loop before each epoch until the handle says how to go on."""

    def __init__(self, connection: Connection, began: float) -> None:
        self._connection = connection
        self._began = began
        self._measuring: Measurement | None = None
        self._ready = False

    def epoch_starts(self, trainer: Any) -> None:
        """Tell the handle that the trial is ready, then obey until a burst needs an epoch."""
        if not self._ready:
            self._ready = True
            built = facts(trainer)
            seconds = time.perf_counter() - self._began
            rest = seconds - sum(trainer.setup.values())
            self._send(Ready({**_preloaded(), **trainer.setup, "rest": rest, "ready": seconds}, built))
        while self._measuring is None:
            self._obey(trainer)
        self._measuring.epoch_started(trainer)

    def epoch_ended(self, trainer: Any) -> None:
        """Send the burst when it is complete."""
        burst = self._measuring.epoch_ended(trainer) if self._measuring else None
        if burst is not None:
            self._measuring = None
            trainer.turns.begin(None)
            self._send(Measured(burst))

    def _stand_still(self) -> None:
        """Let the other trials have their turns."""
        self._send(StandingStill())
        if not isinstance(self._receive(), GoOn):
            raise TrialOverError

    def _receive(self) -> object:
        """Wait for a command."""
        try:
            return self._connection.recv()
        except (EOFError, ConnectionError):
            raise TrialOverError from None

    def _send(self, answer: Ready | StandingStill | Measured | Shown) -> None:
        """Answer the handle."""
        try:
            self._connection.send(answer)
        except ConnectionError:
            raise TrialOverError from None

    def _begin(self, measurement: Measurement, trainer: Any) -> None:
        """Send a burst that needs no epoch at once; else let the loop run on for it."""
        burst = measurement.start(trainer)
        if burst is None:
            self._measuring = measurement
        else:
            self._send(Measured(burst))

    def _obey(self, trainer: Any) -> None:
        """Wait for one command and carry it out."""
        from bench.measurements.registry import MEASUREMENTS
        from bench.measurements.trace import Trace

        command = self._receive()
        if isinstance(command, MakeBurst):
            trainer.turns.begin(command.turn, self._stand_still)
            self._begin(MEASUREMENTS[command.measurement](command.epochs), trainer)
        elif isinstance(command, TraceEpoch):
            self._begin(Trace(command.folder, command.worker), trainer)
        elif isinstance(command, ShowEvidence):
            self._send(Shown({each.name: each.evidence(trainer) for each in trainer.optimizations}))
        else:
            raise TrialOverError


def _preloaded() -> dict[str, float]:
    """Return the seconds that the fork server's imports took, which each of its trials is spared; empty without one."""
    preload = sys.modules.get("bench.trials.preload")
    return {} if preload is None else {"preload": preload.SECONDS}


def facts(trainer: Any) -> dict[str, Any]:
    """Return what was built, in counts, and what the optimizations say of how it can be measured."""
    from ultralytics.utils.torch_utils import unwrap_model

    from bench.probes.operations import forward_gflops
    from bench.workloads.trainer import trained_by

    model = unwrap_model(trainer.model)
    model = getattr(model, "student_model", model)
    parameters = list(unwrap_model(trainer.model).parameters())
    return {
        "parameters": sum(parameter.numel() for parameter in parameters),
        "trainable_parameters": sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
        "layers": sum(1 for module in model.model.modules() if not any(True for _ in module.children())),
        "gflops": forward_gflops(model, trainer.args.imgsz),
        "images": len(trainer.train_loader.dataset),
        "batches": len(trainer.train_loader),
        "batch": trainer.batch_size,
        "accumulate": trainer.accumulate,
        "optimizer": type(trainer.optimizer).__name__,
        "trainer": trained_by(type(trainer)).__name__,
        "workers": trainer.train_loader.num_workers,
        "repeats_after": math.lcm(*(each.repeats_after(trainer) for each in trainer.optimizations)),
        "settles_after": max(
            [_warm_up_epochs(trainer), *(each.settles_after(trainer) for each in trainer.optimizations)]
        ),
        "unseen_by_fixed_batches": [each.name for each in trainer.optimizations if not each.seen_by_fixed_batches],
    }


def _warm_up_epochs(trainer: Any) -> int:
    """Return in how many epochs Ultralytics' own warm-up changes how many batches a step accumulates."""
    return math.ceil(trainer.args.warmup_epochs) if trainer.accumulate > 1 else 0


def _keep_compiled_in(folder: Path) -> None:
    """Let torch's compilers look in ``folder`` for what was compiled before, whatever the environment says."""
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(folder)
    os.environ["TRITON_CACHE_DIR"] = str(folder / "triton")


def _send_output_to(file: Path) -> None:
    """Write all that this process and its children print to ``file``."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(descriptor, stream)


def _failed(error: BaseException) -> Failed:
    """Return what a failure is called."""
    text = str(error).lower()
    if type(error).__name__ == "LossNotFiniteError":
        failure = Failure.LOSS_NOT_FINITE
    elif isinstance(error, OtherCodeError):
        failure = Failure.NOT_COMPARABLE
    elif (
        isinstance(error, MemoryError)
        or "outofmemory" in type(error).__name__.lower()
        or any(phrase in text for phrase in OUT_OF_MEMORY_PHRASES)
    ):
        failure = Failure.OUT_OF_MEMORY
    else:
        failure = Failure.EXCEPTION
    first_line = (str(error).strip().splitlines() or [""])[0]
    return Failed(failure, f"{type(error).__name__}: {first_line}", traceback.format_exc())
