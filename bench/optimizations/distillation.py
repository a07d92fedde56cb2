"""Training under a teacher."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field

from bench.optimizations.base import Card, Evidence, Optimization, level_adapter
from bench.suite.model import Level, Model

if TYPE_CHECKING:
    import torch

    from bench.environment import Machine

UNTRAINED = "untrained"


def _checkpoint(text: str) -> str:
    """Accept ``untrained`` or the absolute path of a checkpoint."""
    if text != UNTRAINED and not (Path(text).is_absolute() and text.endswith(".pt")):
        raise ValueError("untrained, or the absolute path of a .pt file")
    return text


Teacher = Annotated[str, AfterValidator(_checkpoint)]
Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Feature(Model):
    """Ultralytics' own distillation of the features that the head reads."""

    method: Literal["feature"]
    teacher: Teacher = UNTRAINED
    weight: Weight = 6.0


class SquaredError(Model):
    """Mean squared error between the raw outputs of the two."""

    method: Literal["mse"]
    teacher: Teacher = UNTRAINED
    weight: Weight = 1.0


class Divergence(Model):
    """Kullback-Leibler divergence between the class probabilities of the two."""

    method: Literal["kl"]
    teacher: Teacher = UNTRAINED
    weight: Weight = 1.0
    temperature: Weight = 4.0


class Distillation(Optimization):
    """A larger model runs beside the one that learns, which is pulled towards it."""

    name = "distillation"
    card = Card(
        summary="learns from a larger model's features or outputs beside the labels; the teacher runs in every step; "
        "unless the level names a trained one, it is one scale up and untrained: right for the cost, not for accuracy",
        acts_on=("compute", "memory", "after"),
        evidence="the teacher's forward calls against the loss's, and the distillation loss of the last step",
        cost="building and keeping an untrained teacher at the first use, loading it after that",
        needs="a model with a Detect head; a named teacher has the same classes and number of outputs; its file is "
        "unpickled, so name only one that you trust",
        source="https://arxiv.org/abs/1503.02531, https://docs.ultralytics.com/modes/train/#train-settings",
    )
    level_type = Annotated[
        Literal["none"] | Feature | SquaredError | Divergence,
        Field(
            description="none, or {method: feature, mse or kl, teacher: untrained or the absolute path of a .pt file, "
            "weight: above 0, temperature: above 0, for kl}"
        ),
    ]
    usual_levels = (
        "none",
        Feature(method="feature").model_dump(mode="json"),
        SquaredError(method="mse").model_dump(mode="json"),
        Divergence(method="kl").model_dump(mode="json"),
    )
    applied_after = ("convolution", "pruning", "quantization")

    @property
    def _asked(self) -> Feature | SquaredError | Divergence | None:
        """What the level asks for."""
        asked: Feature | SquaredError | Divergence | Literal["none"]
        asked = level_adapter(type(self)).validate_python(self.level)
        return None if asked == "none" else asked

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Ultralytics compiles nothing while it distils features."""
        level = levels["distillation"]
        if isinstance(level, dict) and level["method"] == "feature" and levels.get("compile", "off") != "off":
            return "Ultralytics switches compilation off while it distils features"
        return None

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        """A named teacher has to be there."""
        teacher = level.get("teacher", UNTRAINED) if isinstance(level, dict) else UNTRAINED
        if teacher != UNTRAINED and not Path(str(teacher)).is_file():
            return f"needs the teacher {teacher}, which is not there"
        return None

    def prepare_model(self, trainer: Any, model: torch.nn.Module) -> torch.nn.Module:
        """Find or make the teacher, and hand it to Ultralytics where that distils."""
        asked = self._asked
        if asked is not None:
            from bench.compression.teacher import untrained_teacher

            self._file = Path(asked.teacher) if asked.teacher != UNTRAINED else untrained_teacher(model)
            if isinstance(asked, Feature):
                trainer.args.distill_model, trainer.args.dis = str(self._file), asked.weight
        return model

    def prepare_training(self, trainer: Any) -> None:
        """Let the live model's loss, but not its moving average's, compare outputs with the teacher's."""
        asked = self._asked
        if asked is None or isinstance(asked, Feature):
            return
        from bench.compression.distil import (
            DistillingCriterion,
            bernoulli_divergence,
            load_teacher,
            mean_squared_error,
        )
        from bench.compression.live import trained_model

        difference = (
            mean_squared_error
            if isinstance(asked, SquaredError)
            else partial(bernoulli_divergence, temperature=asked.temperature)
        )
        model = trained_model(trainer)
        teacher = load_teacher(self._file, trainer.device)
        model.criterion = DistillingCriterion(model.criterion, teacher, difference, asked.weight)

    def observe(self, trainer: Any) -> None:
        """Count the teacher's forward passes and the losses computed."""
        calls = self.observations.setdefault("calls", {"teacher": 0, "loss": 0})

        def count(name: str) -> None:
            calls[name] += 1

        def attach(trainer: Any) -> None:
            teacher = _teacher(trainer)
            if teacher is not None and "teacher" not in self.observations:
                self.observations["teacher"] = teacher
                teacher.register_forward_hook(lambda *_: count("teacher"))
                trainer.loss_watchers.append(lambda *_: count("loss"))

        trainer.add_callback("on_train_epoch_start", attach)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the teacher's calls with the loss's and read the distillation loss of the last step."""
        calls = self.observations["calls"]
        part = trainer.loss_items.get("dis_loss")
        loss = float(part) if part is not None else 0.0
        running = _teacher(trainer) is not None and calls["teacher"] == calls["loss"] > 0 and loss > 0
        asked = self._asked
        if asked is None:
            expected, in_force = "no teacher", _teacher(trainer) is None and part is None
        else:
            expected, in_force = "one teacher call for each loss, a distillation loss above 0", running
        return Evidence(
            in_force=in_force,
            observed=f"teacher ran {calls['teacher']} times for {calls['loss']} losses, distillation loss {loss:.3g}"
            f"{'; the teacher is untrained' if asked is not None and asked.teacher == UNTRAINED else ''}",
            expected=expected,
        )


def _teacher(trainer: Any) -> Any:
    """Return the teacher of a running trial, whoever put it there, or None."""
    from ultralytics.utils.torch_utils import unwrap_model

    from bench.compression.live import trained_model

    kept = getattr(unwrap_model(trainer.model), "teacher_model", None)
    return kept if kept is not None else getattr(trained_model(trainer).criterion, "teacher", None)
