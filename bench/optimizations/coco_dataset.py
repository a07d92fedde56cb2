"""Whose dataset and loader feed the training."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bench.loading.buffer import KEPT
from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level

if TYPE_CHECKING:
    from bench.environment import Machine


class CocoDataset(Optimization):
    """Ultralytics' dataset with its endless loader, or torchvision's with torch's."""

    name = "coco_dataset"
    card = Card(
        summary="takes samples from torchvision's CocoDetection through a plain DataLoader; decoding, resizing and "
        "augmentation stay as the other axes have them",
        acts_on=("data",),
        evidence="classes of both loaders and of their datasets; look-ups of annotations, counted",
        cost="writing and reading the annotation file",
        needs=f"torchvision: the extra coco; pictures that Ultralytics keeps decoded in memory ({KEPT}) are kept by "
        "either dataset, and annotations looked up all the same, so a few will do",
        source="https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.CocoDetection.html",
    )
    level_type = Literal["ultralytics", "torchvision"]
    usual_levels = ("ultralytics", "torchvision")

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Only Ultralytics' own loader can be made to start its workers anew."""
        if levels["coco_dataset"] == "torchvision" and levels.get("persistent_workers") == "off":
            return "persistent_workers=off changes Ultralytics' loader, which coco_dataset=torchvision does without"
        return None

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        """CocoDetection reads annotations with pycocotools."""
        if level == "torchvision" and find_spec("pycocotools") is None:
            return "needs the extra coco: pip install 'yolo-train-bench[coco]'"
        return None

    def prepare_trainer(self, trainer: Any) -> None:
        """Replace what Ultralytics' trainer builds its datasets and loaders with."""
        if self.level == "ultralytics":
            return
        import ultralytics.models.yolo.detect.train as detect

        from bench.loading.coco_dataset import as_coco, build_plain_loader

        build = detect.build_yolo_dataset
        folder = Path(trainer.args.project) / "data" / "coco"

        def build_coco(cfg: Any, *args: Any, mode: str = "train", **kwargs: Any) -> Any:
            dataset = build(cfg, *args, mode=mode, **kwargs)
            return as_coco(dataset, cfg, folder / f"{mode}.json")

        detect.build_yolo_dataset, detect.build_dataloader = build_coco, build_plain_loader

    def observe(self, trainer: Any) -> None:
        """Count the look-ups of annotations, where there is a library to make them."""
        if self.level == "ultralytics":
            return
        from torchvision.datasets import CocoDetection

        from bench.loading.counting import SharedCount, counted

        self.observations["looked up"] = SharedCount()
        CocoDetection._load_target = counted(CocoDetection._load_target, self.observations["looked up"])

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the classes with the level's."""
        from torch.utils.data import DataLoader
        from torchvision.datasets import CocoDetection
        from ultralytics.data.build import InfiniteDataLoader

        loaders = (trainer.train_loader, trainer.test_loader)
        # Ultralytics' loader is a DataLoader too.
        own = [isinstance(loader, InfiniteDataLoader) for loader in loaders]
        coco = [isinstance(loader.dataset, CocoDetection) and isinstance(loader, DataLoader) for loader in loaders]
        classes = " and ".join(f"{type(each.dataset).__name__} in {type(each).__name__}" for each in loaders)
        if self.level == "ultralytics":
            return Evidence(all(own) and not any(coco), classes, "Ultralytics' dataset in its own loader")
        looked_up = self.observations["looked up"].value
        return Evidence(
            in_force=all(coco) and not any(own) and looked_up > 0,
            observed=f"{classes}; annotations looked up {looked_up} times",
            expected="torchvision's CocoDetection in torch's plain loader, annotations looked up for every picture",
        )
