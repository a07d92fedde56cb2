"""Trained models as something that can be called, whatever runs them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from pathlib import Path
from typing import Any

import torch


class Deployed(ABC):
    """A trained model in the runtime that it is deployed to, for one size of batch.

    Attributes:
        file: what would be shipped: a file, or a folder of files.
        calls: how often the model was run.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.calls = 0

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """Return the predictions for a batch of pictures.

        Args:
            images: shape (batch, 3, side, side), as float32, as the network is fed in training.

        Returns:
            Shape (batch, 4 + classes, anchors): boxes as centre, width and height in pixels, then scores; float32.
        """
        self.calls += 1
        return self.run(images)

    @abstractmethod
    def run(self, images: torch.Tensor) -> torch.Tensor:
        """Run the model on a batch."""

    @abstractmethod
    def engine(self) -> str:
        """Return what runs the model, read from the live object."""

    @abstractmethod
    def weight_formats(self) -> Counter[str]:
        """Return how many layers hold weights of each number format; nothing where the runtime does not tell."""

    @property
    def size(self) -> int:
        """Bytes of what would be shipped."""
        files = self.file.rglob("*") if self.file.is_dir() else [self.file]
        return sum(each.stat().st_size for each in files if each.is_file())


class InTorch(Deployed):
    """A module that torch runs operation by operation, or one traced and loaded."""

    def __init__(self, module: Any, file: Path, dtype: torch.dtype) -> None:
        super().__init__(file)
        self._module = module
        self._dtype = dtype

    def run(self, images: torch.Tensor) -> torch.Tensor:
        """Run the module without gradients."""
        with torch.inference_mode():
            output = self._module(images.to(self._dtype))
        predictions: torch.Tensor = output[0] if isinstance(output, tuple) else output
        return predictions.float()

    def engine(self) -> str:
        """Return whether the module was scripted, and torch's version."""
        how = "TorchScript" if isinstance(self._module, torch.jit.ScriptModule) else "eager"
        return f"torch {how} {torch.__version__}"

    def weight_formats(self) -> Counter[str]:
        """Count the number formats of convolutions' weights, or of linear layers' where some were quantized.

        Torch finds the ranges of linear layers' inputs while they run, and leaves convolutions as they are.
        """
        modules = list(self._module.modules())
        dynamic = sum(type(each).__module__.startswith("torch.ao.nn.quantized.dynamic") for each in modules)
        formats: Counter[str] = Counter()
        if dynamic:
            # A subclass, as the last layer of torch's attention is, is one that torch does not quantize either.
            whole = [each.weight.dtype for each in modules if type(each) is torch.nn.Linear]
            formats.update(str(dtype).removeprefix("torch.") for dtype in whole)
            formats["dynamic-int8"] = dynamic
            return formats
        for name, weight in self._module.named_parameters():
            if name.endswith("weight") and weight.ndim == 4:
                formats[str(weight.dtype).removeprefix("torch.")] += 1
        return formats


class InOnnxRuntime(Deployed):
    """An ONNX file that ONNX Runtime runs."""

    def __init__(self, file: Path, device: torch.device) -> None:
        import onnxruntime

        super().__init__(file)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = 3
        wanted: list[tuple[str, dict[str, int]]] = [("CPUExecutionProvider", {})]
        if device.type == "cuda":
            # Left alone, it would round to TF32 even where torch does not.
            wanted.insert(0, ("CUDAExecutionProvider", {"use_tf32": int(torch.backends.cudnn.allow_tf32)}))
        available = onnxruntime.get_available_providers()
        self._session = onnxruntime.InferenceSession(
            str(file), options, [(name, settings) for name, settings in wanted if name in available]
        )
        self._device = device
        self._input = self._session.get_inputs()[0].name

    def run(self, images: torch.Tensor) -> torch.Tensor:
        """Run the session on a copy in the host's memory."""
        output = self._session.run(None, {self._input: images.cpu().numpy()})[0]
        return torch.from_numpy(output).to(self._device)

    def engine(self) -> str:
        """Return the execution provider of the session, and the version."""
        import onnxruntime

        return f"onnxruntime {self._session.get_providers()[0]} {onnxruntime.__version__}"

    def weight_formats(self) -> Counter[str]:
        """Read the file that the session was made from."""
        from bench.after.onnx_files import weight_formats

        return weight_formats(self.file)


class InOpenVino(Deployed):
    """A folder of OpenVINO's intermediate representation, run on the processor in 32-bit floats."""

    def __init__(self, file: Path) -> None:
        import openvino

        super().__init__(file)
        self._read = openvino.Core().read_model(next(file.glob("*.xml")))
        config = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            # Left alone, it computes in bfloat16 on processors that can.
            "INFERENCE_PRECISION_HINT": openvino.Type.f32,
        }
        self._compiled = openvino.Core().compile_model(self._read, "CPU", config)

    def run(self, images: torch.Tensor) -> torch.Tensor:
        """Run the compiled model; the result is copied, because the next call writes over it."""
        output = self._compiled(images.cpu().numpy())[0]
        return torch.from_numpy(output.copy()).to(images.device)

    def engine(self) -> str:
        """Return the device of the compiled model, the numbers that it computes in, and the version."""
        import openvino

        devices = ", ".join(self._compiled.get_property("EXECUTION_DEVICES"))
        precision = self._compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
        return f"openvino {devices} {precision} {openvino.__version__.partition('-')[0]}"

    def weight_formats(self) -> Counter[str]:
        """Follow the weights of convolutions to the constants that the file holds."""
        formats: Counter[str] = Counter()
        for operation in self._read.get_ops():
            if operation.get_type_name() in {"Convolution", "GroupConvolution"}:
                source = operation.input_value(1).get_node()
                while source.get_type_name() != "Constant":
                    source = source.input_value(0).get_node()
                names = {"f32": "float32", "f16": "float16"}
                kind = source.get_element_type().get_type_name()
                formats[names.get(kind, kind)] += 1
        return formats


class InUltralytics(Deployed):
    """A file that a backend of Ultralytics' runs: TensorRT or LiteRT."""

    def __init__(self, file: Path, device: torch.device) -> None:
        from ultralytics.nn.autobackend import AutoBackend

        super().__init__(file)
        self._backend = AutoBackend(str(file), device=device, verbose=False)

    def run(self, images: torch.Tensor) -> torch.Tensor:
        """Run the backend; a result that the next call writes over is copied."""
        output = self._backend(images)
        predictions: torch.Tensor = output[0] if isinstance(output, list | tuple) else output
        return predictions.float().clone()

    def engine(self) -> str:
        """Return the class of the backend."""
        return type(self._backend.backend).__name__

    def weight_formats(self) -> Counter[str]:
        """Neither file tells without a parser of its own."""
        return Counter()
