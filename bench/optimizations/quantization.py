"""Training that computes with rounded numbers, and trained models that are rounded afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeGuard, get_args

from pydantic import Field

from bench.after.deployment import RUNS, Kind, Numbers, Runtime
from bench.compression.post_training import (
    Static,
    Words,
    numbers_asked,
    runtime_conflict,
    runtime_for,
    weight_format,
)
from bench.optimizations.base import Card, Evidence, Optimization, level_adapter
from bench.optimizations.export import LIBRARIES, runtime_of
from bench.suite.model import Level, Model, Workload
from bench.suite.ultralytics_files import is_model_name

if TYPE_CHECKING:
    import torch

    from bench.environment import Machine


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


Aware = Literal["float16"] | Int8 | Int16
Asked = Literal["none"] | Aware | Words | Static

FAMILIES_WITH_LINEAR_LAYERS = ("rtdetr", "world", "yoloe")
"""Words in the names of Ultralytics' models that have linear layers; all others are convolutions throughout."""


class Quantization(Optimization):
    """Quantization-aware training, where weights learn to bear a rounding that is simulated, or rounding after it."""

    name = "quantization"
    card = Card(
        summary="rounds weights, and for int8 inputs, of convolutions: in every forward pass (qat, quantization-aware "
        "training: slower to train), or once training is over (ptq, post-training quantization: training stays as it "
        "is); what comes out is smaller or faster, which suites that measure `after` see",
        acts_on=("compute", "memory", "after"),
        evidence="qat: convolutions that round, counted in the live model; weights of the middle one on the grid; "
        "observed ranges that moved since training began; ptq: number formats of convolutions' weights, counted in "
        "the deployed model",
        cost="calibration of ptq-int8 and ptq-int16, a second or so after training",
        needs="integers after training: the extra export, as torch has no integer convolutions here; qat-int8 and "
        "qat-int16 become integers with export=onnx and are deployed as floats on the learnt grid elsewhere",
        source="https://docs.pytorch.org/docs/stable/quantization-support.html, https://arxiv.org/abs/1712.05877, "
        "https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html",
    )
    level_type = Annotated[
        Asked,
        Field(
            description="none, float16, {method: qat-int8 or qat-int16, granularity: per-tensor or per-channel, "
            "observer: min-max or moving-average}, ptq-dynamic-int8, ptq-float16, ptq-bfloat16, or {method: ptq-int8 "
            "or ptq-int16, granularity: per-tensor or per-channel, calibration: min-max, moving-average or entropy, "
            "images: pictures to calibrate on}"
        ),
    ]
    usual_levels = (
        "none",
        Int8(method="qat-int8").model_dump(mode="json"),
        Int8(method="qat-int8", granularity="per-tensor", observer="min-max").model_dump(mode="json"),
        Int16(method="qat-int16").model_dump(mode="json"),
        "float16",
        "ptq-dynamic-int8",
        Static(method="ptq-int8").model_dump(mode="json"),
        Static(method="ptq-int8", granularity="per-tensor", calibration="entropy").model_dump(mode="json"),
        Static(method="ptq-int16").model_dump(mode="json"),
        "ptq-float16",
        "ptq-bfloat16",
    )
    applied_after = ("convolution", "pruning", "export")

    @property
    def _asked(self) -> Asked:
        """What the level asks for."""
        asked: Asked = level_adapter(type(self)).validate_python(self.level)
        return asked

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Neither autocast nor the compiler leaves the rounding alone, and no runtime has all numbers."""
        level = levels["quantization"]
        asked: Asked = level_adapter(cls).validate_python(level)
        if asked == "none":
            return None
        runtime = runtime_of(levels)
        reason = runtime_conflict(_numbers(asked, runtime).kind, runtime)
        if reason is not None or not _aware(asked):
            return reason
        if levels.get("precision", "fp32") in {"bf16", "fp16"}:
            return f"autocast to {levels['precision']} would round the quantized numbers once more"
        if level != "float16" and levels.get("compile", "off") != "off":
            return "the ranges that observers follow are read in Python, where a compiled graph breaks"
        if (
            isinstance(asked, Int8 | Int16)
            and asked.observer == "moving-average"
            and levels.get("activation_checkpointing", "off") != "off"
        ):
            return "what is computed again is observed again: ranges that are moving averages would move twice a step"
        return None

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        """Integers after training take ONNX Runtime, unless torch's linear layers are asked for."""
        asked: Asked = level_adapter(cls).validate_python(level)
        missing = any(find_spec(module) is None for module in LIBRARIES["onnx"])
        if missing and asked != "none" and runtime_for(_numbers(asked, None).kind) == "onnx":
            return "needs the extra export: pip install 'yolo-train-bench[export]'"
        return None

    @classmethod
    def idle(cls, levels: Mapping[str, Level], workload: Workload, machine: Machine) -> str | None:
        """In torch only linear layers find their ranges while they run; the workload's autocast spoils training."""
        asked: Asked = level_adapter(cls).validate_python(levels["quantization"])
        # On a processor Ultralytics has no autocast.
        mixed = machine.has_cuda and str(workload.settings.get("amp", False)).lower() not in {"false", "fp32"}
        if mixed and _aware(asked):
            return "autocast would round the quantized numbers once more: let workload.settings.amp be false"
        convolutions_only = is_model_name(workload.model) and not any(
            family in workload.model for family in FAMILIES_WITH_LINEAR_LAYERS
        )
        if levels["quantization"] == "ptq-dynamic-int8" and runtime_of(levels) == "torch" and convolutions_only:
            return "this model has no linear layers, and torch quantizes no others so: combine it with export=onnx"
        return None

    def prepare_trainer(self, trainer: Any) -> None:
        """Name the numbers of the deployed model, and the runtime that has them where the suite leaves it open."""
        asked = self._asked
        if asked == "none":
            return
        numbers = _numbers(asked, trainer.deployment.runtime)
        runtime = trainer.deployment.runtime
        if not _aware(asked) and not any(each.name == "export" for each in trainer.optimizations):
            runtime = runtime_for(numbers.kind)
        trainer.deployment = replace(trainer.deployment, runtime=runtime, numbers=numbers)

    def prepare_model(self, trainer: Any, model: torch.nn.Module) -> torch.nn.Module:
        """Replace the convolutions before the moving average copies the model, which validates rounded too."""
        asked = self._asked
        if asked == "float16":
            from bench.compression.fake_quantize import round_to_half

            round_to_half(model)
        elif isinstance(asked, Int8 | Int16):
            from bench.compression.fake_quantize import quantize_to_integers

            eight = isinstance(asked, Int8)
            quantize_to_integers(model, 8 if eight else 16, asked.granularity, asked.observer, inputs=eight)
        return model

    def prepare_training(self, trainer: Any) -> None:
        """Let the first batch set the ranges of the inputs."""
        if _aware(self._asked):
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
        """Count convolutions that round in training, or those of the deployed model by their numbers."""
        asked = self._asked
        if _afterwards(asked):
            return _shown_by_deployed(trainer, numbers_asked(asked))
        return self._shown_by_training(trainer)

    def _shown_by_training(self, trainer: Any) -> Evidence:
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
        observers = {"qat-int8": 2, "qat-int16": 1}.get(method, 0) * everything
        return Evidence(
            in_force=len(rounded) == everything and len(now) == observers and 2 * moved >= observers and fits,
            observed=f"{observed}; weights {'on' if fits else 'not on'} the grid of {method}",
            expected=f"all convolutions round to {method}, {observers} ranges, most of them moved",
        )


def _aware(asked: Asked) -> bool:
    """Return whether a level changes the training itself."""
    return asked == "float16" or isinstance(asked, Int8 | Int16)


def _afterwards(asked: Asked) -> TypeGuard[Words | Static]:
    """Return whether a level acts once training is over."""
    return isinstance(asked, Static) or asked in get_args(Words)


def _numbers(asked: Asked, runtime: Runtime | None) -> Numbers:
    """Return the numbers that a model trained so is deployed with.

    Weights that were trained on a grid of integers become integers where the runtime has them. Where there are none
    they stay floats on the grid, which none says of itself too.
    """
    if _afterwards(asked):
        return numbers_asked(asked)
    if asked == "float16":
        return Numbers("float16")
    if isinstance(asked, Int8 | Int16):
        kind: Kind = "int8" if isinstance(asked, Int8) else "int16"
        if runtime is not None and kind in RUNS[runtime]:
            return Numbers(kind, asked.granularity)
    return Numbers()


def _shown_by_deployed(trainer: Any, numbers: Numbers) -> Evidence:
    """Compare the number formats of the deployed model's weights with those asked for."""
    from bench.after.deploy import deployed

    model = deployed(trainer)
    formats = model.weight_formats()
    expected = weight_format(numbers)
    others = sorted(f"{count} {name}" for name, count in formats.items() if name != expected)
    return Evidence(
        in_force=formats[expected] > 0 and not others,
        observed=f"{formats[expected]} layers with weights of {expected}, others: {', '.join(others) or 'none'}; "
        f"{model.size} bytes for {model.engine()}",
        expected=f"weights of {expected} throughout",
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
