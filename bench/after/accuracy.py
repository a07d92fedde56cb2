"""How well a deployed model finds what there is, by Ultralytics' own validator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from bench.after.deploy import threads_kept
from bench.after.pictures import side_of, validation_loader
from bench.after.runtimes import Deployed

if TYPE_CHECKING:
    from bench.workloads.trainer import ProbedTrainer


@dataclass(frozen=True)
class Accuracy:
    """Mean average precision over the classes of the validation split, 0 to 1.

    Attributes:
        map50: at an overlap (intersection over union) of 0.5.
        map50_95: the mean over overlaps from 0.5 to 0.95.
    """

    map50: float
    map50_95: float


class AsModule(nn.Module):
    """A model deployed for one picture as the module that Ultralytics' validator takes; a batch goes one by one."""

    def __init__(self, deployed: Deployed, trained: Any) -> None:
        super().__init__()
        self._deployed = deployed
        self.names, self.yaml, self.stride = trained.names, trained.yaml, trained.stride
        self.end2end = bool(getattr(trained, "end2end", False))

    def __deepcopy__(self, memo: object) -> AsModule:
        """Stay one: Ultralytics copies what it validates, and a runtime's session has no copy."""
        return self

    def forward(self, images: torch.Tensor, **_: Any) -> torch.Tensor:
        """Return the predictions for a batch."""
        return torch.cat([self._deployed(image) for image in torch.split(images, 1)])


def accuracy(trainer: ProbedTrainer, deployed: Deployed, trained: Any) -> Accuracy:
    """Validate a model that was deployed for one picture.

    Args:
        trainer: whose validation pictures are taken, as squares.
        deployed: the model.
        trained: what it was made of, which knows its classes.
    """
    from ultralytics.models.yolo.detect import DetectionValidator

    settings = {
        "data": str(trainer.args.data),
        "imgsz": side_of(trainer),
        "batch": trainer.batch_size,
        "device": str(trainer.device),
        "nms": trainer.args.nms,
        "conf": trainer.args.conf,
        "iou": trainer.args.iou,
        "max_det": trainer.args.max_det,
        "single_cls": trainer.args.single_cls,
        "plots": False,
        "verbose": False,
        "compile": False,
    }
    folder = Path(trainer.save_dir) / "after"
    with threads_kept():
        validator = DetectionValidator(dataloader=validation_loader(trainer), save_dir=folder, args=settings)
        validator(model=AsModule(deployed, trained))
    box = validator.metrics.box
    return Accuracy(float(box.map50), float(box.map))
