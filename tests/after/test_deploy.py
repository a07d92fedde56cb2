"""A model says the same wherever it is deployed, in numbers that are really there."""

from __future__ import annotations

from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from starting import TINY

import bench.after.deploy
from bench.after.deploy import deploy, deployed, threads_kept, trained_copy
from bench.after.deployment import Deployment, Kind, Numbers, Runtime
from bench.after.runtimes import Deployed, InOnnxRuntime, InTorch
from bench.compression.fake_quantize import quantize_to_integers, rounded_convolutions
from bench.optimizations.base import Evidence
from bench.optimizations.quantization import Quantization
from bench.suite.model import Workload

LIBRARIES = {"onnx": ("onnx", "onnxruntime", "onnxslim"), "openvino": ("openvino",)}
SIDE = 64


@pytest.fixture
def trainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What deploying reads of a trainer: a detector of random weights, its pictures noise."""
    from ultralytics.nn.tasks import DetectionModel

    torch.manual_seed(0)
    model = DetectionModel(str(TINY), ch=3, nc=3, verbose=False)
    model.names = {0: "circle", 1: "square", 2: "triangle"}
    model.args = SimpleNamespace()
    monkeypatch.setattr(bench.after.deploy, "training_pictures", lambda _, count: pictures(count))
    return SimpleNamespace(
        ema=SimpleNamespace(ema=model),
        args=SimpleNamespace(nms=None),
        save_dir=tmp_path,
        device=torch.device("cpu"),
        deployment=Deployment(),
        deployed=None,
        test_loader=SimpleNamespace(dataset=SimpleNamespace(imgsz=SIDE)),
    )


def pictures(count: int) -> torch.Tensor:
    return torch.rand(count, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))


def skip_without(runtime: str) -> None:
    if any(find_spec(module) is None for module in LIBRARIES.get(runtime, ())):
        pytest.skip("needs the extra export")


def trained_output(trainer: Any, images: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        output: torch.Tensor = deepcopy(trainer.ema.ema).eval()(images)[0]
    return output


def deployed_as(trainer: Any, runtime: Runtime, numbers: Numbers, batch: int) -> Deployed:
    trainer.deployment = Deployment(runtime, numbers)
    return deploy(trainer, batch)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("runtime", ["torch", "torchscript", "onnx", "openvino"])
def test_floats_say_what_the_trained_model_says(trainer: Any, runtime: Runtime, batch: int) -> None:
    skip_without(runtime)
    model, images = deployed_as(trainer, runtime, Numbers(), batch), pictures(batch)
    torch.testing.assert_close(model(images), trained_output(trainer, images), atol=1e-3, rtol=1e-3)
    assert model.calls == 1
    assert set(model.weight_formats()) == {"float32"}


@pytest.mark.parametrize(
    ("runtime", "kind", "stored"),
    [
        ("torch", "float16", "float16"),
        ("torch", "bfloat16", "bfloat16"),
        ("onnx", "float16", "float16"),
        ("openvino", "float16", "float16"),
        ("onnx", "int8", "int8 per-channel"),
        ("onnx", "int16", "int16 per-channel"),
        ("onnx", "dynamic-int8", "dynamic-int8"),
    ],
)
def test_smaller_numbers_are_in_the_file_and_say_nearly_the_same(
    trainer: Any, runtime: Runtime, kind: Kind, stored: str
) -> None:
    skip_without(runtime)
    whole = deployed_as(trainer, runtime, Numbers(), 1).size
    model = deployed_as(trainer, runtime, Numbers(kind), 1)
    assert set(model.weight_formats()) == {stored}
    # Two bytes or one instead of four; what else is in a file is the same.
    assert model.size < (0.75 if "16" in kind else 0.5) * whole
    said, true = model(pictures(1)), trained_output(trainer, pictures(1))
    assert not torch.equal(said, true)
    # Boxes lie within 64 pixels, scores within 1.
    assert (said[:, :4] - true[:, :4]).abs().max() < 1.0
    assert (said[:, 4:] - true[:, 4:]).abs().max() < 0.05


@pytest.mark.parametrize("runtime", ["torchscript", "onnx", "openvino"])
def test_floats_are_of_32_bits_in_products_too(trainer: Any, runtime: Runtime) -> None:
    skip_without(runtime)
    model = trainer.ema.ema.train()
    for layer in model.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0
    with torch.no_grad():
        model(pictures(3))
    model.eval()
    said = deployed_as(trainer, runtime, Numbers(), 1)(pictures(1))
    # Fed what they were normalized on, layers give numbers of about 1: bfloat16 moves boxes by tenths of a pixel.
    assert (said - trained_output(trainer, pictures(1))).abs().max() < 0.01


def test_openvino_tells_what_it_computes_in(trainer: Any) -> None:
    skip_without("openvino")
    for kind in ("float32", "float16"):
        assert deployed_as(trainer, "openvino", Numbers(kind), 1).engine().startswith("openvino CPU f32 ")


@pytest.mark.parametrize("torch_rounds", [False, True])
def test_onnx_runtime_rounds_to_tf32_on_a_gpu_where_torch_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, torch_rounds: bool
) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    asked: list[tuple[str, dict[str, int]]] = []

    def session(file: str, options: object, providers: list[tuple[str, dict[str, int]]]) -> Any:
        asked.extend(providers)
        return SimpleNamespace(get_inputs=lambda: [SimpleNamespace(name="images")])

    both = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: both)
    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", torch_rounds)
    InOnnxRuntime(tmp_path / "model.onnx", torch.device("cuda"))
    assert asked == [("CUDAExecutionProvider", {"use_tf32": int(torch_rounds)}), ("CPUExecutionProvider", {})]
    asked.clear()
    InOnnxRuntime(tmp_path / "model.onnx", torch.device("cpu"))
    assert asked == [("CPUExecutionProvider", {})]


@pytest.mark.parametrize("calibration", ["min-max", "moving-average", "entropy"])
def test_granularity_and_calibration_reach_the_file(trainer: Any, calibration: Any) -> None:
    skip_without("onnx")
    model = deployed_as(trainer, "onnx", Numbers("int8", "per-tensor", calibration, images=5), 2)
    assert set(model.weight_formats()) == {"int8 per-tensor"}
    assert model(pictures(2)).shape == trained_output(trainer, pictures(2)).shape


def test_no_linear_layer_is_quantized_where_there_is_none(trainer: Any) -> None:
    model = deployed_as(trainer, "torch", Numbers("dynamic-int8"), 1)
    assert set(model.weight_formats()) == {"float32"}


class Attentive(torch.nn.Module):
    """A convolution, attention and two linear layers, as the transformers among the detectors have them."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = torch.nn.Conv2d(3, 8, 1)
        self.attention = torch.nn.MultiheadAttention(8, 2)
        self.first = torch.nn.Linear(8, 8)
        self.second = torch.nn.Linear(8, 4)


def shown_of(module: torch.nn.Module, folder: Path) -> Evidence:
    """What quantization to dynamic int8 shows of a deployed module."""
    file = folder / "model.pt"
    torch.save(module.state_dict(), file)
    trainer: Any = SimpleNamespace(deployed=InTorch(module, file, torch.float32))
    return Quantization("ptq-dynamic-int8", Workload(model="yolo26n.yaml")).evidence(trainer)


def test_linear_layers_alone_are_quantized_dynamically_in_torch(tmp_path: Path) -> None:
    quantize: Any = torch.ao.quantization.quantize_dynamic
    whole = quantize(Attentive(), {torch.nn.Linear}, dtype=torch.qint8)
    assert InTorch(whole, tmp_path, torch.float32).weight_formats() == {"dynamic-int8": 2}
    evidence = shown_of(whole, tmp_path)
    assert evidence.in_force, evidence.observed
    assert evidence.observed.startswith("2 layers with weights of dynamic-int8, others: none")


def test_a_linear_layer_left_as_it_was_is_seen(tmp_path: Path) -> None:
    quantize: Any = torch.ao.quantization.quantize_dynamic
    half = quantize(Attentive(), {"first"}, dtype=torch.qint8)
    evidence = shown_of(half, tmp_path)
    assert not evidence.in_force
    assert evidence.observed.startswith("1 layers with weights of dynamic-int8, others: 1 float32")
    assert not shown_of(Attentive(), tmp_path).in_force


def test_rounding_learnt_in_training_stays_when_batch_norms_are_fused(trainer: Any) -> None:
    quantize_to_integers(trainer.ema.ema, 8, "per-channel", "min-max", inputs=False)
    expected = trained_output(trainer, pictures(1))
    model = deployed_as(trainer, "torch", Numbers(), 1)
    torch.testing.assert_close(model(pictures(1)), expected, atol=1e-3, rtol=1e-3)
    assert not rounded_convolutions(trained_copy(trainer))
    assert rounded_convolutions(trainer.ema.ema)


def test_a_model_never_deployed_is_deployed_and_run_for_who_asks(trainer: Any) -> None:
    model = deployed(trainer)
    assert (model.engine().partition(" ")[0], model.calls) == ("torch", 1)
    assert deployed(trainer) is model


def test_threads_are_given_back() -> None:
    before = torch.get_num_threads()
    with threads_kept():
        torch.set_num_threads(before + 1)
    assert torch.get_num_threads() == before
