"""What comes out of real training, in each runtime that is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest
from starting import StartTrial

from bench.environment import Machine
from bench.measurements.base import Burst
from bench.optimizations.registry import registry
from bench.suite.model import Level, UserData, Workload

VALUES = {"size", "latency_p50", "latency_p95", "seconds_per_image", "map50", "map50_95", "deploying"}


def skip_without(levels: dict[str, Level]) -> None:
    for name, level in levels.items():
        reason = registry()[name].unavailable(level, Machine.here())
        if reason is not None:
            pytest.skip(f"{name}: {reason}")


def after(start_trial: StartTrial, levels: dict[str, Level], **changes: Any) -> tuple[Burst, dict[str, Any]]:
    skip_without(levels)
    trial = start_trial(levels, **changes)
    trial.ready()
    trial.measure("epoch")
    burst = trial.measure("after")
    # What was deployed shows what ran it, and training goes on as if nothing had been.
    evidence = trial.evidence()
    assert trial.measure("epoch").values["steps"] == 6
    return burst, evidence


@pytest.mark.parametrize(
    ("levels", "engine"),
    [
        ({"export": "none"}, "torch eager"),
        ({"export": "torchscript"}, "torch TorchScript"),
        ({"export": "onnx", "quantization": "none"}, "onnxruntime CPUExecutionProvider"),
        ({"export": "openvino"}, "openvino CPU f32"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_every_runtime_is_timed_and_judged(start_trial: StartTrial, levels: dict[str, Level], engine: str) -> None:
    burst, evidence = after(start_trial, levels)
    values = burst.values
    assert set(values) == VALUES  # a processor has no meter of energy
    assert all(value > 0 for name, value in values.items() if not name.startswith("map")), values
    assert 0 <= values["map50_95"] <= values["map50"] <= 1
    assert (
        min(burst.series["latency"]) <= values["latency_p50"] <= values["latency_p95"] <= max(burst.series["latency"])
    )
    # 159 thousand parameters of four bytes.
    assert 500_000 < values["size"] < 1_500_000
    shown = evidence["export"]
    assert shown.in_force, shown
    assert shown.observed.startswith(engine)
    assert all(each.in_force for each in evidence.values()), evidence


def test_integers_and_fewer_channels_make_a_smaller_file(start_trial: StartTrial) -> None:
    integers: dict[str, Level] = {"export": "onnx", "quantization": {"method": "ptq-int8"}}
    pruned: dict[str, Level] = {"export": "onnx", "pruning": {"method": "channels", "amount": 0.5}}
    masked: dict[str, Level] = {"export": "onnx", "pruning": {"method": "filter-norm", "amount": 0.5}}
    for levels in (integers, pruned):
        skip_without(levels)
    whole = after(start_trial, {"export": "onnx"})[0].values["size"]
    small, evidence = after(start_trial, integers)
    assert evidence["quantization"].in_force, evidence
    assert small.values["size"] < 0.5 * whole
    fewer, evidence = after(start_trial, pruned)
    assert evidence["pruning"].in_force, evidence
    assert fewer.values["size"] < 0.8 * whole
    # Zeros weigh as much as any number.
    assert after(start_trial, masked)[0].values["size"] == pytest.approx(whole, rel=0.01)


def test_weights_trained_on_a_grid_become_integers_of_it(start_trial: StartTrial) -> None:
    if find_spec("onnxruntime") is None:
        pytest.skip("needs the extra export")
    burst, evidence = after(start_trial, {"export": "onnx", "quantization": {"method": "qat-int8"}})
    assert evidence["quantization"].in_force, evidence
    assert burst.values["size"] < 400_000


@pytest.mark.parametrize(
    "levels",
    [
        {"export": "onnx", "distillation": {"method": "mse"}, "convolution": "ghost", "ema": "off"},
        {"export": "torchscript", "normalization": "standardize_in_worker", "rect": "on"},
        {"quantization": {"method": "ptq-int8"}, "dataset_format": "webdataset", "image_size": 96},
        {"quantization": "ptq-bfloat16", "memory_format": "channels_last", "coco_dataset": "torchvision"},
    ],
    ids=lambda levels: "-".join(levels),
)
def test_other_axes_are_carried_through(
    start_trial: StartTrial, tiny_workload: Workload, wide_and_high: UserData, levels: dict[str, Level]
) -> None:
    data = wide_and_high if "rect" in levels else tiny_workload.data
    burst, evidence = after(start_trial, levels, workload=tiny_workload.model_copy(update={"data": data}))
    assert set(burst.values) == VALUES
    assert not {name: each for name, each in evidence.items() if not each.in_force}
