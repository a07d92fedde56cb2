"""What the tiny workload has to be like for a technique to have something to act on."""

from __future__ import annotations

from typing import Any

from bench.suite.model import ShapesData

TECHNIQUE_SETTINGS: dict[str, dict[str, Any]] = {
    # The tiny model repeats no layer.
    "depth": {"model": "yolov8n.yaml"},
    # Without loader workers there is nothing to restart, nor anything prepared ahead.
    "persistent_workers": {"settings": {"nbs": 4, "workers": 2}},
    "prefetch_factor": {"settings": {"nbs": 4, "workers": 2}},
    # Eight batches of pictures stay in Ultralytics' buffer, and pictures of the network's size need no resizing.
    "dataset_format": {"batch": 2},
    "image_cache": {"batch": 2},
    "image_resize": {"batch": 2, "data": ShapesData(images=24, validation_images=8, size=96)},
    # The GPU decodes in the training process only; elsewhere there are no workers unless they are asked for.
    "image_decoder": {"batch": 2, "settings": {"nbs": 4, "workers": 0}},
    # Ultralytics leaves mosaics out of rectangles: their baseline has to do without them too.
    "rect": {"settings": {"nbs": 4, "mosaic": 0.0}},
    # A dataset with fewer images than a batch gives smaller batches.
    "batch": {"data": ShapesData(images=64, validation_images=8, size=64)},
    # Models of tens of millions of parameters: two steps are enough.
    "model": {"data": ShapesData(images=4, validation_images=2, size=64), "batch": 2},
    # Ten layers, and a backbone apart from the head, take a model that has them.
    "freeze": {"model": "yolov8n.yaml"},
    # The head alone: torchao compiles for seconds for each shape of weight.
    "optimizer_state": {"settings": {"nbs": 4, "optimizer": "AdamW", "freeze": 6}},
}
"""Name of an optimization to changes of the tiny workload."""

OF_SEVERAL_SHAPES = {"rect"}
"""Optimizations that have nothing to act on where all pictures are squares."""
