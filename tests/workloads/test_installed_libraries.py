"""What happens to be installed changes nothing that is trained on."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.suite.model import Workload
from bench.workloads.settings import training_settings

FOLDER = Path("/nowhere")


def test_albumentations_changes_no_picture_by_being_installed() -> None:
    pytest.importorskip("albumentations")
    from ultralytics.cfg import get_cfg
    from ultralytics.data.augment import Albumentations

    settings = training_settings(Workload(model="yolo26n.yaml"), "cpu", FOLDER / "data.yaml", FOLDER)
    as_installed = Albumentations(transforms=getattr(get_cfg(), "augmentations", None))
    as_trained = Albumentations(transforms=get_cfg(overrides=settings).augmentations)
    assert len(as_installed.transform.transforms) > 0
    assert len(as_trained.transform.transforms) == 0


def test_a_suite_may_ask_for_albumentations_of_its_own() -> None:
    blur = {"__version__": "2.0.8", "transform": {"__class_fullname__": "Blur", "p": 1.0}}
    workload = Workload(model="yolo26n.yaml", settings={"augmentations": [blur]})
    assert training_settings(workload, "cpu", FOLDER / "data.yaml", FOLDER)["augmentations"] == [blur]
