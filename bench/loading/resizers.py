"""Resizing pictures with OpenCV, Pillow and torchvision, all with the signature of ``cv2.resize``."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""A picture, height x width x channels."""
Resize = Callable[..., Picture]
"""Takes a picture and (width, height) in pixels; further arguments are those of ``cv2.resize``."""


class ModuleWithResize:
    """Stands in for the module ``cv2`` in one other module, with another ``resize``."""

    def __init__(self, module: ModuleType, resize: Resize) -> None:
        self._module = module
        self.resize = resize

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def resize_with_opencv_area(picture: Picture, size: tuple[int, int], **_: Any) -> Picture:
    """Resize so that each new pixel is the mean of the area it covers (OpenCV's INTER_AREA)."""
    import cv2

    resized: Picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return resized


def resize_with_pillow(picture: Picture, size: tuple[int, int], **_: Any) -> Picture:
    """Resize with Pillow's bilinear filter, which is as wide as the pixels it merges."""
    from PIL import Image

    def resized(part: Picture) -> Picture:
        return np.array(Image.fromarray(part).resize(size, Image.Resampling.BILINEAR))

    if picture.ndim == 2 or picture.shape[2] == 3:
        return resized(picture)
    return np.dstack([resized(np.ascontiguousarray(channel)) for channel in np.moveaxis(picture, 2, 0)])


def resize_with_torchvision(picture: Picture, size: tuple[int, int], **_: Any) -> Picture:
    """Resize with torchvision's antialiased bilinear filter."""
    import torch
    import torchvision.transforms.v2.functional as functional
    from torchvision.transforms import InterpolationMode

    width, height = size
    channels_first = torch.from_numpy(np.atleast_3d(picture)).permute(2, 0, 1)
    resized = functional.resize(channels_first, [height, width], InterpolationMode.BILINEAR, antialias=True)
    return np.ascontiguousarray(resized.permute(1, 2, 0).numpy())
