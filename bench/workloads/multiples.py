"""Ultralytics model files with their width and depth multiples changed."""

from __future__ import annotations

from copy import deepcopy
from typing import Any


def with_multiples(model: dict[str, Any], width: float = 1.0, depth: float = 1.0) -> dict[str, Any]:
    """Return an Ultralytics model file's content with its multiples multiplied.

    A file states them for each of its scales, or once for itself, or not at all, which stands for 1. The limit on
    channels, which comes before the width multiple, stays as it is.

    Args:
        model: the file's content as Ultralytics reads it, with the scale it chose; not changed.
        width: factor of the channels of every layer.
        depth: factor of the repeats of every layer that has more than one.
    """
    model = deepcopy(model)
    scales = model.get("scales")
    if scales:
        scale = model.get("scale") or next(iter(scales))
        old_depth, old_width, most_channels = scales[scale]
        scales[scale] = [old_depth * depth, old_width * width, most_channels]
    else:
        model["depth_multiple"] = model.get("depth_multiple", 1.0) * depth
        model["width_multiple"] = model.get("width_multiple", 1.0) * width
    return model


def scale_built_model(trainer: Any, width: float = 1.0, depth: float = 1.0) -> None:
    """Have a trainer that has not built its model yet build it with its multiples multiplied."""
    from ultralytics.nn.tasks import yaml_model_load

    build = trainer.get_model

    def build_scaled(cfg: Any = None, weights: Any = None, verbose: bool = True) -> Any:
        content = cfg if isinstance(cfg, dict) else yaml_model_load(cfg)
        return build(cfg=with_multiples(content, width, depth), weights=weights, verbose=verbose)

    trainer.get_model = build_scaled
