"""Which runtimes can have which numbers, and what is said where a library or a device is missing."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

import bench.optimizations.export
import bench.optimizations.quantization
from bench.after.deployment import RUNS
from bench.environment import CudaDevice, Machine
from bench.optimizations.registry import application_order, registry
from bench.suite.design import expand
from bench.suite.load import load_suite
from bench.suite.model import Level, Workload

SUITE = Path(__file__).parents[2] / "suites" / "after_training.yaml"
HERE = Machine.here()
GPU = CudaDevice(0, "any", 2**33, None, None)
INT8: Level = {"method": "ptq-int8"}


def machine(*gpus: CudaDevice) -> Machine:
    return Machine(cores=2, memory_bytes=2**33, cuda=gpus, cpp_compiler=True)


def conflict(export: str, quantization: Level) -> str | None:
    levels = {"export": export, "quantization": registry()["quantization"].parse(quantization)}
    return registry()["quantization"].conflict(levels)


@pytest.mark.parametrize(
    ("export", "quantization"),
    [
        ("none", INT8),
        ("torchscript", INT8),
        ("openvino", INT8),
        ("none", {"method": "ptq-int16"}),
        ("torchscript", "ptq-float16"),
        ("torchscript", "float16"),
        ("onnx", "ptq-bfloat16"),
        ("openvino", "ptq-dynamic-int8"),
        ("litert", "ptq-float16"),
    ],
)
def test_numbers_that_a_runtime_does_not_have_are_refused_with_one_that_has(export: str, quantization: Level) -> None:
    reason = conflict(export, quantization)
    assert reason is not None
    assert "combine it with export=" in reason
    other = reason.rpartition("export=")[2].split(" or ")[0]
    assert conflict(other, quantization) is None
    assert registry()["quantization"].conflict({"quantization": registry()["quantization"].parse(quantization)}) is None


def test_weights_trained_on_a_grid_go_everywhere() -> None:
    for runtime in registry()["export"].usual_levels:
        for method in ("qat-int8", "qat-int16"):
            assert conflict(str(runtime), {"method": method}) is None


def test_what_acts_after_training_bears_autocast_and_compilation() -> None:
    levels: dict[str, Level] = {"quantization": "ptq-float16", "precision": "bf16", "compile": "default"}
    assert registry()["quantization"].conflict(levels) is None


def test_every_runtime_has_floats() -> None:
    assert all("float32" in kinds for kinds in RUNS.values())


def test_runtime_comes_before_numbers() -> None:
    assert application_order(["quantization", "export", "pruning"], registry()) == ("export", "pruning", "quantization")


def test_a_model_of_convolutions_has_nothing_for_torch_to_quantize_dynamically(tiny_workload: Workload) -> None:
    idle = registry()["quantization"].idle
    levels: dict[str, Level] = {"export": "none", "quantization": "ptq-dynamic-int8"}
    yolo, detr = (tiny_workload.model_copy(update={"model": name}) for name in ("yolov8n.yaml", "rtdetr-l.yaml"))
    assert "no linear layers" in (idle(levels, yolo, HERE) or "")
    assert idle(levels, detr, HERE) is None
    assert idle({**levels, "export": "onnx"}, yolo, HERE) is None
    assert idle({**levels, "quantization": "none"}, yolo, HERE) is None


def test_missing_libraries_and_devices_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (bench.optimizations.export, bench.optimizations.quantization):
        monkeypatch.setattr(module, "find_spec", lambda name: None)
    export, quantization = registry()["export"].unavailable, registry()["quantization"].unavailable
    on_processor, with_gpu = machine(), machine(GPU)
    for level in ("onnx", "openvino"):
        assert export(level, on_processor) == "needs the extra export: pip install 'yolo-train-bench[export]'"
    assert "litert-torch" in (export("litert", on_processor) or "")
    assert export("tensorrt", on_processor) == "needs CUDA"
    assert "pip install tensorrt" in (export("tensorrt", with_gpu) or "")
    assert export("none", on_processor) is None
    assert export("torchscript", on_processor) is None
    assert "extra export" in (quantization(registry()["quantization"].parse(INT8), on_processor) or "")
    assert quantization("ptq-bfloat16", on_processor) is None
    assert quantization("none", on_processor) is None


@pytest.mark.skipif(find_spec("openvino") is None, reason="needs the extra export")
def test_openvino_is_no_runtime_of_a_gpu() -> None:
    assert "runs on the processor" in (registry()["export"].unavailable("openvino", machine(GPU)) or "")


@pytest.mark.parametrize(
    ("engine", "in_force"), [("openvino CPU f32 2026.4.1", True), ("openvino CPU bf16 2026.4.1", False)]
)
def test_openvino_in_shorter_numbers_is_not_in_force(tiny_workload: Workload, engine: str, in_force: bool) -> None:
    trainer = SimpleNamespace(deployed=SimpleNamespace(engine=lambda: engine, calls=1, size=1))
    shown = registry()["export"]("openvino", tiny_workload).evidence(trainer)
    assert (shown.in_force, shown.expected) == (in_force, "openvino CPU f32, called")


def test_suite_asks_what_comes_out_and_lets_the_model_learn_first() -> None:
    suite = load_suite(SUITE, known=registry())
    assert suite.measure == ("after", "epoch")
    assert suite.budget.time == 360
    assert {"export", "quantization", "pruning"} == set(suite.axes)


def test_suite_has_every_runtime_and_says_which_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.optimizations.export, "find_spec", lambda name: None)
    suite = load_suite(SUITE, known=registry())
    assert set(suite.axes["export"]) == set(registry()["export"].usual_levels)
    rows = expand(suite, machine())
    baseline = rows[0].combination
    reasons = {row.combination.label(baseline): row.not_run for row in rows}
    assert "needs CUDA" in (reasons["export=tensorrt"] or "")
    assert "needs litert-torch" in (reasons["export=litert"] or "")
    assert reasons["export=torchscript"] is None
