"""Boxes of a batch are told from those of the plain picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from bench.augmentation.moved import BatchesSeen, Moved, letterboxed


class LoopOnly:
    """As much of a probed trainer as a watcher of batches attaches to."""

    def __init__(self) -> None:
        self.loss_watchers: list[Callable[..., None]] = []
        self.callbacks: dict[str, Callable[[object], None]] = {}

    def add_callback(self, name: str, function: Callable[[object], None]) -> None:
        self.callbacks[name] = function

    def step(self, batch: dict[str, Any]) -> None:
        self.callbacks["on_train_batch_start"](self)
        self.compute(batch)
        self.callbacks["on_train_batch_end"](self)

    def compute(self, batch: dict[str, Any]) -> None:
        for watcher in self.loss_watchers:
            watcher(None, batch)


def test_letterboxed_boxes() -> None:
    # A picture twice as wide as high fills the middle half of a square: 100 x 50 px into 64 x 64 px.
    boxes = np.array([[0.5, 0.5, 1.0, 1.0], [0.25, 0.0, 0.5, 0.2]])
    fitted = letterboxed(boxes, shape=(50, 100), into=(64, 64))
    assert fitted == pytest.approx(np.array([[0.5, 0.5, 1.0, 0.5], [0.25, 0.25, 0.5, 0.1]]))
    assert letterboxed(boxes, shape=(50, 100), into=(32, 64)) == pytest.approx(boxes)


def batch(*boxes: tuple[int, list[float]], files: tuple[str, ...] = ("a", "b", "c")) -> dict[str, Any]:
    return {
        "img": torch.zeros(len(files), 3, 100, 100),
        "im_file": files,
        "ori_shape": [SHAPES[file] for file in files],
        "batch_idx": torch.tensor([float(owner) for owner, _ in boxes]),
        "bboxes": torch.tensor([box for _, box in boxes]).reshape(-1, 4),
    }


PLAIN = [0.5, 0.5, 0.2, 0.2]
SHAPES = {"a": (100, 100), "b": (200, 200), "c": (100, 100)}
LABELS = {
    "a": {"bboxes": np.array([PLAIN])},
    "b": {"bboxes": np.array([PLAIN, PLAIN])},
    "c": {"bboxes": np.zeros((0, 4))},
}


def test_pictures_with_other_boxes_or_fewer_have_moved() -> None:
    trainer = LoopOnly()
    seen = BatchesSeen(trainer)
    trainer.step(batch((0, PLAIN), (1, PLAIN), (1, [0.51, 0.5, 0.2, 0.2])))
    assert seen.moved(LABELS) == Moved(pictures=2, moved=0)
    trainer.step(batch((0, [0.53, 0.5, 0.2, 0.2]), (1, PLAIN), (1, PLAIN)))
    assert seen.moved(LABELS) == Moved(pictures=4, moved=1)
    trainer.step(batch((0, PLAIN), (1, PLAIN)))
    assert seen.moved(LABELS) == Moved(pictures=6, moved=2)


def test_batches_outside_the_training_loop_are_left_out() -> None:
    trainer = LoopOnly()
    seen = BatchesSeen(trainer)
    trainer.step(batch((0, PLAIN)))
    trainer.compute(batch((0, [0.1, 0.1, 0.1, 0.1])))
    assert seen.moved(LABELS) == Moved(pictures=2, moved=1)
