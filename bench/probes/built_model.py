"""Counts of the model as it was built, against a model built apart from the trial's as its file describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Counts:
    """What a model is made of.

    Attributes:
        parameters: numbers that it has.
        channels: output channels of each convolution before the head, by its name.
    """

    parameters: int
    channels: dict[str, int]


def counts_of(model: Any) -> Counts:
    """Count a model of Ultralytics' layers; its last layer is the head, whose channels follow classes and boxes."""
    import torch

    channels = {
        name: module.out_channels
        for name, module in model.model[:-1].named_modules()
        if isinstance(module, torch.nn.Conv2d)
    }
    return Counts(sum(each.numel() for each in model.parameters()), channels)


@dataclass
class BuiltModel:
    """The counts of the model that a trainer builds, noted before anything replaces parts of it.

    Attributes:
        built: the trial's model; None until it is built.
        plain: the model that its file describes, built apart.
    """

    built: Counts | None = None
    plain: Counts | None = None

    def attach(self, model_file: str) -> None:
        """Note the counts when Ultralytics' trainer of this process builds its model from whatever it is given."""
        import torch
        from ultralytics.models.yolo.detect import DetectionTrainer
        from ultralytics.nn.tasks import DetectionModel

        build = DetectionTrainer.get_model

        def build_and_note(trainer: Any, *args: Any, **kwargs: Any) -> Any:
            model = build(trainer, *args, **kwargs)
            self.built = counts_of(model)
            # Initial weights are drawn at random, and the trial's later draws must not depend on these.
            with torch.random.fork_rng(devices=()):
                plain = DetectionModel(model_file, nc=trainer.data["nc"], ch=trainer.data["channels"], verbose=False)
            self.plain = counts_of(plain)
            return model

        DetectionTrainer.get_model = build_and_note

    def text(self) -> str:
        """Return what evidence shows."""
        if self.built is None or self.plain is None:
            return "no model"
        return (
            f"{sum(self.built.channels.values())} channels in {len(self.built.channels)} convolutions before the head, "
            f"{self.built.parameters} parameters; as its file describes it "
            f"{sum(self.plain.channels.values())} in {len(self.plain.channels)}, {self.plain.parameters}"
        )
