"""Counts of the model as it was built, against the layers that its file describes, built apart without data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Counts:
    """What a model is made of.

    Attributes:
        kinds: class of each of its file's layers, the head last.
        modules: layers without layers inside.
        parameters: numbers that it has.
        channels: output channels of each convolution before the head, by its name.
    """

    kinds: tuple[str, ...]
    modules: int
    parameters: int
    channels: dict[str, int]


def counts_of(layers: Any) -> Counts:
    """Count Ultralytics' layers, of which the last is the head, whose channels follow classes and boxes."""
    import torch

    channels = {
        name: module.out_channels for name, module in layers[:-1].named_modules() if isinstance(module, torch.nn.Conv2d)
    }
    return Counts(
        kinds=tuple(type(layer).__name__ for layer in layers),
        modules=sum(1 for module in layers.modules() if next(module.children(), None) is None),
        parameters=sum(each.numel() for each in layers.parameters()),
        channels=channels,
    )


def counts_of_file(content: dict[str, Any], classes: int, channels: int = 3) -> Counts:
    """Count what a model file describes.

    Args:
        content: as Ultralytics reads it, with the scale it chose; not changed.
        classes: classes to tell apart.
        channels: of the pictures.
    """
    from copy import deepcopy

    import torch
    from ultralytics.nn.tasks import parse_model

    # On the meta device layers have shapes and no numbers: nothing is drawn and no memory filled.
    with torch.device("meta"):
        layers, _ = parse_model(deepcopy(content) | {"nc": classes}, ch=channels, verbose=False)
    return counts_of(layers)


@dataclass
class BuiltModel:
    """The counts of the model that a trainer builds, noted before anything replaces parts of it.

    Attributes:
        built: the trial's model; None until it is built.
    """

    built: Counts | None = None

    def attach(self, trainer: Any) -> None:
        """Note the counts when the trainer of this process builds its model from whatever it is given."""
        from bench.workloads.trainer import trained_by

        owner = trained_by(type(trainer))
        build = owner.get_model

        def build_and_note(trainer: Any, *args: Any, **kwargs: Any) -> Any:
            model = build(trainer, *args, **kwargs)
            self.built = counts_of(model.model)
            return model

        owner.get_model = build_and_note


def plain_counts(trainer: Any) -> Counts:
    """Count what the model file that a trainer was given describes, its multiples as they are."""
    from ultralytics.nn.tasks import yaml_model_load

    return counts_of_file(yaml_model_load(trainer.args.model), trainer.data["nc"], trainer.data["channels"])


def against_plain(built: Counts, plain: Counts) -> str:
    """Return what evidence shows of a model that was built with other multiples than its file's."""
    return (
        f"{sum(built.channels.values())} channels in {len(built.channels)} convolutions before the head, "
        f"{built.parameters} parameters; as its file describes it "
        f"{sum(plain.channels.values())} in {len(plain.channels)}, {plain.parameters}"
    )
