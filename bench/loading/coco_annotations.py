"""YOLO labels as COCO annotations, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]
"""One row for each box, four numbers in each."""


def coco_box(box: Sequence[float], width: int, height: int) -> list[float]:
    """Return a YOLO box (centre x, centre y, width, height, as shares of the picture) as COCO's.

    COCO's is left, top, width, height in pixels. Source: https://cocodataset.org/#format-data.
    """
    x, y, w, h = map(float, box)
    return [(x - w / 2) * width, (y - h / 2) * height, w * width, h * height]


def coco_annotations(
    pictures: Sequence[Path],
    sizes: Sequence[tuple[int, int]],
    labels: Iterable[Mapping[str, Any]],
    names: Mapping[int, str],
) -> dict[str, Any]:
    """Return the content of a COCO annotation file for detection.

    Pictures and annotations are numbered from 1 in the order given; category 1 is class 0.

    Args:
        pictures: paths, as the file is to name them.
        sizes: width and height of each picture in pixels.
        labels: ``cls`` (n x 1, class numbers) and ``bboxes`` (n x 4, YOLO boxes) of each picture.
        names: class number to name.
    """
    images = [
        {"id": number, "file_name": str(picture), "width": width, "height": height}
        for number, (picture, (width, height)) in enumerate(zip(pictures, sizes, strict=True), start=1)
    ]
    annotations: list[dict[str, Any]] = []
    for image, label in zip(images, labels, strict=True):
        for kind, box in zip(label["cls"], label["bboxes"], strict=True):
            in_pixels = coco_box(box, image["width"], image["height"])  # type: ignore[arg-type]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image["id"],
                    "category_id": int(kind[0]) + 1,
                    "bbox": in_pixels,
                    "area": in_pixels[2] * in_pixels[3],
                    "iscrowd": 0,
                }
            )
    categories = [{"id": number + 1, "name": name} for number, name in names.items()]
    return {"images": images, "annotations": annotations, "categories": categories}


def write_annotations(file: Path, annotations: Mapping[str, Any]) -> None:
    """Write a COCO annotation file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(annotations), encoding="utf-8")


def classes_and_boxes(
    annotations: Sequence[Mapping[str, Any]], width: int, height: int
) -> tuple[NDArray[np.float32], Boxes]:
    """Return a picture's annotations as Ultralytics takes them.

    Returns:
        Class numbers (n x 1), and boxes (n x 4) as left, top, width, height in shares of the picture.
    """
    kinds = np.array([each["category_id"] - 1 for each in annotations], np.float32).reshape(-1, 1)
    boxes: Boxes = np.array([each["bbox"] for each in annotations], np.float32).reshape(-1, 4)
    boxes /= np.array([width, height, width, height], np.float32)
    return kinds, boxes
