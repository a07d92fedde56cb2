from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from bench.errors import InputError
from bench.workloads.view import make_view, view_names

Snapshot = dict[str, tuple[int, int, bytes | None]]


def snapshot(folder: Path) -> Snapshot:
    """Every path below ``folder`` with its mode, its time of change in nanoseconds and its bytes."""
    found = {}
    for path in [folder, *folder.rglob("*")]:
        facts = path.lstat()
        content = path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(folder))] = (facts.st_mode, facts.st_mtime_ns, content)
    return found


def picture(file: Path, boxes: int | None) -> None:
    """Write a picture and, unless ``boxes`` is None, a label file with so many boxes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), np.random.default_rng(len(str(file))).integers(0, 256, (48, 64, 3), np.uint8))
    if boxes is not None:
        labels = Path(str(file.parent).replace("/images", "/labels"))
        labels.mkdir(parents=True, exist_ok=True)
        lines = [f"{number % 2} 0.5 0.5 {0.1 + number / 100} 0.2\n" for number in range(boxes)]
        (labels / f"{file.stem}.txt").write_text("".join(lines))


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """A folder as a user might have it: sub-folders, a background, an empty label, a stray ``.npy``, extra keys."""
    root = tmp_path / "user's data"
    picture(root / "images" / "train" / "street.day" / "001.jpg", boxes=2)
    picture(root / "images" / "train" / "street.day" / "002.png", boxes=None)
    picture(root / "images" / "train" / "field" / "001.jpg", boxes=3)
    picture(root / "images" / "train" / "top.jpg", boxes=0)
    picture(root / "images" / "val" / "a.jpg", boxes=1)
    picture(root / "images" / "val" / "b.jpg", boxes=4)
    np.save(root / "images" / "train" / "top.npy", np.zeros((48, 64, 3), np.uint8))
    (root / "data.yaml").write_text(
        f"path: {root}\ntrain: images/train\nval: images/val\ntest: images/test\n"
        "nc: 2\nnames: [cat, dog]\nchannels: 3\nauthor: someone\ndownload: https://example.invalid/data.zip\n"
    )
    return root


def dataset(data_yaml: Path, split: str, cache: str | None) -> Any:
    """Read a split as Ultralytics' trainer does."""
    from ultralytics.data import YOLODataset
    from ultralytics.data.utils import check_det_dataset

    data = check_det_dataset(data_yaml, autodownload=False)
    return YOLODataset(data[split], data=data, imgsz=64, cache=cache, augment=False)


def boxes_by_picture(read: Any) -> list[tuple[str, int]]:
    return [(os.path.realpath(label["im_file"]), len(label["cls"])) for label in read.labels]


def names_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_the_layout_mirrors_the_users(users: Path, tmp_path: Path) -> None:
    file = make_view(users / "data.yaml", tmp_path / "view")
    assert file == tmp_path / "view" / "data.yaml"
    assert names_below(tmp_path / "view") == {
        *("data.yaml", "images/val/a.jpg", "images/val/b.jpg", "labels/val/a.txt", "labels/val/b.txt"),
        *("images/train/top.jpg", "images/train/field/001.jpg", "labels/train/top.txt", "labels/train/field/001.txt"),
        *("images/train/street.day/001.jpg", "images/train/street.day/002.png", "labels/train/street.day/001.txt"),
    }
    link = tmp_path / "view" / "images" / "train" / "field" / "001.jpg"
    assert link.readlink() == users / "images" / "train" / "field" / "001.jpg"


def test_the_yaml_keeps_its_entries_and_points_into_the_view(users: Path, tmp_path: Path) -> None:
    from ultralytics.utils import YAML

    assert YAML.load(make_view(users / "data.yaml", tmp_path / "view")) == {
        "nc": 2,
        "names": ["cat", "dog"],
        "channels": 3,
        "author": "someone",
        "train": "images/train",
        "val": "images/val",
    }


@pytest.mark.parametrize("cache", ["disk", "ram", None])
def test_training_on_the_view_leaves_the_users_folder_as_it_was(users: Path, tmp_path: Path, cache: str | None) -> None:
    before = snapshot(users)
    file = make_view(users / "data.yaml", tmp_path / "view")
    train, validation = dataset(file, "train", cache), dataset(file, "val", cache)
    for read in (train, validation):
        for index in range(len(read)):
            read[index]
    assert snapshot(users) == before
    images = users / "images"
    assert boxes_by_picture(train) == [
        (str(images / "train" / "field" / "001.jpg"), 3),
        (str(images / "train" / "street.day" / "001.jpg"), 2),
        (str(images / "train" / "street.day" / "002.png"), 0),
        (str(images / "train" / "top.jpg"), 0),
    ]
    assert boxes_by_picture(validation) == [(str(images / "val" / "a.jpg"), 1), (str(images / "val" / "b.jpg"), 4)]
    below = names_below(tmp_path / "view")
    assert sum(name.endswith(".cache") for name in below) == 2
    assert sum(name.endswith(".npy") for name in below) == (6 if cache == "disk" else 0)


def test_an_old_npy_beside_the_users_picture_is_not_read(users: Path, tmp_path: Path) -> None:
    newer = (users / "images" / "train" / "top.jpg").stat().st_mtime + 100
    os.utime(users / "images" / "train" / "top.npy", (newer, newer))
    directly = dataset(users / "data.yaml", "train", None)
    assert directly.load_image(3)[0].max() == 0
    viewed = dataset(make_view(users / "data.yaml", tmp_path / "view"), "train", None)
    assert viewed.load_image(3)[0].max() > 0


def test_a_broken_jpeg_that_ultralytics_mends_is_mended_in_the_view(users: Path, tmp_path: Path) -> None:
    broken = users / "images" / "val" / "b.jpg"
    broken.write_bytes(broken.read_bytes() + b"xx")
    before = snapshot(users)
    dataset(make_view(users / "data.yaml", tmp_path / "view"), "val", None)
    assert snapshot(users) == before
    mended = tmp_path / "view" / "images" / "val" / "b.jpg"
    assert not mended.is_symlink()
    assert mended.read_bytes()[-2:] == b"\xff\xd9"


def test_a_read_only_folder_works(users: Path, tmp_path: Path) -> None:
    paths = [users, *users.rglob("*")]
    for path in paths:
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        before = snapshot(users)
        file = make_view(users / "data.yaml", tmp_path / "view")
        assert len(dataset(file, "train", "disk").labels) == 4
        assert snapshot(users) == before
    finally:
        for path in paths:
            path.chmod(path.stat().st_mode | 0o200)


def test_two_views_do_not_see_each_others_caches(users: Path, tmp_path: Path) -> None:
    one, two = (make_view(users / "data.yaml", tmp_path / name) for name in ("one", "two"))
    dataset(one, "train", "disk")
    assert not any(name.endswith((".npy", ".cache")) for name in names_below(two.parent))


def check_same_examples(data_yaml: Path, view_folder: Path) -> None:
    """The view gives the same pictures in the same order with the same boxes as the data itself."""
    viewed = dataset(make_view(data_yaml, view_folder), "train", None)
    directly = dataset(data_yaml, "train", None)
    assert boxes_by_picture(viewed) == boxes_by_picture(directly)
    assert [label["bboxes"].tolist() for label in viewed.labels] == [
        label["bboxes"].tolist() for label in directly.labels
    ]


def test_same_names_in_several_folders_stay_apart(tmp_path: Path) -> None:
    for number, folder in enumerate(("b/images", "a/images", "a/images/deep")):
        picture(tmp_path / folder / "1.jpg", boxes=number + 1)
    picture(tmp_path / "b" / "images" / "0.jpg", boxes=4)
    (tmp_path / "data.yaml").write_text("train: [b/images, a/images]\nval: a/images\nnames: [x, y]\n")
    check_same_examples(tmp_path / "data.yaml", tmp_path / "view")


def test_pictures_named_twice_stay_twice(tmp_path: Path) -> None:
    for number, folder in enumerate(("a/images", "b/images")):
        picture(tmp_path / folder / "1.jpg", boxes=number + 1)
    (tmp_path / "list.txt").write_text("./b/images/1.jpg\n./a/images/1.jpg\n./b/images/1.jpg\n")
    (tmp_path / "data.yaml").write_text("train: list.txt\nval: a/images\nnames: [x, y]\n")
    check_same_examples(tmp_path / "data.yaml", tmp_path / "view")
    assert len(list((tmp_path / "view" / "images" / "train").rglob("*.jpg"))) == 3


def test_images_folder_below_the_named_folder(tmp_path: Path) -> None:
    picture(tmp_path / "set" / "images" / "1.jpg", boxes=2)
    picture(tmp_path / "set" / "more" / "images" / "1.jpg", boxes=1)
    (tmp_path / "data.yaml").write_text("train: set\nval: set\nnames: [x, y]\n")
    check_same_examples(tmp_path / "data.yaml", tmp_path / "view")


def test_pictures_that_share_a_stem_share_their_labels(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "1.jpg", boxes=2)
    picture(tmp_path / "images" / "1.png", boxes=None)
    (tmp_path / "data.yaml").write_text("train: images\nval: images\nnames: [x, y]\n")
    check_same_examples(tmp_path / "data.yaml", tmp_path / "view")


def test_linked_pictures_are_followed_to_the_real_file_but_labelled_by_their_name(tmp_path: Path) -> None:
    picture(tmp_path / "store" / "images" / "real.jpg", boxes=3)
    picture(tmp_path / "images" / "other.jpg", boxes=1)
    (tmp_path / "images" / "linked.jpg").symlink_to(tmp_path / "store" / "images" / "real.jpg")
    (tmp_path / "data.yaml").write_text("train: images\nval: images\nnames: [x, y]\n")
    check_same_examples(tmp_path / "data.yaml", tmp_path / "view")
    assert (tmp_path / "view/images/train/linked.jpg").readlink() == tmp_path / "store" / "images" / "real.jpg"
    assert not (tmp_path / "view/labels/train/linked.txt").exists()


def test_view_names_worked_by_hand() -> None:
    assert view_names(["/d/a/1.jpg", "/d/a/x/2.jpg"]) == ["1.jpg", "x/2.jpg"]
    assert view_names(["/d/a/1.jpg", "/d/b/1.jpg"]) == ["a/1.jpg", "b/1.jpg"]
    assert view_names(["/d/1.jpg"]) == ["1.jpg"]
    assert view_names(["/1.jpg", "/d/2.jpg"]) == ["1.jpg", "d/2.jpg"]
    assert view_names(["/d/1.jpg", "/d/1.jpg"]) == ["0/1.jpg", "1/1.jpg"]
    assert view_names(["/d/b.jpg", "/d/x/../a.jpg"]) == ["0/b.jpg", "1/a.jpg"]


@pytest.mark.parametrize(
    ("text", "field", "found"),
    [
        ("train: gone\nval: images/val", "train", "gone is not there"),
        ("train: images/train\nval: gone", "val", "gone is not there"),
        ("train: empty\nval: images/val", "train", "no picture in it"),
        ("train: images/train/top.jpg\nval: images/val", "train", "neither a folder nor a text file"),
        ("train: list.txt\nval: images/val", "train", "none of the 2 listed pictures is there"),
    ],
)
def test_missing_pictures_are_refused_and_nothing_is_made(
    users: Path, tmp_path: Path, text: str, field: str, found: str
) -> None:
    (users / "empty").mkdir()
    (users / "list.txt").write_text("./gone/1.jpg\n./gone/2.jpg\n")
    file = users / "other.yaml"
    file.write_text(f"{text}\nnames: [x, y]\ndownload: touch('{tmp_path}/executed')\n")
    with pytest.raises(InputError) as caught:
        make_view(file, tmp_path / "view")
    assert (caught.value.file, caught.value.field) == (file, field)
    assert found in caught.value.found
    assert not (tmp_path / "view").exists()
    assert not (tmp_path / "executed").exists()
