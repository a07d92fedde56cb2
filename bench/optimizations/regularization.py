"""What keeps weights small or features independent of each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from bench.errors import BenchError
from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Model

if TYPE_CHECKING:
    import torch

PENALTY = "l1_loss"
"""Name of the penalty among Ultralytics' loss items."""


class NoPlaceForDropoutError(BenchError):
    """The model's head has no branch of convolutions to put dropout in."""


class Penalty(Model):
    """A penalty on the size of weights: l2 as weight decay, l1 as a term of the loss."""

    method: Literal["l2", "l1"]
    amount: float = Field(gt=0, le=1, description="l2: Ultralytics' weight_decay; l1: factor of the sum of |weight|")


class Dropout(Model):
    """Whole channels dropped in front of the last convolution of every branch of the head."""

    method: Literal["dropout"]
    amount: float = Field(gt=0, lt=1, description="probability with which a channel is dropped")


class Regularization(Optimization):
    """One kind of regularization, in place of Ultralytics' weight decay."""

    name = "regularization"
    card = Card(
        summary="holds weights down by weight decay (l2) or by a penalty in the loss (l1), or drops channels in the "
        "detection head while training (dropout); none switches Ultralytics' own weight decay off, too",
        acts_on=("compute",),
        evidence="the optimizer's weight decay, the penalty among the loss items, the share of channels dropped",
        needs="dropout: a head with branches of convolutions, as all YOLO detection heads have",
        source="https://www.deeplearningbook.org/contents/regularization.html, "
        "https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html",
    )
    level_type = Annotated[
        Literal["none"] | Annotated[Penalty | Dropout, Field(discriminator="method")],
        Field(description="none or {method: l2 | l1 | dropout, amount: A}"),
    ]
    usual_levels = (
        "none",
        {"method": "l2", "amount": 0.001},
        {"method": "l1", "amount": 0.00001},
        {"method": "dropout", "amount": 0.1},
    )
    applied_after = ("convolution", "pruning")

    @property
    def _method(self) -> str:
        return str(self.level["method"]) if isinstance(self.level, dict) else "none"

    @property
    def _amount(self) -> float:
        return float(self.level["amount"]) if isinstance(self.level, dict) else 0.0  # type: ignore[arg-type]

    def configure(self, settings: dict[str, Any]) -> None:
        """Set ``weight_decay``; Ultralytics' ``dropout`` acts in classification only."""
        settings["weight_decay"] = self._amount if self._method == "l2" else 0.0

    def prepare_model(self, trainer: Any, model: torch.nn.Module) -> torch.nn.Module:
        """Put dropout into the head."""
        if self._method == "dropout":
            insert_dropout(model, self._amount)
        return model

    def prepare_training(self, trainer: Any) -> None:
        """Put the penalty into the loss."""
        if self._method != "l1":
            return
        from bench.compression.live import trained_model

        model = trained_model(trainer)
        # Inside the timed stand-in, so that the penalty's time counts as the loss's.
        model.criterion.target = PenalizedCriterion(model.criterion.target, penalized_weights(model), self._amount)

    def observe(self, trainer: Any) -> None:
        """Note the share of channels that dropout drops in the first step; hooks would split a compiled model."""
        from bench.compression.live import trained_model

        seen: dict[str, int] = {"channels": 0, "dropped": 0}
        self.observations.update(seen=seen)

        def attach(trainer: Any) -> None:
            def note(_: object, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
                alive = inputs[0].detach().flatten(2).abs().amax(2) > 0
                dropped = alive & (output.detach().flatten(2).abs().amax(2) == 0)
                seen["channels"] += int(alive.sum())
                seen["dropped"] += int(dropped.sum())

            handles = [module.register_forward_hook(note) for module in _dropouts(trained_model(trainer))]

            def detach(*_: object) -> None:
                while handles:
                    handles.pop().remove()

            trainer.loss_watchers.append(detach)

        trainer.add_callback("on_train_start", lambda trainer: None if trainer.args.compile else attach(trainer))

    def evidence(self, trainer: Any) -> Evidence:
        """Look for each kind: the one asked for has to be there, the others not."""
        from bench.compression.live import trained_model

        decay = max(float(group.get("weight_decay", 0)) for group in trainer.optimizer.param_groups)
        penalty = float((trainer.loss_items or {}).get(PENALTY, 0.0))
        dropouts = _dropouts(trained_model(trainer))
        probability = max((module.p for module in dropouts), default=0.0)
        observed = [f"weight decay {decay:.3g}", f"L1 penalty {penalty:.3g}", f"dropout {probability:.3g}"]
        wanted = {"l2": 0.0, "l1": 0.0, "dropout": 0.0}
        if self._method == "l2":
            # Ultralytics scales it by the images that really come before a step.
            wanted["l2"] = self._amount * trainer.batch_size * trainer.accumulate / trainer.args.nbs
        if self._method == "l1":
            wanted["l1"] = self._amount * _absolute_sum(penalized_weights(trained_model(trainer)))
        if self._method == "dropout":
            wanted["dropout"] = self._amount
        in_force = (
            math.isclose(decay, wanted["l2"], rel_tol=1e-4)
            # The weights have changed since the last loss was computed.
            and math.isclose(penalty, wanted["l1"], rel_tol=0.1)
            and math.isclose(probability, wanted["dropout"])
        )
        if self._method == "dropout" and not trainer.args.compile:
            seen = self.observations["seen"]
            observed.append(f"{seen['dropped']} of {seen['channels']} channels dropped in the first step")
            in_force = in_force and 0 < seen["dropped"] < seen["channels"]
        return Evidence(
            in_force=in_force,
            observed=", ".join(observed),
            expected=f"weight decay {wanted['l2']:.3g}, L1 penalty {wanted['l1']:.3g}, dropout {wanted['dropout']:.3g}",
        )


class PenalizedCriterion:
    """A loss function with the sum of absolute weights added to each image's loss."""

    def __init__(self, criterion: Any, weights: list[torch.Tensor], amount: float) -> None:
        self.criterion = criterion
        self.weights = weights
        self.amount = amount

    def __getattr__(self, name: str) -> Any:
        # Copies look these up before __init__ has run; passing them on would recurse without end.
        if name == "criterion" or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.criterion, name)

    def __call__(self, predictions: Any, batch: dict[str, Any]) -> Any:
        """Return the loss, summed over images as Ultralytics' is, and its items for one image."""
        import torch

        loss, items = self.criterion(predictions, batch)
        penalty = self.amount * torch.stack([weight.abs().sum() for weight in self.weights]).sum()
        scaled = penalty * len(batch["img"])
        return torch.cat([loss.reshape(-1), scaled.reshape(1)]), {**items, PENALTY: penalty.detach()}


def penalized_weights(model: torch.nn.Module) -> list[torch.Tensor]:
    """Return the weights that Ultralytics' weight decay would act on: trained ones, no biases, no normalization."""
    return [weight for weight in model.parameters() if weight.requires_grad and weight.ndim > 1]


def insert_dropout(model: Any, probability: float) -> None:
    """Put channel dropout in front of the last convolution of every branch of an Ultralytics model's head.

    Raises:
        NoPlaceForDropoutError: the head has no such branch.
    """
    from torch import nn

    head = model.model[-1]
    branches = [
        module
        for module in head.modules()
        if isinstance(module, nn.Sequential) and len(module) > 1 and isinstance(module[-1], nn.Conv2d)
    ]
    if not branches:
        raise NoPlaceForDropoutError(f"{type(head).__name__} has no branch of convolutions to put dropout in")
    for branch in branches:
        branch.insert(len(branch) - 1, nn.Dropout2d(probability))


def _dropouts(model: Any) -> list[Any]:
    """Return a model's modules that drop whole channels."""
    from torch import nn

    return [module for module in model.modules() if isinstance(module, nn.Dropout2d)]


def _absolute_sum(weights: list[torch.Tensor]) -> float:
    """Return the sum of all weights' absolute values."""
    return sum(float(weight.detach().abs().sum()) for weight in weights)
