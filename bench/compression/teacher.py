"""Teachers for distillation, made here where the user has none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from bench.workloads.cache import built_once, cache_root


def larger_architecture(architecture: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model's description one scale up, or as it is where it has no larger one.

    Args:
        architecture: what Ultralytics keeps as ``model.yaml``: layers, ``scales`` and the chosen ``scale``.
    """
    larger = deepcopy(dict(architecture))
    scales = list(architecture.get("scales") or ())
    chosen = architecture.get("scale") or (scales[0] if scales else "")
    if chosen in scales[:-1]:
        larger["scale"] = scales[scales.index(chosen) + 1]
    return larger


def untrained_teacher(student: Any) -> Path:
    """Return a checkpoint of a freshly initialised model one scale above ``student``, made once and kept.

    Its weights are seeded, so that every trial has the same teacher; the random state of this process stays as it is.
    """
    import torch
    import ultralytics
    from ultralytics.nn.tasks import DetectionModel

    architecture = larger_architecture(student.yaml)
    text = json.dumps([architecture, ultralytics.__version__, torch.__version__], sort_keys=True, default=str)
    name = hashlib.sha256(text.encode()).hexdigest()[:16]

    def build(folder: Path) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            teacher = DetectionModel(
                architecture, ch=architecture.get("channels", 3), nc=architecture["nc"], verbose=False
            )
        torch.save({"model": teacher, "train_args": {}}, folder / "teacher.pt")

    return built_once(cache_root() / "teachers" / name, build) / "teacher.pt"
