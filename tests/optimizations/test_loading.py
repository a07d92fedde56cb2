"""Decoders, resizers, normalizations, formats and datasets under every measurement, and what they leave alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from starting import StartTrial
from ultralytics.cfg import get_cfg
from ultralytics.data import build_yolo_dataset
from ultralytics.data.utils import check_det_dataset

from bench.environment import Machine
from bench.measurements.registry import MEASUREMENTS
from bench.optimizations.registry import registry
from bench.suite.model import Level, ShapesData, TreesData, Workload
from bench.workloads.data import prepare_data
from bench.workloads.view import make_view

WITH_WORKERS: list[dict[str, Level]] = [
    {"image_decoder": "pillow"},
    {"image_decoder": "torchvision"},
    {"image_resize": "pillow"},
    {"normalization": "standardize_in_worker"},
    {"dataset_format": "webdataset", "image_decoder": "torchvision"},
    {"dataset_format": "memory_mapped"},
    {"coco_dataset": "torchvision", "dataset_format": "webdataset", "normalization": "scale_in_worker"},
]


def skip_where_unavailable(levels: dict[str, Level]) -> None:
    for name, level in levels.items():
        reason = registry()[name].unavailable(level, Machine.here())
        if reason is not None:
            pytest.skip(f"{name}={level}: {reason}")


@pytest.mark.parametrize("levels", WITH_WORKERS, ids=lambda levels: "+".join(map(str, levels.values())))
def test_with_workers_under_every_measurement(
    start_trial: StartTrial, tiny_workload: Workload, levels: dict[str, Level]
) -> None:
    skip_where_unavailable(levels)
    data = ShapesData(images=24, validation_images=8, size=96)
    every = {name: registry()[name].usual_levels[0] for name in ("image_decoder", "image_resize", "image_cache")}
    trial = start_trial(every | {"loader_workers": 2} | levels, tiny_workload.model_copy(update={"data": data}))
    trial.ready()
    trial.measure("epoch")
    bursts = {name: trial.measure(name) for name in MEASUREMENTS}
    assert bursts["data_loading"].values["images_per_second"] > 0
    assert bursts["forward_backward"].values["step"] > 0
    shown = trial.evidence()
    assert not {name: each for name, each in shown.items() if not each.in_force}


def first_loss(start_trial: StartTrial, workload: Workload, levels: dict[str, Level]) -> float:
    trial = start_trial(levels, workload)
    trial.ready()
    loss: float = trial.measure("epoch").values["training_loss"]
    trial.end()
    return loss


def test_formats_and_places_change_no_number(start_trial: StartTrial, tiny_workload: Workload) -> None:
    expected = first_loss(start_trial, tiny_workload, {})
    same: list[dict[str, Level]] = [
        {"dataset_format": "memory_mapped"},
        {"normalization": "scale_in_worker"},
        {"dataset_format": "webdataset"},
    ]
    for levels in same:
        skip_where_unavailable(levels)
        assert first_loss(start_trial, tiny_workload, levels) == expected, levels
    assert first_loss(start_trial, tiny_workload, {"normalization": "standardize_on_device"}) != expected


def test_coco_learns_from_the_same_pictures_and_boxes(start_trial: StartTrial, tiny_workload: Workload) -> None:
    skip_where_unavailable({"coco_dataset": "torchvision"})
    losses = [
        first_loss(start_trial, tiny_workload, {"coco_dataset": level}) for level in ("ultralytics", "torchvision")
    ]
    # Boxes go through pixels and back, in 32-bit floats.
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)


@pytest.mark.parametrize("mode", ["train", "val"])
def test_coco_samples_are_those_of_ultralytics(tmp_path: Path, mode: str) -> None:
    skip_where_unavailable({"coco_dataset": "torchvision"})
    from bench.loading.coco_dataset import as_coco, build_plain_loader

    view = make_view(prepare_data(ShapesData(images=12, validation_images=6, size=96)), tmp_path / "view")
    # Without chance, samples can be compared; the pictures still go through letterboxing and formatting.
    plain = {"mosaic": 0, "fliplr": 0, "translate": 0, "scale": 0, "hsv_h": 0, "hsv_s": 0, "hsv_v": 0}
    cfg = get_cfg(overrides={"imgsz": 64, "augmentations": [], **plain})
    data = check_det_dataset(str(view))
    ours = build_yolo_dataset(cfg, data[mode], 4, data, mode=mode, rect=mode == "val")
    coco = as_coco(ours, cfg, tmp_path / "coco" / f"{mode}.json")
    assert len(coco) == len(ours) > 0
    for index in range(len(ours)):
        assert_same(coco[index], ours[index])
    loader = build_plain_loader(coco, batch=4, workers=2, shuffle=False, device="cpu")
    try:
        assert loader.iterator is None
        iter(loader)
        assert loader.iterator is None, "an iterator that is never used starts no workers"
        for _ in range(2):
            files = [file for batch in loader for file in batch["im_file"]]
            assert files == ours.im_files
        pids = [worker.pid for worker in loader.iterator._workers]
        loader.reset()
        next(iter(loader))
        assert not set(pids) & {worker.pid for worker in loader.iterator._workers}
    finally:
        loader.reset()


def assert_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one.keys() == other.keys()
    assert torch.equal(one["img"], other["img"])
    assert torch.equal(one["cls"], other["cls"])
    assert np.allclose(one["bboxes"], other["bboxes"], atol=1e-6)
    for key in ("im_file", "ori_shape", "resized_shape", "ratio_pad"):
        assert str(one[key]) == str(other[key])


@pytest.mark.parametrize(
    ("levels", "reason"),
    [
        ({"image_decoder": "pillow", "image_cache": "ram"}, "image_cache keeps pictures decoded"),
        ({"image_decoder": "pillow", "dataset_format": "memory_mapped"}, "memory-mapped arrays hold pictures decoded"),
        ({"image_decoder": "nvjpeg", "loader_workers": 2}, "forked loader workers cannot use the GPU"),
        ({"dataset_format": "webdataset", "image_cache": "disk"}, "image_cache keeps its own copy"),
        ({"coco_dataset": "torchvision", "persistent_workers": "off"}, "which coco_dataset=torchvision does without"),
        ({"image_decoder": "opencv", "image_cache": "ram", "dataset_format": "memory_mapped"}, None),
        ({"image_decoder": "nvjpeg", "loader_workers": 0, "image_cache": "none"}, None),
        ({"image_decoder": "pillow"}, None),
        ({"dataset_format": "webdataset", "image_decoder": "pillow"}, None),
        ({"coco_dataset": "torchvision", "persistent_workers": "on"}, None),
    ],
)
def test_conflicts(levels: dict[str, Level], reason: str | None) -> None:
    found = registry()[next(iter(levels))].conflict(levels)
    assert (found is None) if reason is None else (found is not None and reason in found)


def test_resizing_is_idle_where_pictures_are_drawn_to_size(tiny_workload: Workload) -> None:
    resize, machine = registry()["image_resize"], Machine.here()
    other_size = tiny_workload.model_copy(update={"image_size": 96, "batch": 2})
    assert resize.idle({"image_resize": "pillow"}, other_size, machine) is None
    assert resize.idle({"image_resize": "opencv-linear"}, tiny_workload, machine) is None
    reason = resize.idle({"image_resize": "pillow"}, tiny_workload, machine)
    assert reason is not None
    assert "let workload.data.size and image_size differ" in reason


@pytest.mark.parametrize("name", ["image_decoder", "image_resize", "dataset_format", "image_cache"])
def test_what_reads_pictures_is_idle_where_all_are_kept(tiny_workload: Workload, name: str) -> None:
    technique, machine = registry()[name], Machine.here()
    baseline, other = technique.usual_levels[:2]
    # 24 pictures: eight batches of 4 or of 3 hold them all, those of 2 do not.
    few = tiny_workload.model_copy(update={"image_size": 96})
    many = few.model_copy(update={"batch": 2})

    def idle(workload: Workload, **levels: Level) -> bool:
        reason = technique.idle(levels, workload, machine)
        assert reason is None or reason.startswith("all pictures stay in Ultralytics' buffer: needs more than ")
        return reason is not None

    assert idle(few, **{name: other})
    assert idle(few.model_copy(update={"batch": 3}), **{name: other})
    assert not idle(many, **{name: other})
    assert not idle(few, **{name: baseline})
    assert idle(many, **{name: other, "batch": 3})
    assert not idle(few, **{name: other, "batch": 2})
    assert not idle(few, **{name: other, "batch": "largest"})
    assert not idle(few, **{name: other, "gradient_accumulation": 2})
    assert not idle(few, **{name: other, "loader_workers": 1, "persistent_workers": "off"})
    assert not idle(few.model_copy(update={"data": TreesData()}), **{name: other})
    # No more than 1000 pictures are kept, however large a batch is.
    thousand = few.model_copy(update={"data": ShapesData(images=1000, size=64), "batch": 512})
    assert idle(thousand, **{name: other})
    assert not idle(thousand.model_copy(update={"data": ShapesData(images=1001, size=64)}), **{name: other})
    assert "more pictures than Ultralytics keeps decoded in memory (8 batches, 1000 at most)" in technique.card.needs


def test_what_keeps_all_pictures_says_how_many_more_it_takes(tiny_workload: Workload) -> None:
    cache, machine = registry()["image_cache"], Machine.here()
    kept = "all pictures stay in Ultralytics' buffer: needs more than"
    # Eight batches of 4, of half of 6, and of 512, which would be more than the most.
    few = f"{kept} 32 pictures (8 batches, 1000 at most), and workload.data.images is 24"
    assert cache.idle({"image_cache": "ram"}, tiny_workload, machine) == few
    parts: dict[str, Level] = {"image_cache": "ram", "batch": 6, "gradient_accumulation": 2}
    assert cache.idle(parts, tiny_workload, machine) == few.replace("32", "24")
    many = tiny_workload.model_copy(update={"data": ShapesData(images=1000, size=64), "batch": 512})
    assert cache.idle({"image_cache": "ram"}, many, machine) == (
        f"{kept} 1000 pictures (8 batches, 1000 at most), and workload.data.images is 1000"
    )


def test_few_pictures_are_decoded_anew_where_all_are_kept(start_trial: StartTrial, tiny_workload: Workload) -> None:
    anew = []
    for batch in (4, 2):
        trial = start_trial({"image_cache": "none"}, tiny_workload.model_copy(update={"batch": batch}))
        trial.ready()
        for _ in range(3):
            trial.measure("epoch")
        decoded = int(trial.evidence()["image_cache"].observed.split()[0])
        # All 24 in the first epoch, and the validation's 8 with each.
        anew.append(decoded - 24 - 3 * 8)
    # Out of twice 24; the buffer gives its oldest picture away when it is full, which may be read once more.
    assert anew[0] <= 8
    assert anew[1] >= 24
