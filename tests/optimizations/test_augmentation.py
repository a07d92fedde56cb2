"""Augmentation acts in loader workers and on batches, leaves plain pictures plain, and says what it cannot do."""

from __future__ import annotations

import importlib.util

import pytest
from odd_trials import LOOK, run_trial_with_look
from starting import StartTrial

import bench.trials.trial
from bench.environment import Machine
from bench.errors import InputError
from bench.optimizations.augmentation import Augmentation
from bench.suite.model import Level, Workload
from bench.workloads.data import prepare_data

LIBRARIES = [level for level in Augmentation.usual_levels if level not in ("ultralytics", "none")]


def skip_where_missing(level: Level) -> None:
    reason = Augmentation.unavailable(level, Machine.here())
    if reason is not None:
        pytest.skip(reason)


def test_libraries_act_in_loader_workers(start_trial: StartTrial) -> None:
    skip_where_missing("imgaug-full")
    trial = start_trial({"augmentation": "imgaug-full", "loader_workers": 2})
    trial.ready()
    trial.measure("epoch")
    assert {name: each.in_force for name, each in trial.evidence().items()} == {
        "augmentation": True,
        "loader_workers": True,
    }


def test_composites_of_loader_workers_are_counted(start_trial: StartTrial) -> None:
    trial = start_trial({"mosaic": 0.5, "mixup": "on", "augmentation": "ultralytics", "loader_workers": 2})
    trial.ready()
    trial.measure("epoch")
    evidence = trial.evidence()
    assert not {name: each for name, each in evidence.items() if not each.in_force}


@pytest.mark.parametrize("level", ["ultralytics", "albumentations", "kornia-on-batch"])
def test_fixed_batches_are_plain_and_no_evidence(
    start_trial: StartTrial, monkeypatch: pytest.MonkeyPatch, level: Level
) -> None:
    skip_where_missing(level)
    monkeypatch.setattr(bench.trials.trial, "run_trial", run_trial_with_look)
    pixels = []
    for each in ("none", level):
        trial = start_trial({"augmentation": each})
        trial.ready()
        trial.measure("epoch")
        pixels.append(trial.measure(LOOK).values["pixels"])
        trial.measure("forward_backward")
        assert trial.evidence()["augmentation"].in_force
    assert pixels[0] == pixels[1]


@pytest.mark.parametrize("rebuilt", [False, True])
def test_only_the_training_pictures_own_transforms_are_replaced(tiny_workload: Workload, rebuilt: bool) -> None:
    from copy import copy

    from ultralytics.cfg import get_cfg
    from ultralytics.data.augment import Format, LetterBox, RandomHSV
    from ultralytics.data.build import build_yolo_dataset
    from ultralytics.data.utils import check_det_dataset

    from bench.augmentation.libraries import LIBRARIES, picture_step
    from bench.augmentation.picture import AugmentPicture
    from bench.augmentation.pipeline import augment_only_with

    settings = get_cfg(overrides={"imgsz": 64})
    data = check_det_dataset(str(prepare_data(tiny_workload.data)))
    dataset = build_yolo_dataset(settings, data["train"], 4, data)
    assert RandomHSV in {type(each) for each in dataset.transforms.transforms}
    augment_only_with(picture_step(LIBRARIES["torchvision-v2"]), dataset, settings)
    if rebuilt:
        dataset.close_mosaic(copy(settings))
    assert [type(each) for each in dataset.transforms.transforms] == [LetterBox, AugmentPicture, Format]
    assert dataset.augment
    assert settings.mosaic == 1.0
    dataset.augment = False
    assert [type(each) for each in dataset.build_transforms(copy(settings)).transforms] == [LetterBox, Format]


@pytest.mark.parametrize("level", LIBRARIES)
def test_turned_rectangles_are_refused(level: Level) -> None:
    assert Augmentation.conflict({"augmentation": level, "rect": "on"}) is not None
    assert Augmentation.conflict({"augmentation": level, "rect": "off"}) is None
    assert Augmentation.conflict({"augmentation": level}) is None
    assert Augmentation.conflict({"augmentation": "none", "rect": "on"}) is None


def test_kornia_and_standardised_pixels_are_refused() -> None:
    standardized: dict[str, Level] = {"normalization": "standardize_in_worker"}
    assert Augmentation.conflict({"augmentation": "kornia-on-batch", **standardized}) is not None
    assert Augmentation.conflict({"augmentation": "albumentations", **standardized}) is None
    assert Augmentation.conflict({"augmentation": "kornia-on-batch", "normalization": "scale_in_worker"}) is None


def test_a_missing_library_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    reasons = {level: Augmentation.unavailable(level, Machine.here()) for level in Augmentation.usual_levels}
    assert reasons["imgaug-full"] == "needs the extra imgaug: pip install 'yolo-train-bench[imgaug]'"
    assert reasons["kornia-on-batch"] == "needs the extra kornia: pip install 'yolo-train-bench[kornia]'"
    assert {level for level, reason in reasons.items() if reason is None} == {"ultralytics", "torchvision-v2", "none"}


def test_an_unknown_level_names_the_nearest() -> None:
    with pytest.raises(InputError) as error:
        Augmentation.parse("albumentation-full")
    assert error.value.nearest == "albumentations-full"
