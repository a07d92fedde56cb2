"""Architectures side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from bench.optimizations.base import Card, Evidence, Optimization
from bench.probes.built_model import BuiltModel, Counts, counts_of_file
from bench.suite.model import Level
from bench.workloads.models import is_model_name, model_file

UNSCALED = "resnet50-yolo.yaml"
"""The one model of the harness's own whose backbone takes no multiples."""


def _there(model: str) -> str:
    """Accept a known name, or the absolute path of a file that is there."""
    path = Path(model)
    if not is_model_name(model) and not (path.is_absolute() and path.suffix in {".yaml", ".yml"} and path.is_file()):
        raise ValueError("a model that is there")
    return model


class ModelFile(Optimization):
    """Model YAML, in place of the workload's."""

    name = "model"
    card = Card(
        summary="trains another architecture: any detection model of Ultralytics, yolov4-csp.yaml (CSPDarknet-53, SPP "
        "and PAN) and resnet50-yolo.yaml (ResNet-50 under a YOLO head) of this package, or a file of yours",
        acts_on=("compute", "memory", "after"),
        evidence="layers and parameters of the model as built, against the file's, built apart; the trainer's class",
        needs="the workload's model as its first level; where the workload names a trainer, a subclass of Ultralytics' "
        "RTDETRTrainer for RT-DETR and one that is none for any other model; what it cannot train fails and says so",
        source="https://docs.ultralytics.com/guides/model-yaml-config/",
    )
    level_type = Annotated[
        str,
        AfterValidator(_there),
        Field(description="the name of an Ultralytics model YAML, or the path of one that is there"),
    ]
    usual_levels = ("yolov8n.yaml", "yolov5n.yaml", "yolov4-csp.yaml", "resnet50-yolo.yaml", "rtdetr-l.yaml")

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """A backbone of torchvision's is as wide as it is."""
        if levels["model"] == UNSCALED and levels.get("width", 1) != 1:
            return "the backbone of resnet50-yolo.yaml is torchvision's own and takes no width multiple"
        return None

    def configure(self, settings: dict[str, Any]) -> None:
        """Set ``model``; the trainer that it needs is chosen after that."""
        settings["model"] = model_file(str(self.level))

    def observe(self, trainer: Any) -> None:
        """Count the model when it is built."""
        self.observations["model"] = BuiltModel()
        self.observations["model"].attach(trainer)

    def evidence(self, trainer: Any) -> Evidence:
        """Expect exactly the layers and parameters that the file describes, with the trial's multiples."""
        from ultralytics.nn.tasks import yaml_model_load

        from bench.workloads.multiples import with_multiples
        from bench.workloads.trainer import trained_by

        content = yaml_model_load(model_file(str(self.level)))
        multiples = {each.name: float(each.level) for each in trainer.optimizations if each.name in {"width", "depth"}}
        apart = counts_of_file(with_multiples(content, **multiples), trainer.data["nc"], trainer.data["channels"])
        built: Counts = self.observations["model"].built
        return Evidence(
            in_force=built == apart,
            observed=f"{_text(built)}, trained by {trained_by(type(trainer)).__name__}",
            expected=f"{_text(apart)}, as {self.level} describes",
        )


def _text(counts: Counts) -> str:
    return (
        f"{len(counts.kinds)} layers ({counts.modules} without layers inside), the last {counts.kinds[-1]}, "
        f"{counts.parameters} parameters"
    )
