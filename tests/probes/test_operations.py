"""Operations are counted on a copy that runs no layer of the live model."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from starting import TINY
from ultralytics.nn.tasks import DetectionModel

from bench.compression.convolutions import replace_convolutions
from bench.optimizations.registry import registry
from bench.probes.operations import forward_gflops
from bench.suite.model import Level, Workload


def detector() -> DetectionModel:
    torch.manual_seed(0)
    return DetectionModel(str(TINY), nc=3, verbose=False).train()


def wrap(model: DetectionModel, name: str, level: Level, workload: Workload) -> None:
    """Let a technique change the live model as it does right before the first epoch."""
    trainer = SimpleNamespace(model=model, optimizations=(), accumulate=1)
    registry()[name](level, workload).prepare_training(trainer)


@pytest.mark.parametrize(("name", "level"), [("activation_checkpointing", "block"), ("cuda_graphs", "on")])
def test_closures_over_live_layers_are_not_run(tiny_workload: Workload, name: str, level: Level) -> None:
    model = detector()
    plain = forward_gflops(model, 64)
    wrap(model, name, level, tiny_workload)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    assert plain is not None
    assert forward_gflops(model, 64) == plain
    # Running means and variances are among these, and the batches they are of.
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert all(module.training for module in model.modules())


def test_closures_stay_in_the_live_model(tiny_workload: Workload) -> None:
    model = detector()
    wrap(model, "activation_checkpointing", "block", tiny_workload)
    forward_gflops(model, 64)
    assert all("forward" in vars(layer) for layer in model.model[:-1])


def test_layers_that_a_technique_replaced_are_counted_as_they_are(tiny_workload: Workload) -> None:
    model = detector()
    plain = forward_gflops(model, 64)
    replace_convolutions(model, "depthwise-separable")
    separable = forward_gflops(model, 64)
    assert plain is not None
    assert separable is not None
    assert separable < plain
    wrap(model, "activation_checkpointing", "block", tiny_workload)
    assert forward_gflops(model, 64) == separable


def test_methods_bound_to_a_layer_are_bound_to_its_copy() -> None:
    # Ultralytics puts one in the place of forward where a batch norm is folded into its convolution.
    fused = detector().eval().requires_grad_(False).fuse(verbose=False)
    assert any("forward" in vars(module) for module in fused.modules())
    assert forward_gflops(fused, 64)


def test_pixels_are_zeros() -> None:
    seen: list[torch.Tensor] = []

    class Looking(torch.nn.Conv2d):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            seen.append(x.clone())
            return super().forward(x)

    before = torch.are_deterministic_algorithms_enabled()
    # Memory that nobody has written to holds NaN then.
    torch.use_deterministic_algorithms(True)
    try:
        assert forward_gflops(torch.nn.Sequential(Looking(3, 8, 3, padding=1)), 32)
    finally:
        torch.use_deterministic_algorithms(before)
    assert seen
    assert not any(bool(pixels.any()) for pixels in seen)
