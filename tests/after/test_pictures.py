"""Pictures to calibrate a deployed model on are plain, whatever augments those of training."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from ultralytics.cfg import get_cfg
from ultralytics.data.build import build_yolo_dataset
from ultralytics.data.utils import check_det_dataset

from bench.after.pictures import training_pictures
from bench.environment import Machine
from bench.optimizations.registry import registry
from bench.probes.phases import PhaseLedger
from bench.suite.model import Level, Workload
from bench.workloads.data import prepare_data

AUGMENTATION = registry()["augmentation"]


def trainer_with(level: Level, workload: Workload) -> Any:
    """What calibrating reads of a trainer that augments at ``level``."""
    settings = get_cfg(overrides={"imgsz": 64, "augmentations": [], "multi_scale": 0.5})
    data = check_det_dataset(str(prepare_data(workload.data)))
    dataset = build_yolo_dataset(settings, data["train"], 4, data)
    trainer = SimpleNamespace(
        args=settings,
        phases=PhaseLedger(),
        train_loader=SimpleNamespace(dataset=dataset),
        test_loader=SimpleNamespace(dataset=SimpleNamespace(imgsz=64)),
        preprocess_batch=lambda batch: batch | {"img": batch["img"].float() / 255},
    )
    augmentation = AUGMENTATION(level, workload)
    augmentation.prepare_dataset(trainer, dataset, "train")
    augmentation.prepare_training(trainer)
    return trainer


@pytest.mark.parametrize("level", AUGMENTATION.usual_levels)
def test_calibration_pictures_are_not_augmented(tiny_workload: Workload, level: Level) -> None:
    reason = AUGMENTATION.unavailable(level, Machine.here())
    if reason is not None:
        pytest.skip(reason)
    trainer = trainer_with(level, tiny_workload)
    plain = trainer_with("none", tiny_workload).train_loader.dataset
    # Pictures of 64 pixels are neither scaled nor padded: what is in the files, from 0 to 1, red first.
    files = [torch.from_numpy(plain.load_image(index)[0][..., ::-1].copy()) for index in range(3)]
    expected = torch.stack(files).permute(0, 3, 1, 2).float() / 255
    assert torch.equal(training_pictures(trainer, 3), expected)
    assert trainer.train_loader.dataset.augment, "training goes on with its augmentation"
    assert trainer.args.multi_scale == 0.5
