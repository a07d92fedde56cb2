"""Writing pictures and boxes in YOLO format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""A picture, height x width x 3, channels in the order blue, green, red."""


@dataclass(frozen=True)
class Box:
    """One object in a picture, in whole pixels.

    Attributes:
        label: index of the class, from 0.
        left: first column of the object.
        top: first row of the object.
        right: first column after the object.
        bottom: first row after the object.
    """

    label: int
    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Columns in the box."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Rows in the box."""
        return self.bottom - self.top


def label_line(box: Box, width: int, height: int) -> str:
    """Return ``class x y w h``: centre and size of the box as shares of a ``width`` x ``height`` picture."""
    x = (box.left + box.right) / 2 / width
    y = (box.top + box.bottom) / 2 / height
    return f"{box.label} {x:.6f} {y:.6f} {box.width / width:.6f} {box.height / height:.6f}"


def write_example(folder: Path, split: str, stem: str, picture: Picture, boxes: Iterable[Box], quality: int) -> None:
    """Write ``images/<split>/<stem>.jpg`` and ``labels/<split>/<stem>.txt`` into ``folder``.

    Args:
        folder: the dataset's folder.
        split: ``train`` or ``val``.
        stem: file name without its suffix.
        picture: height x width x 3, blue, green, red.
        boxes: the picture's objects; without any, the label file is empty.
        quality: JPEG quality, 0 to 100.
    """
    height, width = picture.shape[:2]
    images, labels = folder / "images" / split, folder / "labels" / split
    images.mkdir(parents=True, exist_ok=True)
    labels.mkdir(parents=True, exist_ok=True)
    _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    (images / f"{stem}.jpg").write_bytes(encoded.tobytes())
    text = "".join(label_line(box, width, height) + "\n" for box in boxes)
    (labels / f"{stem}.txt").write_text(text, encoding="ascii")


def write_data_yaml(folder: Path, names: Sequence[str]) -> None:
    """Write ``data.yaml`` for splits train and val.

    It names no ``path``, so Ultralytics takes the YAML's own folder as the root and the dataset may be moved.
    """
    classes = "".join(f"  {index}: {name}\n" for index, name in enumerate(names))
    text = f"train: images/train\nval: images/val\nnames:\n{classes}"
    (folder / "data.yaml").write_text(text, encoding="utf-8")
