"""ONNX files with other numbers in them, and what numbers a file has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from bench.after.deployment import Calibration, Numbers

WEIGHTED = frozenset({"Conv", "Gemm", "MatMul"})
"""Operations that are quantized. The head's decoding stays in floats: one scale for pixels and probabilities would
round every probability to 0."""

METHODS: dict[Calibration, str] = {"min-max": "MinMax", "moving-average": "MinMax", "entropy": "Entropy"}


def quantize_dynamic(source: Path, target: Path) -> None:
    """Write an ONNX file whose convolutions find the ranges of their inputs while they run."""
    from onnxruntime.quantization import QuantType
    from onnxruntime.quantization import quantize_dynamic as quantize

    # ONNX Runtime's own integer convolution takes unsigned weights only on most processors.
    quantize(source, target, op_types_to_quantize=["Conv", "MatMul"], weight_type=QuantType.QUInt8)


def quantize_static(source: Path, target: Path, numbers: Numbers, batches: Sequence[torch.Tensor]) -> None:
    """Write an ONNX file with weights of 8 or 16 bits, and inputs whose ranges are found on ``batches``.

    Args:
        source: the ONNX file in floats.
        target: where to write.
        numbers: kind, granularity and calibration.
        batches: pictures as the file is fed them, shape (batch, 3, side, side) each.
    """
    import onnx
    from onnxruntime.quantization import CalibrationMethod, QuantType
    from onnxruntime.quantization import quantize_static as quantize

    graph = onnx.load(source).graph
    sixteen = numbers.kind == "int16"
    quantize(
        source,
        target,
        _reader(graph.input[0].name, batches),
        nodes_to_exclude=[node.name for node in graph.node if node.op_type not in WEIGHTED],
        per_channel=numbers.granularity == "per-channel",
        activation_type=QuantType.QInt16 if sixteen else QuantType.QInt8,
        weight_type=QuantType.QInt16 if sixteen else QuantType.QInt8,
        calibrate_method=CalibrationMethod[METHODS[numbers.calibration]],
        extra_options={"CalibMovingAverage": numbers.calibration == "moving-average"},
    )


def _reader(name: str, batches: Sequence[torch.Tensor]) -> Any:
    """Return what hands the batches to ONNX Runtime, one after the other, as the input called ``name``."""
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._left: Iterator[torch.Tensor] = iter(batches)

        def get_next(self) -> dict[str, Any] | None:
            batch = next(self._left, None)
            return None if batch is None else {name: batch.cpu().numpy()}

    return Reader()


def weight_formats(file: Path) -> Counter[str]:
    """Return how many convolutions of an ONNX file hold weights of each number format.

    Integers that have a scale for each channel say so: ``int8 per-channel``; those of convolutions that quantize
    their inputs while they run are ``dynamic-int8``.
    """
    import onnx

    graph = onnx.load(file).graph
    constants = {each.name: each for each in graph.initializer}
    makers = {output: node for node in graph.node for output in node.output}
    formats: Counter[str] = Counter()
    for node in graph.node:
        if node.op_type == "ConvInteger":
            formats["dynamic-int8"] += 1
        elif node.op_type == "Conv":
            formats[_format(node.input[1], constants, makers)] += 1
    return formats


def _format(name: str, constants: dict[str, Any], makers: dict[str, Any]) -> str:
    """Return the number format of a weight, and of an integer one how many scales it has."""
    scales: Sequence[int] | None = None
    while name not in constants:
        maker = makers[name]
        if maker.op_type == "Constant":
            return _name(next(each.t.data_type for each in maker.attribute if each.name == "value"))
        if maker.op_type == "DequantizeLinear":
            scales = tuple(constants[maker.input[1]].dims)
        name = maker.input[0]
    stored = _name(constants[name].data_type)
    if scales is None:
        return stored
    return f"{stored} {'per-channel' if scales else 'per-tensor'}"


def _name(data_type: int) -> str:
    """Return what numpy calls an ONNX data type."""
    import onnx

    return str(onnx.helper.tensor_dtype_to_np_dtype(data_type))
