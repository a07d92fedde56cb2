"""The runtime that the trained model is deployed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level

if TYPE_CHECKING:
    from bench.environment import Machine

ENGINES = {
    "none": "torch eager",
    "torchscript": "torch TorchScript",
    "onnx": "onnxruntime",
    "openvino": "openvino CPU f32",
    "tensorrt": "TensorRTBackend",
    "litert": "LiteRTBackend",
}
"""How what runs a model introduces itself."""

LIBRARIES = {"onnx": ("onnx", "onnxruntime", "onnxslim"), "openvino": ("openvino",)}
"""Modules that levels need and the extra ``export`` brings."""


class Export(Optimization):
    """Torch itself, or one of the runtimes that Ultralytics exports to."""

    name = "export"
    card = Card(
        summary="brings the trained model to another runtime; training stays as it is, so suites that measure `after` "
        "see it, and no others",
        acts_on=("after",),
        evidence="what ran the deployed model, read from the live object, with the calls it counted; a trial that did "
        "not measure `after` deploys its model for this and runs it on one picture",
        cost="a second (TorchScript, ONNX, OpenVINO), half a minute (LiteRT) or minutes (TensorRT), after training",
        needs="onnx and openvino: the extra export; tensorrt: CUDA and the package tensorrt; litert: litert-torch and "
        "ai-edge-litert, which no extra brings, because they ask for other versions of packages that this one needs",
        source="https://docs.ultralytics.com/modes/export/",
    )
    level_type = Literal["none", "torchscript", "onnx", "openvino", "tensorrt", "litert"]
    usual_levels = ("none", "torchscript", "onnx", "openvino", "tensorrt", "litert")

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        """Each runtime takes its library, and TensorRT a GPU."""
        if any(find_spec(module) is None for module in LIBRARIES.get(str(level), ())):
            return "needs the extra export: pip install 'yolo-train-bench[export]'"
        if level == "openvino" and machine.cuda:
            return "OpenVINO runs on the processor, and everything else here on the GPU: let workload.device be cpu"
        if level == "tensorrt" and not machine.cuda:
            return "needs CUDA"
        if level == "tensorrt" and find_spec("tensorrt") is None:
            return "needs TensorRT: pip install tensorrt"
        if level == "litert" and any(find_spec(module) is None for module in ("litert_torch", "ai_edge_litert")):
            return (
                "needs litert-torch and ai-edge-litert, which no extra installs, because they ask for other versions "
                "of packages that this one needs: pip install both into an environment of their own"
            )
        return None

    def prepare_trainer(self, trainer: Any) -> None:
        """Name the runtime; nothing happens before the model is trained."""
        trainer.deployment = replace(trainer.deployment, runtime=runtime_of({self.name: self.level}) or "torch")

    def evidence(self, trainer: Any) -> Evidence:
        """Read from the deployed model what runs it."""
        from bench.after.deploy import deployed

        model = deployed(trainer)
        expected = ENGINES[str(self.level)]
        if self.level == "onnx" and trainer.device.type == "cuda":
            expected += " CUDAExecutionProvider"
        return Evidence(
            in_force=model.engine().startswith(expected) and model.calls > 0,
            observed=f"{model.engine()}, {model.calls} calls, {model.size} bytes",
            expected=f"{expected}, called",
        )


def runtime_of(levels: Mapping[str, Level]) -> Any:
    """Return the runtime that a combination names, or None where it leaves the choice."""
    level = levels.get("export")
    return "torch" if level == "none" else level
