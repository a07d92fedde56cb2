"""Numbers of the deployed model, as levels of the axis quantization ask for them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bench.after.deployment import RUNS, Calibration, Granularity, Kind, Numbers, Runtime
from bench.suite.model import Model

Words = Literal["ptq-dynamic-int8", "ptq-float16", "ptq-bfloat16"]
"""Levels after training that take no parameters."""


class Static(Model):
    """Integers of the trained model's convolutions, and of their inputs by ranges found on training pictures."""

    method: Literal["ptq-int8", "ptq-int16"]
    granularity: Granularity = "per-channel"
    calibration: Calibration = "min-max"
    images: int = Field(16, ge=1, le=10_000)


def numbers_asked(asked: Words | Static) -> Numbers:
    """Return the numbers that a level asks for."""
    if isinstance(asked, Static):
        kind: Kind = "int8" if asked.method == "ptq-int8" else "int16"
        return Numbers(kind, asked.granularity, asked.calibration, asked.images)
    kinds: dict[Words, Kind] = {
        "ptq-dynamic-int8": "dynamic-int8",
        "ptq-float16": "float16",
        "ptq-bfloat16": "bfloat16",
    }
    return Numbers(kinds[asked])


def runtime_for(kind: Kind) -> Runtime:
    """Return what runs a model with these numbers where the suite does not say."""
    return "onnx" if kind in {"dynamic-int8", "int8", "int16"} else "torch"


def runtime_conflict(kind: Kind, runtime: Runtime | None) -> str | None:
    """Return why a runtime cannot have a model with these numbers, or None."""
    if runtime is None or kind in RUNS[runtime]:
        return None
    able = [each for each, kinds in RUNS.items() if kind in kinds]
    names = " or ".join("none" if each == "torch" else each for each in able)
    return f"{kind} cannot be brought to {runtime} here: combine it with export={names}"


def weight_format(numbers: Numbers) -> str:
    """Return what the deployed model's convolutions hold, as ``Deployed.weight_formats`` names it."""
    scaled = numbers.kind in {"int8", "int16"}
    return f"{numbers.kind} {numbers.granularity}" if scaled else numbers.kind
