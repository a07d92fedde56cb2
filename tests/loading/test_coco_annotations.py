"""YOLO boxes as COCO annotations and back, by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.loading.coco_annotations import classes_and_boxes, coco_annotations, coco_box


def test_box_by_hand() -> None:
    # Centre (0.5 * 200, 0.25 * 80) = (100, 20), size (0.1 * 200, 0.2 * 80) = (20, 16): left 90, top 12.
    assert coco_box([0.5, 0.25, 0.1, 0.2], width=200, height=80) == pytest.approx([90, 12, 20, 16])


def test_file_by_hand() -> None:
    labels = [
        {"cls": np.array([[2], [0]]), "bboxes": np.array([[0.5, 0.25, 0.1, 0.2], [0.5, 0.5, 1, 1]])},
        {"cls": np.zeros((0, 1)), "bboxes": np.zeros((0, 4))},
        {"cls": np.array([[1]]), "bboxes": np.array([[0.75, 0.75, 0.5, 0.5]])},
    ]
    pictures = [Path("/data/a.jpg"), Path("/data/b.jpg"), Path("/data/c.jpg")]
    content = coco_annotations(pictures, [(200, 80), (10, 10), (40, 20)], labels, {0: "disc", 1: "box", 2: "star"})
    assert content["images"][0] == {"id": 1, "file_name": "/data/a.jpg", "width": 200, "height": 80}
    assert content["categories"] == [{"id": 1, "name": "disc"}, {"id": 2, "name": "box"}, {"id": 3, "name": "star"}]
    found = [(each["id"], each["image_id"], each["category_id"]) for each in content["annotations"]]
    assert found == [(1, 1, 3), (2, 1, 1), (3, 3, 2)]
    boxes = [each["bbox"] for each in content["annotations"]]
    assert boxes[0] == pytest.approx([90, 12, 20, 16])
    assert boxes[1] == pytest.approx([0, 0, 200, 80])
    assert boxes[2] == pytest.approx([20, 10, 20, 10])
    assert [each["area"] for each in content["annotations"]] == pytest.approx([320, 16000, 200])


def test_back_by_hand() -> None:
    annotations = [{"category_id": 3, "bbox": [90, 12, 20, 16]}, {"category_id": 1, "bbox": [0, 0, 200, 80]}]
    kinds, boxes = classes_and_boxes(annotations, width=200, height=80)
    assert kinds.tolist() == [[2], [0]]
    assert boxes == pytest.approx(np.array([[0.45, 0.15, 0.1, 0.2], [0, 0, 1, 1]]))
    kinds, boxes = classes_and_boxes([], width=200, height=80)
    assert kinds.shape == (0, 1)
    assert boxes.shape == (0, 4)
