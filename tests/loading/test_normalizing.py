"""Normalizing by hand, and Ultralytics' own preprocessing around it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from ultralytics.models.yolo.detect import DetectionTrainer, DetectionValidator

from bench.loading.normalizing import normalizing_collate, scale, standardize, standardizing, without_scaling

PIXELS = torch.tensor([[[[0, 255]], [[51, 102]], [[204, 255]]]], dtype=torch.uint8)
"""One picture of one row and two columns, red first."""


def test_scale() -> None:
    assert scale(PIXELS).flatten().tolist() == pytest.approx([0, 1, 0.2, 0.4, 0.8, 1])


def test_standardize_by_hand() -> None:
    # red (0 - 0.485) / 0.229, (1 - 0.485) / 0.229; green (0.2 - 0.456) / 0.224, …; blue (0.8 - 0.406) / 0.225, …
    expected = [-2.117904, 2.248908, -1.142857, -0.25, 1.751111, 2.64]
    assert standardize(scale(PIXELS)).flatten().tolist() == pytest.approx(expected, abs=1e-5)


def test_standardize_refuses_other_channels() -> None:
    with pytest.raises(ValueError, match="3 channels, not for 1"):
        standardize(torch.zeros(1, 1, 2, 2))


def preprocessors() -> list[tuple[Any, Any]]:
    device = torch.device("cpu")
    trainer = SimpleNamespace(device=device, args=SimpleNamespace(multi_scale=0.0))
    validator = SimpleNamespace(device=device, args=SimpleNamespace(quantize=None))
    return [(DetectionTrainer.preprocess_batch, trainer), (DetectionValidator.preprocess, validator)]


@pytest.mark.parametrize(("preprocess", "owner"), preprocessors())
def test_where_it_runs_changes_no_number(preprocess: Any, owner: Any) -> None:
    def batch() -> dict[str, Any]:
        return {"img": PIXELS.clone(), "cls": torch.zeros(1, 1)}

    in_loader = normalizing_collate(lambda samples: batch(), scale)
    assert torch.equal(preprocess(owner, batch())["img"], without_scaling(preprocess)(owner, in_loader([]))["img"])
    standard = normalizing_collate(lambda samples: batch(), lambda images: standardize(scale(images)))
    assert torch.equal(
        standardizing(preprocess)(owner, batch())["img"], without_scaling(preprocess)(owner, standard([]))["img"]
    )


def test_validation_in_half_precision_stays_so() -> None:
    preprocess = without_scaling(DetectionValidator.preprocess)
    validator = SimpleNamespace(device=torch.device("cpu"), args=SimpleNamespace(quantize=16))
    images = preprocess(validator, {"img": scale(PIXELS)})["img"]
    assert images.dtype == torch.float16
    assert images.flatten().tolist() == pytest.approx([0, 1, 0.2, 0.4, 0.8, 1], abs=1e-3)


def test_multi_scale_still_acts_on_what_comes_normalized() -> None:
    settings = SimpleNamespace(multi_scale=0.5, imgsz=64)
    trainer = SimpleNamespace(device=torch.device("cpu"), args=settings, stride=32)
    preprocess = without_scaling(DetectionTrainer.preprocess_batch)
    sizes = {preprocess(trainer, {"img": torch.rand(1, 3, 64, 64)})["img"].shape[2] for _ in range(40)}
    assert sizes == {32, 64, 96}
