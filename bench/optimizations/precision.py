"""Mixed precision by autocast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level

if TYPE_CHECKING:
    from bench.environment import Machine

DTYPES = {"fp32": "float32", "tf32": "float32", "bf16": "bfloat16", "fp16": "float16"}


class Precision(Optimization):
    """Number format in which forward and loss are computed."""

    name = "precision"
    card = Card(
        summary="computes forward and loss in a shorter number format where safe (autocast), or products in tf32",
        acts_on=("compute", "memory"),
        evidence="number format of the first convolution's output during training; TF32 flags; scaler on for fp16 only",
        needs="tf32 and fp16: CUDA; bf16 is fast only where the processor or GPU computes in it",
        source="https://docs.pytorch.org/docs/stable/amp.html",
    )
    level_type = Literal["fp32", "tf32", "bf16", "fp16"]
    usual_levels = ("fp32", "bf16")

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        """TF32, and half precision with a gradient scaler, exist for CUDA only."""
        return "needs CUDA" if level in {"fp16", "tf32"} and not machine.has_cuda else None

    def configure(self, settings: dict[str, Any]) -> None:
        """Set ``amp``, and reach past Ultralytics where it has no bf16 on a processor and downloads on CUDA."""
        import torch
        import ultralytics.engine.trainer as engine

        if self.level in {"fp32", "tf32"}:
            # torch lets cuDNN use TF32 unless told otherwise, so fp32 has to say no.
            torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = self.level == "tf32"
            return
        if settings["device"] == "cpu":
            # Ultralytics refuses autocast on a processor; the loop looks this name up at every step.
            engine.autocast = lambda *_, **__: torch.autocast("cpu", torch.bfloat16)
        elif self.level == "bf16":
            settings["amp"] = "bf16"
        else:
            settings["amp"] = True
            # The check fetches weights to compare predictions with, and falls silent when it cannot.
            engine.check_amp = lambda model: True

    def observe(self, trainer: Any) -> None:
        """Note the format of the first convolution's output, or, where that is compiled, of the predictions."""
        import torch
        from ultralytics.utils.torch_utils import unwrap_model

        def note(_: object, __: object, output: Any) -> None:
            if torch.is_grad_enabled():
                self.observations["first convolution"] = _dtype(output)

        def note_predictions(predictions: Any, *_: object) -> None:
            self.observations["predictions"] = _dtype(_first_tensor(predictions))

        def attach(trainer: Any) -> None:
            if trainer.args.compile:
                trainer.loss_watchers.append(note_predictions)
            else:
                layers = unwrap_model(trainer.model).modules()
                next(m for m in layers if isinstance(m, torch.nn.Conv2d)).register_forward_hook(note)

        trainer.add_callback("on_train_start", attach)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the format seen with the format asked for."""
        import torch

        place, dtype = next(iter(self.observations.items()), ("forward pass", "nothing"))
        scaler = bool(trainer.scaler.is_enabled())
        expected = DTYPES[str(self.level)]
        observed = f"{place} gave {dtype}, gradient scaler {'on' if scaler else 'off'}"
        wanted = f"{expected}, gradient scaler {'on' if self.level == 'fp16' else 'off'}"
        in_force = dtype == expected and scaler == (self.level == "fp16")
        if trainer.device.type == "cuda" and expected == "float32":
            flags = {torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32}
            in_force = in_force and flags == {self.level == "tf32"}
            observed += f", TF32 {'on' if flags == {True} else 'off' if flags == {False} else 'in part'}"
            wanted += f", TF32 {'on' if self.level == 'tf32' else 'off'}"
        return Evidence(in_force, observed, wanted)


def _dtype(tensor: Any) -> str:
    """Return the name of a tensor's number format."""
    return str(tensor.dtype).removeprefix("torch.")


def _first_tensor(value: Any) -> Any:
    """Return the first tensor in nested predictions."""
    while isinstance(value, dict | list | tuple):
        value = next(iter(value.values())) if isinstance(value, dict) else value[0]
    return value
