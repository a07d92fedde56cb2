"""Drawn rectangles, and what an augmentation makes of them: boxes that it returns, boxes read off the pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.augmentation.picture import AugmentPicture
from bench.augmentation.recipe import Recipe

SIDE = 128
"""Height and width of a drawn picture, in pixels."""

BOXES = ((3, 4, 15, 14), (10, 24, 60, 70), (70, 80, 128, 120))
"""Left, top, right, bottom of three boxes: one in a corner, one inside, one at the border; none over another."""

COLOURS = ("red", "green", "blue")
"""What the classes are called."""

LIT = 46
"""How much brighter than grey a shape is at least, where another picture shines through: a fifth of 230."""

Augment = Callable[[NDArray[np.uint8], NDArray[np.float32]], "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """An augmented picture, (SIDE, SIDE, 3) red, green, blue; and its boxes in pixels by class."""

    picture: NDArray[np.uint8]
    boxes: dict[int, NDArray[np.float32]]


def drawn() -> NDArray[np.uint8]:
    """Draw the boxes on black: box n, of class n, fills channel n alone."""
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    for channel, (left, top, right, bottom) in enumerate(BOXES):
        picture[top:bottom, left:right, channel] = 230
    return picture


def seen(picture: NDArray[np.uint8], channel: int) -> NDArray[np.float32] | None:
    """Return left, top, right, bottom of what is bright in one channel alone, or None when nothing is."""
    values = picture.astype(np.float32)
    others = np.delete(values, channel, axis=2).max(axis=2)
    rows, columns = np.nonzero(values[..., channel] - others > 70)
    if not len(rows):
        return None
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float32)


def outcomes(library: str, recipe: Recipe, seeds: int, pictures: int) -> Iterator[Outcome]:
    """Yield what becomes of the drawn picture, several times for each of several seeds."""
    import torch

    for seed in range(seeds):
        torch.manual_seed(seed)
        augment = by_batch(recipe) if library == "kornia" else by_picture(library, recipe)
        for _ in range(pictures):
            yield augment(drawn(), np.array(BOXES, np.float32))


def by_picture(library: str, recipe: Recipe) -> Augment:
    """Return a library's augmentation of Ultralytics' labels of one picture."""
    from ultralytics.utils.instance import Instances

    from bench.augmentation.with_albumentations import WithAlbumentations
    from bench.augmentation.with_imgaug import WithImgaug
    from bench.augmentation.with_torchvision import WithTorchvision

    make = {"albumentations": WithAlbumentations, "imgaug": WithImgaug, "torchvision": WithTorchvision}[library]
    step = AugmentPicture(lambda height, width: make(recipe, height, width))

    def augment(picture: NDArray[np.uint8], boxes: NDArray[np.float32]) -> Outcome:
        labels = {
            "img": np.ascontiguousarray(picture[..., ::-1]),
            "cls": np.arange(len(boxes), dtype=np.float32)[:, None],
            "instances": Instances(centred(boxes) / SIDE, bbox_format="xywh", normalized=True),
        }
        labels = step(labels)
        instances = labels["instances"]
        instances.convert_bbox("xyxy")
        return Outcome(
            labels["img"][..., ::-1], dict(zip(labels["cls"][:, 0].astype(int), instances.bboxes, strict=True))
        )

    return augment


def by_batch(recipe: Recipe) -> Augment:
    """Return kornia's augmentation of a batch of two: a picture without boxes, and the one given."""
    import torch

    from bench.augmentation.with_kornia import AugmentBatch

    step = AugmentBatch(recipe)

    def augment(picture: NDArray[np.uint8], boxes: NDArray[np.float32]) -> Outcome:
        image = torch.from_numpy(picture).permute(2, 0, 1).float() / 255
        batch = step(
            {
                "img": torch.stack((torch.zeros_like(image), image)),
                "cls": torch.arange(len(boxes)).float()[:, None],
                "bboxes": torch.from_numpy(centred(boxes) / SIDE),
                "batch_idx": torch.ones(len(boxes)),
            }
        )
        assert set(batch["batch_idx"].tolist()) <= {1.0}
        corners = cornered(batch["bboxes"].numpy() * SIDE)
        pixels = (batch["img"][1].permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
        return Outcome(pixels, dict(zip(batch["cls"][:, 0].int().tolist(), corners, strict=True)))

    return augment


def centred(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return centre, width and height of boxes given by left, top, right, bottom."""
    return np.concatenate(((boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]), axis=1)


def cornered(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return left, top, right, bottom of boxes given by centre, width and height."""
    return np.concatenate((boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2), axis=1)


@dataclass(frozen=True)
class Composed:
    """What Ultralytics' own dataset gives: a picture, (SIDE, SIDE, 3) red, green, blue; by class, its boxes, (N, 4)."""

    picture: NDArray[np.uint8]
    boxes: dict[int, NDArray[np.float32]]


def drawn_in(channel: int) -> NDArray[np.uint8]:
    """Draw the boxes on black: all fill one channel."""
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    for left, top, right, bottom in BOXES:
        picture[top:bottom, left:right, channel] = 230
    return picture


def composed(folder: Path, settings: Mapping[str, float], rounds: int) -> Iterator[tuple[int, Composed]]:
    """Yield what Ultralytics' own dataset makes of two pictures of each colour, with the class of the one asked for.

    Args:
        folder: an empty one, for the pictures and their labels.
        settings: of the augmentation, which moves nothing and changes no colours but for them.
        rounds: how often each picture is asked for.
    """
    import random

    from PIL import Image
    from ultralytics.cfg import get_cfg
    from ultralytics.data.build import build_yolo_dataset

    files = [folder / "images" / f"{number}.png" for number in range(2 * len(COLOURS))]
    for kind in ("images", "labels"):
        (folder / kind).mkdir()
    for number, file in enumerate(files):
        Image.fromarray(drawn_in(number % len(COLOURS))).save(file)
        rows = centred(np.array(BOXES, np.float32)) / SIDE
        lines = [" ".join(str(value) for value in (number % len(COLOURS), *row)) for row in rows.tolist()]
        (folder / "labels" / f"{number}.txt").write_text("\n".join(lines))
    still = dict.fromkeys(("mosaic", "translate", "scale", "fliplr", "hsv_h", "hsv_s", "hsv_v"), 0.0)
    cfg = get_cfg(overrides={"imgsz": SIDE, "augmentations": [], **still, **settings})
    data = {"names": dict(enumerate(COLOURS)), "nc": len(COLOURS)}
    dataset = build_yolo_dataset(cfg, str(folder / "images"), 4, data)
    random.seed(0)
    np.random.seed(0)
    for _ in range(rounds):
        for number in range(len(files)):
            sample = dataset[number]
            classes = sample["cls"][:, 0].int().numpy()
            corners = cornered(sample["bboxes"].numpy() * SIDE)
            boxes = {each: corners[classes == each] for each in set(classes.tolist())}
            yield number % len(COLOURS), Composed(sample["img"].permute(1, 2, 0).numpy(), boxes)


def lit(picture: NDArray[np.uint8], channel: int) -> NDArray[np.bool_]:
    """Return which pixels, (SIDE, SIDE), have a shape of one channel, also where one of another channel is over it."""
    values = picture.astype(np.int16)
    return values[..., channel] - values.min(axis=2) > LIT


def covered(boxes: NDArray[np.float32], margin: float) -> NDArray[np.bool_]:
    """Return which pixels, (SIDE, SIDE), are wholly in one of the boxes, each grown by so many pixels to every side."""
    start, end = np.arange(SIDE), np.arange(SIDE) + 1
    pixels = np.zeros((SIDE, SIDE), bool)
    for left, top, right, bottom in boxes:
        columns = (start >= left - margin) & (end <= right + margin)
        rows = (start >= top - margin) & (end <= bottom + margin)
        pixels |= rows[:, None] & columns
    return pixels
