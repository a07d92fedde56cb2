"""Every decoder gives OpenCV's picture: the same colours in the same places, upright."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from ultralytics.utils.patches import imread

from bench.environment import Machine
from bench.loading import decoders
from bench.loading.decoders import Bytes, Picture
from bench.optimizations.image_decoder import ImageDecoder

TOLERANCE = 3
"""Levels of 255 by which inverse cosine transforms and chroma upsampling of correct decoders differ."""

DECODERS: dict[str, Callable[[], Callable[[Bytes], Picture]]] = {
    "pillow": lambda: decoders.decode_with_pillow,
    "torchvision": lambda: decoders.decode_with_torchvision,
    "turbojpeg": decoders.turbojpeg_decoder,
    "nvjpeg": lambda: decoders.nvjpeg_decoder("cuda:0"),
}


@pytest.fixture(params=DECODERS)
def decode(request: pytest.FixtureRequest) -> Callable[[Bytes], Picture]:
    reason = ImageDecoder.unavailable(request.param, Machine.here())
    if reason is not None:
        pytest.skip(f"{request.param}: {reason}")
    return DECODERS[request.param]()


def smooth_picture() -> Picture:
    """Blue grows to the right, green grows downwards, red is 200: 40 rows, 64 columns."""
    picture = np.full((40, 64, 3), 200, np.uint8)
    picture[..., 0] = np.arange(64) * 3
    picture[..., 1] = np.arange(40)[:, None] * 5
    return picture


def as_jpeg(picture: Picture, held: int = 1) -> bytes:
    stream, exif = io.BytesIO(), Image.Exif()
    exif[decoders.ORIENTATION_TAG] = held
    extra = {"exif": exif} if held != 1 else {}
    Image.fromarray(picture[..., ::-1]).save(stream, "JPEG", quality=95, subsampling=0, **extra)
    return stream.getvalue()


def test_colours_and_places_are_right(decode: Callable[[Bytes], Picture]) -> None:
    drawn = smooth_picture()
    decoded = decode(np.frombuffer(as_jpeg(drawn), np.uint8).copy())
    assert decoded.dtype == np.uint8
    assert decoded.shape == (40, 64, 3)
    assert decoded.flags.c_contiguous
    assert np.abs(decoded.astype(int) - drawn).max() <= 6


@pytest.mark.parametrize("held", range(1, 9))
def test_turned_pictures_come_out_as_from_opencv(decode: Callable[[Bytes], Picture], held: int, tmp_path: Path) -> None:
    file = tmp_path / "turned.jpg"
    file.write_bytes(as_jpeg(smooth_picture(), held))
    expected = imread(file)
    decoded = decode(np.fromfile(file, np.uint8))
    assert decoded.shape == expected.shape
    assert np.abs(decoded.astype(int) - expected).max() <= TOLERANCE


def test_grey_jpegs_get_three_equal_channels(decode: Callable[[Bytes], Picture]) -> None:
    _, data = cv2.imencode(".jpg", smooth_picture()[..., 0])
    decoded = decode(data.ravel())
    assert decoded.shape == (40, 64, 3)
    assert (decoded == decoded[..., :1]).all()


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (1, [[1, 2], [3, 4]]),
        (2, [[2, 1], [4, 3]]),
        (3, [[4, 3], [2, 1]]),
        (4, [[3, 4], [1, 2]]),
        (5, [[1, 3], [2, 4]]),
        (6, [[3, 1], [4, 2]]),
        (7, [[4, 2], [3, 1]]),
        (8, [[2, 4], [1, 3]]),
    ],
)
def test_upright(held: int, expected: list[list[int]]) -> None:
    stored = np.array([[1, 2], [3, 4]], np.uint8)[..., None]
    assert decoders.upright(stored, held)[..., 0].tolist() == expected


def test_only_colour_jpegs_are_taken_from_opencv(tmp_path: Path) -> None:
    picture = smooth_picture()
    for name in ("a.png", "really_a_png.jpg"):
        (tmp_path / name).write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    (tmp_path / "b.jpg").write_bytes(as_jpeg(picture))
    seen: list[str] = []

    def decode(data: Bytes) -> Picture:
        seen.append("decoded")
        return picture

    read = decoders.jpeg_reader(decode, imread)
    assert (read(tmp_path / "a.png") == picture).all()
    assert (read(tmp_path / "really_a_png.jpg") == picture).all()
    grey = read(tmp_path / "b.jpg", cv2.IMREAD_GRAYSCALE)
    assert grey is not None
    assert grey.shape == (40, 64, 1)
    assert read(tmp_path / "missing.jpg") is None
    assert seen == []
    assert read(tmp_path / "b.jpg") is picture
    assert seen == ["decoded"]
