"""The moving average of the weights that Ultralytics keeps, validates and saves."""

from __future__ import annotations

from typing import Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization


class Ema(Optimization):
    """Exponential moving average of the weights."""

    name = "ema"
    card = Card(
        summary="averages the weights after every optimizer step (on), or validates and saves them as they are (off)",
        acts_on=("compute", "epoch"),
        evidence="updates of the average against optimizer steps, and whether the weights validated are the live ones",
        source="https://docs.pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema",
    )
    level_type = Literal["on", "off"]
    usual_levels = ("on", "off")

    def prepare_training(self, trainer: Any) -> None:
        """Stop the updates, and copy the live weights at the end of each epoch's steps.

        What is validated and saved is the average's copy of the model, which would else stay at the initial weights.
        """
        if self.level == "on":
            return
        trainer.ema.enabled = False
        trainer.add_callback("on_train_epoch_end", copy_live_weights)

    def observe(self, trainer: Any) -> None:
        """Count optimizer steps, and compare one weight of the copy with the live one after each epoch."""
        self.observations.update(steps=0, live=None)

        def count(*_: object) -> None:
            self.observations["steps"] += 1

        def compare(trainer: Any) -> None:
            self.observations["live"] = _has_live_weights(trainer)

        trainer.add_callback("on_train_start", lambda trainer: trainer.optimizer.register_step_post_hook(count))
        trainer.add_callback("on_fit_epoch_end", compare)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare updates with steps."""
        steps, live = self.observations["steps"], self.observations["live"]
        updates = trainer.ema.updates
        averaging = updates >= steps > 0
        return Evidence(
            in_force=averaging if self.level == "on" else updates == 0 < steps and bool(live),
            observed=f"{updates} updates in {steps} optimizer steps; weights validated "
            f"{'are the live ones' if live else 'differ from the live ones'}",
            expected="an update for each step" if self.level == "on" else "no update, the live weights validated",
        )


def copy_live_weights(trainer: Any) -> None:
    """Make the copy that is validated and saved equal to the model being trained."""
    from ultralytics.utils.torch_utils import unwrap_model

    live = unwrap_model(trainer.model).state_dict()
    copy = trainer.ema.ema
    # A distilled model has a teacher that its copy goes without.
    copy.load_state_dict({name: live[name] for name in copy.state_dict()})


def _has_live_weights(trainer: Any) -> bool:
    """Return whether the copy's last trained weight equals the live one; one tensor, to cost an epoch nothing."""
    import torch
    from ultralytics.utils.torch_utils import unwrap_model

    copies = dict(trainer.ema.ema.named_parameters())
    name, weight = [
        (name, weight)
        for name, weight in unwrap_model(trainer.model).named_parameters()
        if weight.requires_grad and name in copies
    ][-1]
    return torch.equal(copies[name], weight)
