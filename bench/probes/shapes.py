"""Heights and widths of the pictures that the training loop is given and computes on."""

from __future__ import annotations

from collections import Counter
from typing import Any

Shape = tuple[int, int]
"""Height and width in pixels."""


class ShapesSeen:
    """Counts the batches of the training loop by shape; what measurements compute between epochs is left out.

    Attributes:
        loaded: batches by the shape that the loader gave.
        preprocessed: batches by their shape after Ultralytics' own preprocessing.
        computed: batches by the shape whose loss was computed.
    """

    def __init__(self, trainer: Any) -> None:
        """Attach to a probed trainer before any optimization changes its preprocessing."""
        self.loaded: Counter[Shape] = Counter()
        self.preprocessed: Counter[Shape] = Counter()
        self.computed: Counter[Shape] = Counter()
        self._in_loop = False
        preprocess = trainer.preprocess_batch

        def look(batch: dict[str, Any]) -> dict[str, Any]:
            self._count(self.loaded, batch)
            result: dict[str, Any] = preprocess(batch)
            self._count(self.preprocessed, result)
            return result

        trainer.preprocess_batch = look
        trainer.loss_watchers.append(lambda _, batch: self._count(self.computed, batch))
        trainer.add_callback("on_train_batch_start", lambda _: self._switch(True))
        trainer.add_callback("on_train_batch_end", lambda _: self._switch(False))

    def _switch(self, in_loop: bool) -> None:
        self._in_loop = in_loop

    def _count(self, counter: Counter[Shape], batch: dict[str, Any]) -> None:
        if self._in_loop:
            height, width = batch["img"].shape[2:]
            counter[int(height), int(width)] += 1


def shapes_text(shapes: Counter[Shape]) -> str:
    """Return shapes as evidence names them: the extremes of many, as height x width."""
    ordered = sorted(shapes)
    if len(ordered) > 3:
        ordered = [ordered[0], ordered[-1]]
        return f"{len(shapes)} shapes from " + " to ".join(f"{height}x{width}" for height, width in ordered) + " px"
    return ", ".join(f"{height}x{width}" for height, width in ordered) + " px" if ordered else "no batch"
