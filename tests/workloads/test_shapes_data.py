from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.suite.model import ShapesData
from bench.workloads import shapes
from bench.workloads.shapes import CLASSES, LEAST_VISIBLE, MOST_SHAPES, build_shapes, draw_scene

SMALL = ShapesData(images=6, validation_images=3, size=96, seed=4)


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shapes")
    build_shapes(SMALL, folder)
    return folder


def test_layout(built: Path) -> None:
    expected = {"data.yaml"}
    for split, count in (("train", 6), ("val", 3)):
        for number in range(count):
            expected |= {f"images/{split}/{number:06d}.jpg", f"labels/{split}/{number:06d}.txt"}
    assert set(digests(built)) == expected


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(built: Path, tmp_path: Path) -> None:
    build_shapes(SMALL, tmp_path / "again")
    build_shapes(SMALL.model_copy(update={"seed": 5}), tmp_path / "other")
    assert digests(tmp_path / "again") == digests(built)
    other = digests(tmp_path / "other")
    assert all(other[name] != digest for name, digest in digests(built).items() if name.endswith(".jpg"))


def test_no_picture_is_in_both_splits(built: Path) -> None:
    pictures = {name: digest for name, digest in digests(built).items() if name.endswith(".jpg")}
    assert len(set(pictures.values())) == 9


def test_more_pictures_leave_the_first_as_they_were(built: Path, tmp_path: Path) -> None:
    build_shapes(SMALL.model_copy(update={"images": 8}), tmp_path)
    more = digests(tmp_path)
    assert all(more[name] == digest for name, digest in digests(built).items())


@pytest.mark.parametrize("size", [32, 96, 160, 333])
def test_label_files_bound_the_drawn_pixels_exactly(size: int, tmp_path: Path) -> None:
    data = ShapesData(images=5, validation_images=2, size=size, seed=1)
    build_shapes(data, tmp_path)
    for stream, (split, count) in enumerate((("train", 5), ("val", 2))):
        for number in range(count):
            scene = draw_scene(np.random.default_rng((data.seed, stream, number)), size)
            labels = np.loadtxt(tmp_path / "labels" / split / f"{number:06d}.txt", ndmin=2)
            assert 1 <= len(labels) <= MOST_SHAPES
            assert labels[:, 0].astype(int).tolist() == list(scene.labels)
            for shape, (x, y, width, height) in enumerate(labels[:, 1:] * size, start=1):
                edges = np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])
                left, top, right, bottom = np.rint(edges).astype(int)
                assert np.abs(edges - [left, top, right, bottom]).max() < 0.01
                # Some of the shape on each outermost row and column, and none of it outside.
                owned = scene.owner == shape
                inside = owned[top:bottom, left:right]
                assert inside[0].any()
                assert inside[-1].any()
                assert inside[:, 0].any()
                assert inside[:, -1].any()
                assert inside.sum() == owned.sum()


def test_the_picture_on_disk_shows_each_shape_against_its_surroundings(built: Path) -> None:
    for number in range(6):
        scene = draw_scene(np.random.default_rng((SMALL.seed, 0, number)), SMALL.size)
        picture = cv2.imread(str(built / "images" / "train" / f"{number:06d}.jpg")).astype(float)
        for shape in range(1, len(scene.labels) + 1):
            owned = (scene.owner == shape).astype(np.uint8)
            core = cv2.erode(owned, np.ones((3, 3), np.uint8)).astype(bool)
            ring = (cv2.dilate(owned, np.ones((7, 7), np.uint8)) > 0) & (scene.owner == 0)
            difference = np.abs(picture[core].mean(axis=0) - picture[ring].mean(axis=0)).max()
            assert difference > 40


def test_labels_tell_the_shapes_apart() -> None:
    # Share of the circumscribed circle: circle 1, square 2 / pi = 0.64, triangle 3 sqrt(3) / (4 pi) = 0.41.
    expected = {"circle": 1.0, "square": 2 / np.pi, "triangle": 3 * np.sqrt(3) / (4 * np.pi)}
    radius = 40
    for label, name in enumerate(CLASSES):
        for angle in (0.0, 0.4, 1.1):
            share = shapes._silhouette(label, radius, angle).sum() / (np.pi * radius**2)
            assert share == pytest.approx(expected[name], abs=0.05)


def test_no_shape_is_hidden_and_all_classes_and_counts_occur() -> None:
    scenes = [draw_scene(np.random.default_rng((0, number)), 160) for number in range(60)]
    assert {len(scene.labels) for scene in scenes} == set(range(1, MOST_SHAPES + 1))
    assert {label for scene in scenes for label in scene.labels} == {0, 1, 2}
    for scene in scenes:
        for shape, box in enumerate(scene.boxes, start=1):
            # Of all shapes and angles a triangle turned by 15 degrees fills least of its box:
            # (sqrt(3) / 4) / cos(15 degrees)^2 = 0.46. Pixels are coarse, hence 0.4.
            visible = (scene.owner == shape).sum()
            assert visible >= 0.4 * LEAST_VISIBLE * box.width * box.height
            assert min(box.width, box.height) >= 15


def test_a_shape_that_would_hide_another_is_not_placed() -> None:
    owner = np.zeros((9, 9), np.uint8)
    mask = np.ones((9, 9), bool)
    rng = np.random.default_rng(0)
    assert shapes._free_place(rng, owner, mask, areas=[0]) == (slice(0, 9), slice(0, 9))
    owner[4, 4] = 1
    assert shapes._free_place(rng, owner, mask, areas=[0, 1]) is None
