"""Bare Ultralytics training that stops between epochs: what probed training is compared with."""

from __future__ import annotations

import os
import time
from multiprocessing.connection import Connection
from typing import Any

from bench.measurements.base import Burst
from bench.measurements.epoch import synchronize
from bench.trials.child import live_as_trial
from bench.trials.messages import Measured, Ready, TrialSpec


def run_bare_trial(connection: Connection, spec: TrialSpec) -> None:
    """Train with Ultralytics' own trainer, without a probe on it, until the handle hangs up."""
    live_as_trial(connection, spec, lambda: _train(connection, spec))


def _train(connection: Connection, spec: TrialSpec) -> None:
    """Run Ultralytics' loop; at an epoch's start wait to be asked, at its end tell its seconds."""
    import torch
    from ultralytics.models.yolo.detect import DetectionTrainer

    from bench.workloads.settings import training_settings
    from bench.workloads.view import make_view

    data = make_view(spec.data, spec.folder / "data")
    os.chdir(spec.folder)
    trainer = DetectionTrainer(overrides=training_settings(spec.workload, spec.device, data, spec.folder))
    torch.set_num_threads(spec.workload.threads)
    began = time.perf_counter()

    def epoch_starts(trainer: Any) -> None:
        nonlocal began
        if trainer.epoch == 0:
            connection.send(Ready({"ready": 0.0}, {}))
        connection.recv()
        synchronize(trainer)
        began = time.perf_counter()

    def epoch_ended(trainer: Any) -> None:
        synchronize(trainer)
        connection.send(Measured(Burst({"seconds": time.perf_counter() - began}, {"step": ()})))

    trainer.add_callback("on_train_epoch_start", epoch_starts)
    trainer.add_callback("on_fit_epoch_end", epoch_ended)
    trainer.train()
