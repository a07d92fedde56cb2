from __future__ import annotations

import hashlib
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.errors import BenchError
from bench.suite.model import TreesData
from bench.workloads import trees
from bench.workloads.data import prepare_data
from bench.workloads.trees import (
    DataUnavailableError,
    Tile,
    build_trees,
    clip,
    cut,
    equal_parts,
    split_tiles,
    voc_boxes,
)
from bench.workloads.yolo_format import Box


def annotation(*objects: tuple[str, int, int, int, int]) -> bytes:
    body = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{left}</xmin><ymin>{top}</ymin>"
        f"<xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox></object>"
        for name, left, top, right, bottom in objects
    )
    return f"<annotation><size><width>9</width></size>{body}</annotation>".encode()


def gradient(height: int, width: int) -> np.ndarray:
    """Every pixel's blue is its column and its green is its row, so that any pixel can be placed."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[..., 0], picture[..., 1] = np.arange(width)[None, :], np.arange(height)[:, None]
    return picture


@pytest.fixture
def small_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Stand in for the download with a wheel of two pictures and four trees; return the folders it was put in."""
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    made = tmp_path / "small-1.0-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        for stem, (height, width), objects in (
            ("one", (200, 240), [("Tree", 10, 10, 30, 30), ("Dead", 150, 20, 170, 50), ("Alive", 5, 150, 45, 190)]),
            ("two", (100, 100), [("Tree", 60, 40, 100, 80)]),
        ):
            archive.writestr(f"data/{stem}.png", cv2.imencode(".png", gradient(height, width))[1].tobytes())
            archive.writestr(f"data/{stem}.xml", annotation(*objects))
    source = trees.Source(
        requirement="small==1.0",
        wheel=made.name,
        sha256=hashlib.sha256(made.read_bytes()).hexdigest(),
        pictures=("data/one.png", "data/two.png"),
        boxes=4,
    )
    monkeypatch.setattr(trees, "SOURCE", source)
    calls: list[Path] = []

    def download(folder: Path) -> None:
        calls.append(folder)
        (folder / made.name).write_bytes(made.read_bytes())

    monkeypatch.setattr(trees, "download", download)
    return calls


def test_equal_parts_are_few_and_leave_nothing_out() -> None:
    assert equal_parts(400, 320) == [(0, 200), (200, 400)]
    assert equal_parts(320, 320) == [(0, 320)]
    assert equal_parts(100, 320) == [(0, 100)]
    assert equal_parts(10, 4) == [(0, 3), (3, 6), (6, 10)]


def test_clip_worked_by_hand() -> None:
    box = Box(0, 10, 10, 40, 40)
    assert clip(box, 0, 0, 100, 100) == box
    assert clip(box, 5, 8, 100, 100) == Box(0, 5, 2, 35, 32)
    # Columns 10 to 20 of 10 to 40 are exactly a third; one column less is too little.
    assert clip(box, 0, 0, 20, 100) == Box(0, 10, 10, 20, 40)
    assert clip(box, 0, 0, 19, 100) is None
    # The lower right ninth, and a cell the box is not in.
    assert clip(box, 30, 30, 100, 100) is None
    assert clip(box, 50, 50, 100, 100) is None
    # Half of a box, but only 3 pixels of it; with 4 it counts.
    assert clip(Box(0, 0, 0, 6, 20), 3, 0, 100, 100) is None
    assert clip(Box(0, 0, 0, 8, 20), 4, 0, 100, 100) == Box(0, 0, 0, 4, 20)


def test_cut_places_pixels_padding_and_boxes() -> None:
    # 100 rows are one part of 100; 240 columns at most 160 wide are two parts of 120.
    picture = gradient(100, 240)
    left, right = cut("p", picture, [Box(0, 100, 20, 150, 60), Box(0, 0, 90, 20, 100)], side=160)
    assert (left.stem, right.stem) == ("p_r00_c00", "p_r00_c01")
    assert left.picture.shape == right.picture.shape == (160, 160, 3)
    assert (left.picture[:100, :120] == picture[:, :120]).all()
    assert (right.picture[:100, :120] == picture[:, 120:]).all()
    for tile in (left, right):
        assert (tile.picture[100:] == 114).all()
        assert (tile.picture[:, 120:] == 114).all()
    # Of columns 100 to 150 the left part holds 20 of 50 (kept, 0.40), the right part 30 of 50 from its column 0.
    assert left.boxes == (Box(0, 100, 20, 120, 60), Box(0, 0, 90, 20, 100))
    assert right.boxes == (Box(0, 0, 20, 30, 60),)


def test_alive_and_dead_are_one_class() -> None:
    found = voc_boxes(annotation(("Alive", 1, 2, 11, 22), ("Dead", 3, 4, 13, 24), ("Tree", 5, 6, 15, 26)))
    assert found == (Box(0, 1, 2, 11, 22), Box(0, 3, 4, 13, 24), Box(0, 5, 6, 15, 26))


def test_each_picture_gives_its_share_to_validation() -> None:
    def tiles(name: str, count: int) -> list[Tile]:
        return [Tile(f"{name}{number}", np.zeros((1, 1, 3), np.uint8), ()) for number in range(count)]

    pictures = [tiles("a", 50), tiles("b", 20), tiles("c", 5)]
    train, validation = split_tiles(pictures)
    stems = [tile.stem for tile in validation]
    assert [sum(stem.startswith(name) for stem in stems) for name in "abc"] == [10, 4, 1]
    assert sorted(stems + [tile.stem for tile in train]) == sorted(tile.stem for some in pictures for tile in some)
    assert [tile.stem for tile in split_tiles(pictures)[1]] == stems


def test_dataset_on_disk(small_wheel: list[Path], tmp_path: Path) -> None:
    build_trees(TreesData(tile=100), tmp_path / "tiles")
    images = sorted((tmp_path / "tiles" / "images").rglob("*.jpg"))
    # 200 rows are two parts of 100, 240 columns three of 80; trees lie in parts (0, 0), (0, 1), (0, 2) and (1, 0):
    # columns 150 to 170 are cut at 160 into halves. The second picture is one tile.
    stems = {"one_r00_c00", "one_r00_c01", "one_r00_c02", "one_r01_c00", "two_r00_c00"}
    assert {image.stem for image in images} == stems
    assert [image.parent.name for image in images].count("val") == 1
    labels = {path.stem: path.read_text() for path in (tmp_path / "tiles" / "labels").rglob("*.txt")}
    assert labels["one_r00_c00"] == "0 0.200000 0.200000 0.200000 0.200000\n"
    assert labels["one_r00_c01"] == "0 0.750000 0.350000 0.100000 0.300000\n"
    assert labels["one_r00_c02"] == "0 0.050000 0.350000 0.100000 0.300000\n"
    assert labels["two_r00_c00"] == "0 0.800000 0.600000 0.400000 0.400000\n"
    assert (tmp_path / "tiles" / "data.yaml").read_text().endswith("names:\n  0: tree\n")
    middle = cv2.imread(str(next(image for image in images if image.stem == "one_r00_c01")))
    assert middle.shape == (100, 100, 3)
    # Columns up to the last two: JPEG halves the resolution of colour, so the grey beyond column 80 bleeds in.
    assert np.abs(middle[20:50, 70:78].astype(int) - gradient(200, 240)[20:50, 150:158]).max() <= 6


def test_other_tiles_do_not_download_again(small_wheel: list[Path]) -> None:
    first, second = prepare_data(TreesData(tile=100)), prepare_data(TreesData(tile=120))
    assert first.is_file()
    assert second.is_file()
    assert first != second
    assert prepare_data(TreesData(tile=100)) == first
    assert len(small_wheel) == 1


def test_a_wrong_checksum_is_refused_and_nothing_kept(
    small_wheel: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(trees, "SOURCE", replace(trees.SOURCE, sha256="0" * 64))
    with pytest.raises(DataUnavailableError, match="expected 0000"):
        prepare_data(TreesData(tile=100))
    assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


def test_a_wrong_number_of_trees_is_refused(small_wheel: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "SOURCE", replace(trees.SOURCE, boxes=951))
    with pytest.raises(DataUnavailableError, match="found 4 boxed trees; expected 951"):
        prepare_data(TreesData(tile=100))


def test_a_picture_missing_from_the_wheel_is_refused(small_wheel: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "SOURCE", replace(trees.SOURCE, pictures=("data/three.png",)))
    with pytest.raises(DataUnavailableError, match=r"data/three\.png"):
        prepare_data(TreesData(tile=100))


def test_an_unreachable_registry_is_named_with_the_ways_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A real pip, set to look at nothing but an empty folder, fails as it does where nothing can be reached.
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "empty"))
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    with pytest.raises(DataUnavailableError) as caught:
        prepare_data(TreesData())
    message = str(caught.value)
    assert isinstance(caught.value, BenchError)
    assert caught.value.exit_code == 1
    assert "pip download --no-deps deepforest==2.1.0" in message
    assert "No matching distribution found for deepforest==2.1.0" in message
    assert "PIP_FIND_LINKS" in message
    assert "data: shapes" in message
    assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


def test_a_registry_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], *, timeout: float, **_: object) -> None:
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(DataUnavailableError, match="no answer within 600 s"):
        trees.download(tmp_path)
