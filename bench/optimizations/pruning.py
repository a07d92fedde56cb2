"""Pruned weights, filters and channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from bench.optimizations.base import Card, Evidence, Optimization, level_adapter, method_of
from bench.suite.model import Level, Model

if TYPE_CHECKING:
    import torch

    from bench.environment import Machine


class Masked(Model):
    """Pruning by masks: the tensors keep their size, so training is no faster; what comes out is sparse."""

    method: Literal["l1-unstructured", "global-unstructured", "filter-norm", "activation"]
    amount: float = Field(0.5, gt=0, lt=1)
    stages: int = Field(1, ge=1, le=1000)


class Removed(Model):
    """Pruning that takes channels out of the tensors before training begins."""

    method: Literal["channels"]
    amount: float = Field(0.5, gt=0, lt=1)


TOLERANCE = 0.03
"""Largest difference between a share asked for and one seen: small layers cannot be cut everywhere."""


class Pruning(Optimization):
    """Weights held at zero by masks, or channels removed for good; training goes on afterwards."""

    name = "pruning"
    card = Card(
        summary="prunes weights or filters by masks (same cost, sparse result), or removes channels for good (faster)",
        acts_on=("compute", "memory", "after"),
        evidence="share of zeros read from the live weights and from their moving average; channels and parameters "
        "of the live model against the model as its file describes it",
        cost="a second or so to trace the model where channels are removed; activation watches the first epoch",
        needs="channels: the extra pruning, and a model with a Detect head; blocks with attention keep their channels",
        source="https://docs.pytorch.org/tutorials/intermediate/pruning_tutorial.html, "
        "https://github.com/VainF/Torch-Pruning",
    )
    level_type = Annotated[
        Literal["none"] | Masked | Removed,
        Field(
            description="none, {method: l1-unstructured, global-unstructured, filter-norm or activation, "
            "amount: a share of 1, stages: 1 for one-shot, more for gradual, an epoch apart}, "
            "or {method: channels, amount: a share of 1}"
        ),
    ]
    usual_levels = (
        "none",
        *(
            Masked.model_validate({"method": method}).model_dump(mode="json")
            for method in ("l1-unstructured", "global-unstructured", "filter-norm", "activation")
        ),
        Masked(method="l1-unstructured", stages=4).model_dump(mode="json"),
        Removed(method="channels").model_dump(mode="json"),
    )
    applied_after = ("convolution",)

    @property
    def _asked(self) -> Masked | Removed | None:
        """What the level asks for."""
        asked: Masked | Removed | Literal["none"] = level_adapter(type(self)).validate_python(self.level)
        return None if asked == "none" else asked

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Activations inside a compiled graph cannot be watched."""
        if method_of(levels["pruning"]) == "activation" and levels.get("compile", "off") != "off":
            return "the activations inside a compiled graph cannot be watched"
        return None

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        """Removing channels takes Torch-Pruning."""
        from importlib.util import find_spec

        if method_of(level) == "channels" and find_spec("torch_pruning") is None:
            return "needs the extra pruning: pip install 'yolo-train-bench[pruning]'"
        return None

    def settles_after(self, trainer: Any) -> int:
        """The epochs until its last stage: the first is before training, or after an epoch where activations count."""
        asked = self._asked
        return asked.stages - (asked.method != "activation") if isinstance(asked, Masked) else 0

    def prepare_model(self, trainer: Any, model: torch.nn.Module) -> torch.nn.Module:
        """Remove channels before anything copies the model."""
        asked = self._asked
        if isinstance(asked, Removed):
            from bench.compression.channels import remove_channels

            remove_channels(model, asked.amount)
        return model

    def prepare_training(self, trainer: Any) -> None:
        """Mask the model and its moving average, which is a copy by now, and keep both masked."""
        asked = self._asked
        if isinstance(asked, Masked):
            from bench.compression.pruner import Pruner

            Pruner(asked.method, asked.amount, asked.stages).attach(trainer)

    def observe(self, trainer: Any) -> None:
        """Note the channels of the model as its file describes it, before anything replaces it."""
        from ultralytics.models.yolo.detect import DetectionTrainer

        from bench.compression.zeros import channels_by_name

        build = DetectionTrainer.get_model

        def build_and_note(*args: Any, **kwargs: Any) -> Any:
            model = build(*args, **kwargs)
            self.observations["channels"] = channels_by_name(model)
            self.observations["parameters"] = _parameters(model)
            return model

        DetectionTrainer.get_model = build_and_note

    def evidence(self, trainer: Any) -> Evidence:
        """Count zeros in the live model and its average, and channels against those it was built with."""
        from bench.compression.live import averaged_model, trained_model
        from bench.compression.zeros import channels_by_name, count_zeros, share_gone

        model = trained_model(trainer)
        live, average = count_zeros(model), count_zeros(averaged_model(trainer))
        gone = share_gone(self.observations["channels"], channels_by_name(model))
        asked = self._asked
        if asked is None:
            in_force, expected = live.weights < TOLERANCE and gone == 0, "no zeros, all channels"
        elif isinstance(asked, Removed):
            in_force, expected = gone >= asked.amount / 2, f"about {asked.amount:.0%} of channels gone"
        else:
            share = asked.amount * _progress(asked, trainer.epoch)
            by_filter = asked.method in {"filter-norm", "activation"}
            seen = [each.filters if by_filter else each.weights for each in (live, average)]
            in_force = all(abs(each - share) <= TOLERANCE for each in seen)
            expected = f"{share:.1%} of {'filters' if by_filter else 'weights'} zero"
        return Evidence(
            in_force=in_force,
            observed=f"{live.weights:.1%} of weights and {live.filters:.1%} of filters zero, in the average "
            f"{average.weights:.1%} and {average.filters:.1%}; {gone:.1%} of channels gone; "
            f"{_parameters(model)} parameters of {self.observations['parameters']}",
            expected=expected,
        )


def _parameters(model: torch.nn.Module) -> int:
    """Return the number of a model's parameters."""
    return sum(parameter.numel() for parameter in model.parameters())


def _progress(asked: Masked, epochs_done: int) -> float:
    """Return the share of the final amount that is due after some epochs."""
    from bench.compression.masks import ramp

    # Activations are known only after the first epoch; all else is pruned once before it.
    return ramp((epochs_done + (asked.method != "activation")) / asked.stages)
