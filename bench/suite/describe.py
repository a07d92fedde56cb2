"""What was trained, in one line."""

from __future__ import annotations

from collections.abc import Mapping

from bench.suite.combination import level_text
from bench.suite.model import Data, Level, ShapesData, TreesData, Workload


def workload_text(workload: Workload) -> str:
    """Return a workload as a person writes it."""
    parts = [
        f"{workload.model} on {data_text(workload.data)}",
        f"image size {workload.image_size}",
        f"batch {workload.batch}",
        f"device {workload.device}",
        f"threads {workload.threads}",
        f"seed {workload.seed}",
    ]
    if workload.trainer is not None:
        parts.insert(1, f"trained by {workload.trainer}")
    return ", ".join(parts) + (f", {settings_text(workload.settings)}" if workload.settings else "")


def settings_text(settings: Mapping[str, Level]) -> str:
    """Return Ultralytics settings as ``name=value``."""
    return ", ".join(f"{name}={level_text(value)}" for name, value in settings.items())


def data_text(data: Data) -> str:
    """Return where the pictures come from, and what decides what they are."""
    if isinstance(data, ShapesData):
        return (
            f"shapes ({data.images} training and {data.validation_images} validation pictures of {data.size} px, "
            f"seed {data.seed})"
        )
    if isinstance(data, TreesData):
        return f"trees (tiles of {data.tile} px)"
    return str(data.path)
