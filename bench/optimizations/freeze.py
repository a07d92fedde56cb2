"""Layers that are not trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StrictInt

from bench.optimizations.base import Card, Evidence, Optimization

if TYPE_CHECKING:
    import torch


class Freeze(Optimization):
    """Number of layers at the input's end whose weights stay as they are."""

    name = "freeze"
    card = Card(
        summary="leaves the first layers, or the whole backbone, untrained: no backward pass through them",
        acts_on=("compute", "memory"),
        evidence="parameters that had a gradient at an optimizer step, by layer",
        needs="a model with layers beyond those that are frozen; backbone: a model file with a backbone",
        source="https://docs.ultralytics.com/modes/train/#train-settings",
    )
    level_type = Annotated[
        Annotated[StrictInt, Field(ge=0, le=1000)] | Literal["backbone"],
        Field(description="a number of layers from 0, or backbone"),
    ]
    usual_levels = (0, 10, "backbone")

    def prepare_model(self, trainer: Any, model: torch.nn.Module) -> torch.nn.Module:
        """Set ``freeze``, which Ultralytics acts on once the model is built and its backbone can be counted."""
        trainer.args.freeze = frozen_layers(self.level, model)
        return model

    def observe(self, trainer: Any) -> None:
        """Note, at the first optimizer step, which parameters have a gradient."""

        def attach(trainer: Any) -> None:
            def note(*_: object) -> None:
                self.observations["trained"] = {
                    name for name, parameter in _parameters(trainer) if parameter.grad is not None
                }
                handle.remove()

            handle = trainer.optimizer.register_step_pre_hook(note)

        trainer.add_callback("on_train_start", attach)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the layers that had gradients with those that should have had."""
        from bench.compression.live import trained_model

        names = [name for name, _ in _parameters(trainer)]
        trained = self.observations.get("trained", set())
        first = frozen_layers(self.level, trained_model(trainer))
        # Ultralytics never trains the fixed projection called dfl.
        layers = {layer_of(name) for name in names if ".dfl." not in name}
        return Evidence(
            in_force={layer_of(name) for name in trained} == {layer for layer in layers if layer >= first},
            observed=f"{len(trained)} of {len(names)} parameter tensors had a gradient, "
            f"the first in layer {min(map(layer_of, trained), default='none')}",
            expected=f"gradients in every layer from {first} on",
        )


def frozen_layers(level: Any, model: Any) -> int:
    """Return how many layers of an Ultralytics model ``level`` freezes."""
    return len(model.yaml["backbone"]) if level == "backbone" else int(level)


def layer_of(name: str) -> int:
    """Return the layer that a parameter such as ``model.4.cv1.conv.weight`` is in."""
    return int(name.split("model.", 1)[1].split(".", 1)[0])


def _parameters(trainer: Any) -> list[tuple[str, Any]]:
    """Return the names and tensors of the trained model's parameters."""
    from bench.compression.live import trained_model

    return list(trained_model(trainer).named_parameters())
