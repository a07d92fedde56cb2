"""Training that computes with rounded numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from bench.optimizations.base import Card, Evidence, Optimization, level_adapter
from bench.suite.model import Level, Model

if TYPE_CHECKING:
    import torch


class Int8(Model):
    """Weights and inputs of convolutions rounded to 8-bit integers."""

    method: Literal["qat-int8"]
    granularity: Literal["per-tensor", "per-channel"] = "per-channel"
    observer: Literal["min-max", "moving-average"] = "moving-average"


class Int16(Model):
    """Weights of convolutions rounded to 16-bit integers; torch has no kernels that would use them."""

    method: Literal["qat-int16"]
    granularity: Literal["per-tensor", "per-channel"] = "per-channel"
    observer: Literal["min-max", "moving-average"] = "moving-average"


Asked = Literal["none", "float16"] | Int8 | Int16


class Quantization(Optimization):
    """Quantization-aware training: rounding is simulated, so that the weights learn to bear it."""

    name = "quantization"
    card = Card(
        summary="rounds weights, and for int8 inputs, of convolutions in every forward pass (quantization-aware "
        "training): slower to train, for a model that is smaller or faster afterwards",
        acts_on=("compute", "memory", "after"),
        evidence="convolutions that round, counted in the live model; weights of the middle one on the grid; "
        "observed ranges that moved since training began",
        needs="nothing while training; quantization after training without any of it is not this axis",
        source="https://docs.pytorch.org/docs/stable/quantization-support.html and https://arxiv.org/abs/1712.05877",
    )
    level_type = Annotated[
        Asked,
        Field(
            description="none, float16, or {method: qat-int8 or qat-int16, granularity: per-tensor or per-channel, "
            "observer: min-max or moving-average}"
        ),
    ]
    usual_levels = (
        "none",
        Int8(method="qat-int8").model_dump(mode="json"),
        Int8(method="qat-int8", granularity="per-tensor", observer="min-max").model_dump(mode="json"),
        Int16(method="qat-int16").model_dump(mode="json"),
        "float16",
    )
    applied_after = ("convolution", "pruning")

    @property
    def _asked(self) -> Asked:
        """What the level asks for."""
        asked: Asked = level_adapter(type(self)).validate_python(self.level)
        return asked

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Neither autocast nor the compiler leaves the rounding alone."""
        level = levels["quantization"]
        if level == "none":
            return None
        if levels.get("precision", "fp32") in {"bf16", "fp16"}:
            return f"autocast to {levels['precision']} would round the quantized numbers once more"
        if level != "float16" and levels.get("compile", "off") != "off":
            return "the ranges that observers follow are read in Python, where a compiled graph breaks"
        return None

    def prepare_model(self, trainer: Any, model: torch.nn.Module) -> torch.nn.Module:
        """Replace the convolutions before the moving average copies the model, which validates rounded too."""
        asked = self._asked
        if asked == "float16":
            from bench.compression.fake_quantize import round_to_half

            round_to_half(model)
        elif asked != "none":
            from bench.compression.fake_quantize import quantize_to_integers

            eight = isinstance(asked, Int8)
            quantize_to_integers(model, 8 if eight else 16, asked.granularity, asked.observer, inputs=eight)
        return model

    def prepare_training(self, trainer: Any) -> None:
        """Let the first batch set the ranges of the inputs."""
        if self.level != "none":
            from bench.compression.fake_quantize import forget_inputs
            from bench.compression.live import trained_model

            forget_inputs(trained_model(trainer))

    def observe(self, trainer: Any) -> None:
        """Note the ranges that training begins with."""

        def note(trainer: Any) -> None:
            if "ranges" not in self.observations:
                from bench.compression.fake_quantize import ranges
                from bench.compression.live import trained_model

                self.observations["ranges"] = ranges(trained_model(trainer))

        trainer.add_callback("on_train_epoch_start", note)

    def evidence(self, trainer: Any) -> Evidence:
        """Count convolutions that round and ranges that moved, and see whether weights are on the grid."""
        from bench.compression.fake_quantize import ranges, rounded_convolutions
        from bench.compression.live import trained_model, weighted_convolutions

        model = trained_model(trainer)
        rounded, everything = rounded_convolutions(model), len(list(weighted_convolutions(model)))
        now = ranges(model)
        moved = sum(not before.equal(after) for before, after in zip(self.observations["ranges"], now, strict=True))
        observed = f"{len(rounded)} of {everything} convolutions round, {moved} of {len(now)} ranges moved"
        asked = self._asked
        if asked == "none":
            return Evidence(not rounded, observed, "no convolution rounds")
        fits = bool(rounded) and _fits(rounded[len(rounded) // 2], asked)
        method = asked if isinstance(asked, str) else asked.method
        observers = {"qat-int8": 2, "qat-int16": 1, "float16": 0}[method] * everything
        return Evidence(
            in_force=len(rounded) == everything and len(now) == observers and 2 * moved >= observers and fits,
            observed=f"{observed}; weights {'on' if fits else 'not on'} the grid of {method}",
            expected=f"all convolutions round to {method}, {observers} ranges, most of them moved",
        )


def _fits(convolution: Any, asked: Asked) -> bool:
    """Return whether the weights that a convolution computes with are numbers that the method has."""
    import torch

    with torch.no_grad():
        weight = convolution.weight_rounding.eval()(convolution.weight)
        convolution.weight_rounding.train()
    if isinstance(asked, str):
        return bool(weight.half().float().equal(weight))
    scale, _ = convolution.weight_rounding.observer.calculate_qparams()
    steps = weight / (scale.view(-1, 1, 1, 1) if asked.granularity == "per-channel" else scale)
    largest = 128 if isinstance(asked, Int8) else 32768
    # A float carries seven digits, of which the largest of 16-bit integers takes five.
    return bool(((steps - steps.round()).abs() < 0.01).all() and (steps.abs() < largest + 0.5).all())
