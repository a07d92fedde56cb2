"""Generated pictures of circles, squares and triangles: learnable, seeded, available everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.suite.model import ShapesData
from bench.workloads.yolo_format import Box, Picture, write_data_yaml, write_example

SHAPES_VERSION = 2
"""Raised whenever the generator's output changes, so that no older pictures are taken from the cache."""

CLASSES = ("circle", "square", "triangle")
MOST_SHAPES = 6
LEAST_VISIBLE = 0.85
"""Share of every shape's pixels that no later shape may cover."""
LEAST_CONTRAST = 100
"""Grey levels between a shape and what it is drawn on, in the channel that differs most."""
RADII = (0.1, 0.25)
"""Smallest and largest circumscribed radius as a share of the picture's side."""
LEAST_RADIUS = 4
"""Pixels; below it the three classes cannot be told apart."""
LARGEST_TURN = np.pi / 12
"""Radians a square or triangle is turned from lying flat on its base."""
PLACES_TRIED = 20
JPEG_QUALITY = 90


@dataclass(frozen=True, eq=False)
class Scene:
    """One generated picture and what is in it.

    Attributes:
        picture: size x size x 3, blue, green, red.
        owner: size x size; the shape seen at each pixel counted from 1, 0 where none is.
        labels: class index of shape 1, 2, ….
    """

    picture: Picture
    owner: NDArray[np.uint8]
    labels: tuple[int, ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The tightest box round the visible pixels of every shape."""
        boxes = []
        for number, label in enumerate(self.labels, start=1):
            rows, columns = np.nonzero(self.owner == number)
            left, right = int(columns.min()), int(columns.max()) + 1
            boxes.append(Box(label, left, int(rows.min()), right, int(rows.max()) + 1))
        return tuple(boxes)


def build_shapes(data: ShapesData, folder: Path) -> None:
    """Write the dataset in YOLO format into ``folder``; the same ``data`` gives the same bytes.

    Every picture has a random stream of its own, named by seed, split and number; splits share nothing.
    """
    for stream, (split, count) in enumerate((("train", data.images), ("val", data.validation_images))):
        for number in range(count):
            scene = draw_scene(np.random.default_rng((data.seed, stream, number)), data.size)
            write_example(folder, split, f"{number:06d}", scene.picture, scene.boxes, JPEG_QUALITY)
    write_data_yaml(folder, CLASSES)


def draw_scene(rng: np.random.Generator, size: int) -> Scene:
    """Draw one ``size`` x ``size`` picture of 1 to ``MOST_SHAPES`` shapes on a textured, noisy background."""
    canvas = _background(rng, size)
    owner = np.zeros((size, size), np.uint8)
    labels: list[int] = []
    areas = [0]  # by number of the shape, so entry 0 stands for the background
    smallest, largest = (max(LEAST_RADIUS, round(share * size)) for share in RADII)
    for _ in range(rng.integers(1, MOST_SHAPES + 1)):
        label = int(rng.integers(len(CLASSES)))
        radius = int(rng.integers(smallest, largest + 1))
        mask = _silhouette(label, radius, rng.uniform(-LARGEST_TURN, LARGEST_TURN))
        place = _free_place(rng, owner, mask, areas)
        if place is None:
            continue
        labels.append(label)
        areas.append(int(mask.sum()))
        owner[place][mask] = len(labels)
        canvas[place][mask] = _contrasting_colour(rng, canvas[place][mask].mean(axis=0))
    canvas += rng.normal(0, rng.uniform(2, 8), canvas.shape)
    return Scene(np.clip(canvas, 0, 255).astype(np.uint8), owner, tuple(labels))


def _background(rng: np.random.Generator, size: int) -> NDArray[np.float32]:
    """Return size x size x 3: a colour with cloudy patches and faint stripes over it."""
    patches = int(rng.integers(4, 12))
    coarse = rng.normal(0, 10, (patches, patches, 3)).astype(np.float32)
    clouds = cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)
    rows, columns = np.mgrid[:size, :size] / size
    direction, cycles = rng.uniform(0, np.pi), rng.uniform(3, 12)
    along = np.cos(direction) * columns + np.sin(direction) * rows
    stripes = rng.uniform(0, 8) * np.sin(2 * np.pi * cycles * along)
    colour = rng.uniform(80, 176, 3)
    return np.asarray(colour + clouds + stripes[..., None], dtype=np.float32)


def _silhouette(label: int, radius: int, angle: float) -> NDArray[np.bool_]:
    """Return the shape's pixels in a (2 radius + 1)-sided square, turned by ``angle`` radians.

    Corners lie on the circle of ``radius``; at angle 0 the base lies flat.
    """
    mask = np.zeros((2 * radius + 1, 2 * radius + 1), np.uint8)
    if CLASSES[label] == "circle":
        cv2.circle(mask, (radius, radius), radius, 1, thickness=-1)
    else:
        corners = 4 if CLASSES[label] == "square" else 3
        # Rows count downwards, so a quarter turn points down: half a side from there, the base lies flat.
        angles = angle + np.pi / 2 + 2 * np.pi * (np.arange(corners) + 0.5) / corners
        points = radius + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        cv2.fillPoly(mask, [np.rint(points).astype(np.int32)], 1)
    return mask.astype(bool)


def _free_place(
    rng: np.random.Generator, owner: NDArray[np.uint8], mask: NDArray[np.bool_], areas: list[int]
) -> tuple[slice, slice] | None:
    """Return rows and columns where ``mask`` leaves earlier shapes visible, or None when none was found."""
    side, size = len(mask), len(owner)
    visible = np.bincount(owner.ravel(), minlength=len(areas))
    for _ in range(PLACES_TRIED):
        top, left = (int(edge) for edge in rng.integers(0, size - side + 1, 2))
        place = slice(top, top + side), slice(left, left + side)
        covered = np.bincount(owner[place][mask], minlength=len(areas))
        if np.all((visible - covered)[1:] >= LEAST_VISIBLE * np.asarray(areas[1:])):
            return place
    return None


def _contrasting_colour(rng: np.random.Generator, behind: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return a random colour that stands out from the mean colour behind it."""
    while True:
        colour = rng.uniform(0, 256, 3)
        if np.abs(colour - behind).max() >= LEAST_CONTRAST:
            return colour
