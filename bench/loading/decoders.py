"""Decoders of JPEG files that give what Ultralytics' own gives: upright, height x width x 3, blue, green, red."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""A picture, height x width x 3, channels in the order blue, green, red."""
Bytes = NDArray[np.uint8]
"""The bytes of a file, as a vector."""

ORIENTATION_TAG = 0x0112
"""Where EXIF keeps how a camera was held, from 1 (upright) to 8."""
_START_OF_JPEG = b"\xff\xd8\xff"
_EXIF_WITHIN = 65_536
"""The EXIF segment follows the start of the file; a segment of a JPEG file is no longer than this many bytes."""


class Imread(Protocol):
    """Ultralytics' reader of pictures."""

    def __call__(self, filename: Any, flags: int = ...) -> Picture | None:
        """Return the picture in a file, or None when there is none."""


def jpeg_reader(decode: Callable[[Bytes], Picture], otherwise: Imread) -> Imread:
    """Return a reader that decodes colour pictures in JPEG files with ``decode`` and leaves the rest to ``otherwise``.

    Files are read with ``numpy.fromfile``, as Ultralytics reads them.
    """
    import cv2

    def imread(filename: Any, flags: int = cv2.IMREAD_COLOR) -> Picture | None:
        if flags != cv2.IMREAD_COLOR or not str(filename).lower().endswith((".jpg", ".jpeg")):
            return otherwise(filename, flags)
        try:
            data = np.fromfile(str(filename), np.uint8)
        except OSError:
            return None
        # Pictures of other kinds are found under a JPEG file's name, and OpenCV looks at the bytes alone.
        is_jpeg = data[: len(_START_OF_JPEG)].tobytes() == _START_OF_JPEG
        return decode(data) if is_jpeg else otherwise(filename, flags)

    return imread


def decode_with_pillow(data: Bytes) -> Picture:
    """Decode with Pillow."""
    import PIL.Image
    from PIL import ImageOps

    # Called by its module, where evidence can count it.
    with PIL.Image.open(io.BytesIO(data.tobytes())) as image:
        rgb = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    return np.ascontiguousarray(rgb[..., ::-1])


def decode_with_torchvision(data: Bytes) -> Picture:
    """Decode with torchvision, on the processor."""
    import torch
    import torchvision.io

    rgb = torchvision.io.decode_jpeg(
        torch.from_numpy(data), mode=torchvision.io.ImageReadMode.RGB, apply_exif_orientation=True
    )
    return _blue_green_red(rgb)


def nvjpeg_decoder(device: str) -> Callable[[Bytes], Picture]:
    """Return a decoder that decodes on the GPU ``device``, such as cuda:0, and copies the picture back."""
    import torch
    import torchvision.io

    def decode(data: Bytes) -> Picture:
        rgb = torchvision.io.decode_jpeg(
            torch.from_numpy(data), mode=torchvision.io.ImageReadMode.RGB, device=torch.device(device)
        )
        return upright(_blue_green_red(rgb.cpu()), orientation(data))

    return decode


def turbojpeg_decoder() -> Callable[[Bytes], Picture]:
    """Return a decoder that decodes with libjpeg-turbo through PyTurboJPEG.

    Raises:
        RuntimeError: the library is not there, or is older than PyTurboJPEG wants.
    """
    import turbojpeg

    library = turbojpeg.TurboJPEG()

    def decode(data: Bytes) -> Picture:
        bgr: Picture = library.decode(data.tobytes(), pixel_format=turbojpeg.TJPF_BGR)
        return upright(bgr, orientation(data))

    return decode


def orientation(data: Bytes) -> int:
    """Return the EXIF orientation of a JPEG file, from 1 to 8; 1, upright, where the file does not say."""
    # Most files have none, and looking for the four letters is far faster than parsing the header.
    if b"Exif" not in data[:_EXIF_WITHIN].tobytes():
        return 1
    from PIL import Image

    with Image.open(io.BytesIO(data.tobytes())) as image:
        found = image.getexif().get(ORIENTATION_TAG, 1)
    return found if found in range(1, 9) else 1


def upright(picture: Picture, held: int) -> Picture:
    """Turn and mirror a ``picture`` that was taken with EXIF orientation ``held`` so that it stands upright.

    Source of the eight cases: CIPA DC-008 (Exif 2.3), section 4.6.4 A, tag Orientation.
    """
    if held in {5, 6, 7, 8}:
        picture = picture.transpose(1, 0, 2)
    if held in {3, 4, 7, 8}:
        picture = picture[::-1]
    if held in {2, 3, 6, 7}:
        picture = picture[:, ::-1]
    return np.ascontiguousarray(picture)


def _blue_green_red(rgb: Any) -> Picture:
    """Return a 3 x height x width tensor, red first, as a picture."""
    return np.ascontiguousarray(rgb.flip(0).permute(1, 2, 0).numpy())
