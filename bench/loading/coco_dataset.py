"""torchvision's CocoDetection and torch's plain DataLoader in Ultralytics' training.

Imports torch, torchvision and Ultralytics, so only the trial's own process may import this module.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch.utils.data import DataLoader
from torchvision.datasets import CocoDetection
from ultralytics.data.build import seed_worker
from ultralytics.data.dataset import YOLODataset
from ultralytics.data.utils import exif_size
from ultralytics.utils import RANK

from bench.loading.coco_annotations import classes_and_boxes, coco_annotations, write_annotations


class CocoDetectionDataset(CocoDetection, YOLODataset):
    """CocoDetection whose samples go through Ultralytics' transforms.

    What a sample is comes from CocoDetection: its list of pictures and, at every access, its annotations out of
    pycocotools. Its pictures are decoded, resized and kept for mosaics as Ultralytics' own dataset does that, so
    that only the dataset and the loader differ from it.
    """

    def __init__(self, annotations: Path, like: YOLODataset) -> None:
        """Read ``annotations`` of the pictures of ``like``, in its order, and take its settings over."""
        CocoDetection.__init__(self, root="/", annFile=str(annotations))
        settings = {name: value for name, value in vars(like).items() if name != "transforms"}
        self.__dict__.update(settings)

    def _load_image(self, id: int) -> Any:
        """Return the picture numbered ``id``, from 1: height x width x 3, its size before and after resizing."""
        return self.load_image(id - 1)

    def get_image_and_label(self, index: int) -> dict[str, Any]:
        """Return a sample as Ultralytics' transforms take it."""
        number = self.ids[index]
        picture, original, resized = self._load_image(number)
        kinds, boxes = classes_and_boxes(self._load_target(number), width=original[1], height=original[0])
        label = {
            "im_file": self.im_files[index],
            "cls": kinds,
            "bboxes": boxes,
            "normalized": True,
            "bbox_format": "ltwh",
            "img": picture,
            "ori_shape": original,
            "resized_shape": resized,
            "ratio_pad": (resized[0] / original[0], resized[1] / original[1]),
        }
        if self.rect:
            label["rect_shape"] = self.batch_shapes[self.batch[index]]
        return self.update_labels_info(label)  # type: ignore[no-any-return]

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return a transformed sample."""
        sample: dict[str, Any] = self.transforms(self.get_image_and_label(index))
        return sample

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.ids)


class PlainDataLoader(DataLoader[Any]):
    """Torch's DataLoader with the two names by which Ultralytics' loop and its callers reach into its own loader."""

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        """Start a pass at its first batch: Ultralytics' loop asks for two iterators an epoch and uses one."""
        yield from super().__iter__()

    @property
    def iterator(self) -> Any:
        """The iterator at work; None before the first, and without workers."""
        return self._iterator

    def reset(self) -> None:
        """End the workers, so that the next pass starts new ones."""
        if self._iterator is not None:
            self.iterator._shutdown_workers()
        self._iterator = None


def as_coco(dataset: YOLODataset, hyp: Any, file: Path) -> CocoDetectionDataset:
    """Write the labels of ``dataset`` into the annotation file ``file`` and return the CocoDetection of it.

    Args:
        dataset: Ultralytics' dataset for detection.
        hyp: settings of the transforms.
        file: written here.
    """
    sizes = []
    for picture in dataset.im_files:
        with Image.open(picture) as image:
            sizes.append(exif_size(image))
    pictures = [Path(picture).absolute() for picture in dataset.im_files]
    write_annotations(file, coco_annotations(pictures, sizes, dataset.labels, dataset.data["names"]))
    coco = CocoDetectionDataset(file, dataset)
    coco.transforms = coco.build_transforms(hyp)
    return coco


def build_plain_loader(
    dataset: CocoDetectionDataset,
    batch: int,
    workers: int,
    shuffle: bool = True,
    drop_last: bool = False,
    device: Any = "cpu",
    **_: Any,
) -> PlainDataLoader:
    """Build a plain loader from the arguments of Ultralytics' ``build_dataloader``, for one process.

    The workers are kept from pass to pass, and seeded as Ultralytics seeds them.
    """
    collate: Callable[[Any], Any] = dataset.collate_fn
    batch = min(batch, len(dataset))
    batches = math.ceil(len(dataset) / batch)
    workers = min(workers, batches) if batches > 1 else 0
    generator = torch.Generator()
    generator.manual_seed((6148914691236517205 + RANK + torch.initial_seed() - RANK - 1) % (1 << 64))
    return PlainDataLoader(
        dataset,
        batch_size=batch,
        shuffle=shuffle,
        num_workers=workers,
        collate_fn=collate,
        pin_memory=torch.device(device).type == "cuda",
        drop_last=drop_last and len(dataset) > batch,
        worker_init_fn=seed_worker,
        generator=generator,
        persistent_workers=workers > 0,
        prefetch_factor=(4 if shuffle else 2) if workers else None,
    )
