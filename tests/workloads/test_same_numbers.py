"""Probes change no number: a probed trial and a bare Ultralytics run lose alike, to the last digit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from starting import StartTrial

from bench.suite.model import Workload
from bench.trials.server import trial_environment
from bench.workloads.data import prepare_data
from bench.workloads.settings import training_settings

BARE = """
import json, sys
import torch
from ultralytics.models.yolo.detect import DetectionTrainer

settings, epochs = json.loads(sys.argv[1]), int(sys.argv[2])
losses = []

class Enough(Exception):
    pass

def note(trainer):
    losses.append(sum(float(value) for value in trainer.tloss.values()))
    if len(losses) == epochs:
        raise Enough

trainer = DetectionTrainer(overrides=settings)
torch.set_num_threads(1)
trainer.add_callback("on_train_epoch_end", note)
try:
    trainer.train()
except Enough:
    print("LOSSES " + json.dumps(losses))
"""


def bare_losses(workload: Workload, folder: Path, epochs: int) -> list[float]:
    """Train with Ultralytics alone, on a copy of the data in a folder of its own."""
    import os
    import shutil

    source = prepare_data(workload.data).parent
    shutil.copytree(source, folder / "data", ignore=shutil.ignore_patterns("*.cache"))
    settings = training_settings(workload, "cpu", folder / "data" / "data.yaml", folder)
    done = subprocess.run(
        [sys.executable, "-c", BARE, json.dumps(settings), str(epochs)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, **trial_environment()},
        check=True,
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("LOSSES "))
    losses: list[float] = json.loads(line.removeprefix("LOSSES "))
    return losses


def test_loss_is_the_same_to_the_last_digit(start_trial: StartTrial, tiny_workload: Workload, tmp_path: Path) -> None:
    trial = start_trial()
    trial.ready()
    probed = [trial.measure("epoch").values["training_loss"] for _ in range(3)]
    assert probed == bare_losses(tiny_workload, tmp_path, epochs=3)
    assert len(set(probed)) == 3
