from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from bench.workloads.yolo_format import Box, label_line, write_data_yaml, write_example


def test_label_line_worked_by_hand() -> None:
    # Columns 10 to 30 of 100: centre 20, width 20. Rows 5 to 15 of 50: centre 10, height 10.
    assert label_line(Box(2, 10, 5, 30, 15), width=100, height=50) == "2 0.200000 0.200000 0.200000 0.200000"
    assert label_line(Box(0, 0, 0, 100, 50), width=100, height=50) == "0 0.500000 0.500000 1.000000 1.000000"


def test_an_example_is_a_jpeg_and_a_label_file(tmp_path: Path) -> None:
    picture = np.full((50, 100, 3), (200, 40, 90), np.uint8)
    write_example(tmp_path, "val", "000007", picture, [Box(1, 0, 0, 50, 25), Box(0, 50, 25, 100, 50)], quality=95)
    image = tmp_path / "images" / "val" / "000007.jpg"
    assert image.read_bytes()[:2] == b"\xff\xd8"
    assert np.abs(cv2.imread(str(image)).astype(int) - (200, 40, 90)).max() <= 3
    assert (tmp_path / "labels" / "val" / "000007.txt").read_text() == (
        "1 0.250000 0.250000 0.500000 0.500000\n0 0.750000 0.750000 0.500000 0.500000\n"
    )


def test_the_data_yaml_may_be_moved(tmp_path: Path) -> None:
    from ultralytics.data.utils import check_det_dataset

    here, there = tmp_path / "here", tmp_path / "there"
    picture = np.zeros((16, 16, 3), np.uint8)
    for split in ("train", "val"):
        write_example(here, split, "0", picture, [], quality=90)
    write_data_yaml(here, ["cat", "dog"])
    here.rename(there)
    data = check_det_dataset(there / "data.yaml", autodownload=False)
    assert data["train"] == str(there / "images" / "train")
    assert data["val"] == str(there / "images" / "val")
    assert data["names"] == {0: "cat", 1: "dog"}
