"""Pictures for a deployed model: square, and prepared as the network is fed in training."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.data import DataLoader

if TYPE_CHECKING:
    from bench.workloads.trainer import ProbedTrainer


def side_of(trainer: ProbedTrainer) -> int:
    """Return the side of the pictures that the model is deployed for, in pixels: that of validation."""
    return int(trainer.test_loader.dataset.imgsz)


def square(trainer: ProbedTrainer, dataset: Any) -> Any:
    """Return a view of one of Ultralytics' data sets that pads every picture to a square and augments none.

    Most runtimes take one size of picture, and Ultralytics validates with as many as there are proportions.
    """
    plain = copy(dataset)
    plain.augment, plain.rect, plain.imgsz = False, False, side_of(trainer)
    # The class's method: one that a technique has put in its place asks ``dataset`` whether to augment.
    plain.transforms = type(plain).build_transforms(plain, copy(trainer.args))
    return plain


def training_pictures(trainer: ProbedTrainer, count: int) -> torch.Tensor:
    """Return the first ``count`` training pictures, repeated where there are fewer, shape (count, 3, side, side).

    They are not augmented, neither one by one nor as a batch.
    """
    dataset = trainer.train_loader.dataset
    plain = square(trainer, dataset)
    samples = [plain.transforms(plain.get_image_and_label(index % len(plain))) for index in range(count)]
    # What augments whole batches asks the trainer's data set whether to.
    augmented, dataset.augment = dataset.augment, False
    multi_scale, trainer.args.multi_scale = trainer.args.multi_scale, 0.0
    try:
        images: torch.Tensor = trainer.preprocess_batch(plain.collate_fn(samples))["img"]
    finally:
        dataset.augment = augmented
        trainer.args.multi_scale = multi_scale
    return images.float()


def validation_loader(trainer: ProbedTrainer) -> DataLoader[Any]:
    """Return a loader of all validation pictures, as squares, in batches of the training's size."""
    dataset = square(trainer, trainer.test_loader.dataset)
    return DataLoader(dataset, batch_size=trainer.batch_size, collate_fn=dataset.collate_fn)
