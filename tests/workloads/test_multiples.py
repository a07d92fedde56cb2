"""Model files with other multiples."""

from __future__ import annotations

from typing import Any

import pytest

from bench.workloads.multiples import with_multiples


def test_only_the_chosen_scale_changes() -> None:
    model = {"scale": "s", "scales": {"n": [0.5, 0.25, 1024], "s": [0.5, 0.5, 512]}}
    scaled = with_multiples(model, width=1.5, depth=2)
    assert scaled["scales"] == {"n": [0.5, 0.25, 1024], "s": [1.0, 0.75, 512]}
    assert model["scales"]["s"] == [0.5, 0.5, 512]


def test_without_a_chosen_scale_the_first_counts() -> None:
    model = {"scale": "", "scales": {"n": [0.5, 0.25, 1024], "s": [0.5, 0.5, 512]}}
    assert with_multiples(model, width=2)["scales"]["n"] == [0.5, 0.5, 1024]


@pytest.mark.parametrize(
    ("model", "multiples"),
    [({}, (0.5, 2.0)), ({"depth_multiple": 2.0, "width_multiple": 0.25}, (1.0, 0.5))],
    ids=["not stated", "stated"],
)
def test_a_file_without_scales(model: dict[str, Any], multiples: tuple[float, float]) -> None:
    scaled = with_multiples(model, width=2, depth=0.5)
    assert (scaled["depth_multiple"], scaled["width_multiple"]) == multiples


def test_both_factors_reach_the_layers() -> None:
    from ultralytics.nn.tasks import DetectionModel, yaml_model_load

    # YOLOv8n: the first convolution has 64 x 0.25 = 16 channels; the layers of 3 and 6 repeats have 1 and 2 (x 0.33).
    content = with_multiples(yaml_model_load("yolov8n.yaml"), width=2, depth=2)
    model = DetectionModel(content, verbose=False)
    assert model.model[0].conv.out_channels == 32
    assert [len(model.model[index].m) for index in (2, 4)] == [2, 4]
