"""The Ultralytics settings a workload trains with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.suite.model import Level, Workload
from bench.workloads.models import model_file

EPOCHS = 100_000
"""Epochs Ultralytics plans for.

More than a launch can want: a suite has at most 10 000 rounds, and epochs of the smallest workloads would fill an hour.
So the learning rate hardly falls, unless ``learning_rate_schedule`` plans it over the epochs that are really meant.
"""

STEADY: dict[str, Level] = {
    # Every epoch of a trial must do the same work, and nothing may be switched on or off behind its back.
    "amp": False,
    # Where albumentations is installed, Ultralytics would blur and recolour some pictures with it.
    "augmentations": [],
    "channels_last": False,
    "close_mosaic": 0,
    "optimizer": "SGD",
    "patience": 0,
    "plots": False,
    "pretrained": False,
    "verbose": False,
    "warmup_epochs": 0,
}
"""Settings in which the harness departs from Ultralytics' defaults, unless the suite sets them."""


def training_settings(workload: Workload, device: str, data: Path, folder: Path) -> dict[str, Any]:
    """Return the settings of one trial.

    Args:
        workload: what is trained.
        device: the device ``workload.device`` stands for here: cpu or cuda:N.
        data: YOLO data YAML of the trial's private view.
        folder: where Ultralytics writes its own results.
    """
    return {
        **STEADY,
        **workload.settings,
        "model": model_file(workload.model),
        "data": str(data),
        "imgsz": workload.image_size,
        "batch": workload.batch,
        "device": device,
        "seed": workload.seed,
        "epochs": EPOCHS,
        "project": str(folder),
        "name": "train",
        "exist_ok": True,
    }
