from __future__ import annotations

import subprocess
import sys

import pytest

from bench.suite.ultralytics_files import is_model_name, model_files, model_names, setting_names


@pytest.mark.parametrize(
    "name",
    ["yolo26n.yaml", "yolo26.yaml", "yolo11x.yaml", "yolov8s-p2.yaml", "yolov10n.yaml", "yolov3-tiny.yaml"],
)
def test_names_that_ultralytics_resolves(name: str) -> None:
    assert is_model_name(name)
    assert name in model_names()


@pytest.mark.parametrize("name", ["yolo26q.yaml", "yolo26n", "yolov10.yaml", "../26/yolo26.yaml", "", "yolo26n.pt"])
def test_names_that_it_does_not(name: str) -> None:
    assert not is_model_name(name)


def test_every_name_offered_is_accepted() -> None:
    assert model_files() <= set(model_names())
    assert all(is_model_name(name) for name in model_names())


def test_settings_are_those_of_the_defaults() -> None:
    assert {"lr0", "mosaic", "imgsz", "augmentations"} <= set(setting_names())


def test_nothing_heavy_is_imported_to_know_this() -> None:
    code = (
        "import sys; from bench.suite.load import load_suite; from bench.suite import ultralytics_files as u;"
        "u.is_model_name('yolo26n.yaml'); u.setting_names();"
        "print(sorted({'torch', 'ultralytics', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
