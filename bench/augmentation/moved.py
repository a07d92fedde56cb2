"""Pictures of a batch whose boxes are not those of the plain picture."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SLACK = 2.0
"""Pixels by which rounding may shift the boxes of a plain picture."""

BATCHES_KEPT = 8


@dataclass(frozen=True)
class Moved:
    """Pictures that have boxes, and those of them whose boxes moved."""

    pictures: int
    moved: int


class BatchesSeen:
    """Keeps the boxes of the last batches of the training loop; what measurements compute in between is left out."""

    def __init__(self, trainer: Any) -> None:
        """Attach to a probed trainer."""
        self._batches: deque[dict[str, Any]] = deque(maxlen=BATCHES_KEPT)
        self._in_loop = False
        trainer.loss_watchers.append(lambda _, batch: self._note(batch))
        trainer.add_callback("on_train_batch_start", lambda _: self._switch(True))
        trainer.add_callback("on_train_batch_end", lambda _: self._switch(False))

    def _switch(self, in_loop: bool) -> None:
        self._in_loop = in_loop

    def _note(self, batch: dict[str, Any]) -> None:
        if self._in_loop:
            kept = {key: batch[key] for key in ("im_file", "ori_shape", "bboxes", "batch_idx")}
            self._batches.append({**kept, "shape": tuple(batch["img"].shape[-2:])})

    def moved(self, labels: Mapping[str, Mapping[str, Any]]) -> Moved:
        """Compare the boxes seen with those of the plain pictures.

        Args:
            labels: Ultralytics' labels by image file: ``bboxes`` (N, 4), centre and size as shares of the picture.
        """
        pictures = moved = 0
        for batch in self._batches:
            boxes, owners = batch["bboxes"].cpu().numpy(), batch["batch_idx"].cpu().numpy()
            for place, (file, original) in enumerate(zip(batch["im_file"], batch["ori_shape"], strict=True)):
                plain = letterboxed(np.asarray(labels[file]["bboxes"]), original, batch["shape"])
                if len(plain):
                    pictures += 1
                    moved += not _alike(plain, boxes[owners == place], batch["shape"])
        return Moved(pictures, moved)


def letterboxed(boxes: NDArray[Any], shape: tuple[int, int], into: tuple[int, int]) -> NDArray[Any]:
    """Return boxes (N, 4; centre and size as shares) of a picture that is scaled to fit another shape, centred in it.

    Args:
        boxes: as shares of the picture.
        shape: the picture's height and width, in pixels.
        into: height and width of what it is fitted into.

    Returns:
        The boxes as shares of ``into``.
    """
    scale = min(into[0] / shape[0], into[1] / shape[1])
    share = np.array([shape[1] * scale / into[1], shape[0] * scale / into[0]])
    fitted: NDArray[Any] = boxes * np.concatenate((share, share))
    fitted[:, :2] += (1 - share) / 2
    return fitted


def _alike(plain: NDArray[Any], seen: NDArray[Any], shape: tuple[int, int]) -> bool:
    """Return whether two lists of boxes are the same but for rounding."""
    return len(plain) == len(seen) and bool((np.abs(plain - seen) * max(shape) <= SLACK).all())
