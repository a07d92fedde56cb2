"""The trained model brought to the runtime that it is to be deployed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from bench.after.deployment import Deployment
from bench.after.pictures import side_of, training_pictures
from bench.after.runtimes import Deployed, InOnnxRuntime, InOpenVino, InTorch, InUltralytics
from bench.compression.fake_quantize import without_rounding
from bench.compression.live import averaged_model

if TYPE_CHECKING:
    from bench.workloads.trainer import ProbedTrainer

FORMATS = {"torchscript": "torchscript", "onnx": "onnx", "openvino": "openvino", "tensorrt": "engine"}
"""What Ultralytics' exporter calls runtimes; litert has one name everywhere."""

DTYPES = {"float16": torch.float16, "bfloat16": torch.bfloat16}


def deployed(trainer: ProbedTrainer) -> Deployed:
    """Return the model as it was deployed last; where it never was, deploy it and run it on one picture."""
    if trainer.deployed is None:
        deploy(trainer, 1)(training_pictures(trainer, 1))
    assert trainer.deployed is not None
    return trainer.deployed


def deploy(trainer: ProbedTrainer, batch: int) -> Deployed:
    """Bring the weights that validation uses, as they are now, to the trainer's deployment.

    Args:
        trainer: between two epochs; its model stays as it is.
        batch: pictures in one call.
    """
    plan: Deployment = trainer.deployment
    folder = Path(trainer.save_dir) / "after" / f"batch{batch}"
    folder.mkdir(parents=True, exist_ok=True)
    model = trained_copy(trainer)
    with threads_kept():
        if plan.runtime == "torch":
            result: Deployed = _in_torch(model, plan, folder / "model.pt")
        else:
            result = _exported(model, plan, folder, batch, trainer)
    trainer.deployed = result
    return result


def trained_copy(trainer: ProbedTrainer) -> Any:
    """Return a copy of the weights that validation uses, for evaluation, in floats and without simulated rounding."""
    model = deepcopy(averaged_model(trainer)).float().eval().requires_grad_(False)
    without_rounding(model)
    # Ultralytics' commands set it, and its exporter asks for it.
    model.task = "detect"
    if getattr(model, "end2end", False):
        # As in training's validation, unless non-maximum suppression was switched off.
        model.end2end = trainer.args.nms is False
    return model


@contextmanager
def threads_kept() -> Iterator[None]:
    """Give torch its number of threads back after a ``with`` block: Ultralytics changes it when it selects a device."""
    threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _in_torch(model: Any, plan: Deployment, file: Path) -> Deployed:
    """Fuse the model, give it its numbers and save it."""
    dtype = DTYPES.get(plan.numbers.kind, torch.float32)
    model = model.fuse(verbose=False).to(dtype)
    if plan.numbers.kind == "dynamic-int8":
        quantize: Any = torch.ao.quantization.quantize_dynamic
        model = quantize(model, {torch.nn.Linear}, dtype=torch.qint8)
    torch.save({"model": model}, file)
    return InTorch(model, file, dtype)


def _exported(model: Any, plan: Deployment, folder: Path, batch: int, trainer: ProbedTrainer) -> Deployed:
    """Export with Ultralytics' own exporter, change the numbers where it does not, and load the result."""
    from ultralytics.engine.exporter import Exporter

    # The exporter writes beside the checkpoint that it takes the model to be from.
    model.pt_path = folder / "model.pt"
    settings = {
        "format": FORMATS.get(plan.runtime, plan.runtime),
        "imgsz": side_of(trainer),
        "batch": batch,
        "device": str(trainer.device),
        "nms": trainer.args.nms,
        "quantize": 16 if plan.numbers.kind == "float16" else None,
    }
    with threads_kept():
        file = Path(Exporter(overrides=settings)(model))
    if plan.runtime == "torchscript":
        return InTorch(torch.jit.load(file, map_location=trainer.device), file, torch.float32)  # type: ignore[no-untyped-call]
    if plan.runtime == "onnx":
        return InOnnxRuntime(_with_numbers(file, plan, batch, trainer), trainer.device)
    if plan.runtime == "openvino":
        return InOpenVino(file)
    return InUltralytics(file, trainer.device)


def _with_numbers(file: Path, plan: Deployment, batch: int, trainer: ProbedTrainer) -> Path:
    """Return an ONNX file with the plan's integers in it, or the one there is."""
    from bench.after.onnx_files import quantize_dynamic, quantize_static

    numbers, target = plan.numbers, file.with_name("quantized.onnx")
    if numbers.kind == "dynamic-int8":
        quantize_dynamic(file, target)
    elif numbers.kind in {"int8", "int16"}:
        count = -(-numbers.images // batch) * batch
        quantize_static(file, target, numbers, torch.split(training_pictures(trainer, count), batch))
    else:
        target = file
    return target
