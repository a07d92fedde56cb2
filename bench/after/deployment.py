"""How a trained model is deployed: in which runtime, with which numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Runtime = Literal["torch", "torchscript", "onnx", "openvino", "tensorrt", "litert"]
Kind = Literal["float32", "float16", "bfloat16", "dynamic-int8", "int8", "int16"]
Granularity = Literal["per-tensor", "per-channel"]
Calibration = Literal["min-max", "moving-average", "entropy"]


@dataclass(frozen=True)
class Numbers:
    """The numbers that a deployed model computes with.

    Attributes:
        kind: of the weights; dynamic-int8 finds the ranges of the inputs anew for every picture.
        granularity: whether an integer scale is of a whole weight tensor or of each of its output channels.
        calibration: how the ranges of the inputs of int8 and int16 are found beforehand: the extremes of all
            pictures, the mean of the batches' extremes with the later ones weighing more, or those that lose least
            information.
        images: training pictures that the ranges are found on.
    """

    kind: Kind = "float32"
    granularity: Granularity = "per-channel"
    calibration: Calibration = "min-max"
    images: int = 16


@dataclass(frozen=True)
class Deployment:
    """What is to become of the trained model; hooks of optimizations replace the trainer's.

    Attributes:
        runtime: what runs it.
        numbers: what it computes with.
    """

    runtime: Runtime = "torch"
    numbers: Numbers = Numbers()


RUNS: dict[Runtime, frozenset[Kind]] = {
    "torch": frozenset({"float32", "float16", "bfloat16", "dynamic-int8"}),
    "torchscript": frozenset({"float32"}),
    "onnx": frozenset({"float32", "float16", "dynamic-int8", "int8", "int16"}),
    "openvino": frozenset({"float32", "float16"}),
    "tensorrt": frozenset({"float32"}),
    "litert": frozenset({"float32"}),
}
"""The numbers that models can be brought to for each runtime here."""
