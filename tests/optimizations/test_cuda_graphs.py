"""What can be said of CUDA graphs without CUDA."""

from __future__ import annotations

import pytest
import torch

from bench.optimizations.cuda_graphs import CudaGraphs, graphed
from bench.suite.model import Level


@pytest.mark.parametrize(
    ("axis", "level", "reason"),
    [
        ("compile", "default", "of its own"),
        ("activation_checkpointing", "block", "random numbers"),
        ("distillation", {"method": "feature"}, "hooks"),
        ("quantization", {"method": "qat-int8"}, "read in Python"),
        ("quantization", {"method": "qat-int16"}, "read in Python"),
        ("pruning", {"method": "activation"}, "hooks"),
        ("regularization", {"method": "dropout", "amount": 0.1}, "hook"),
    ],
)
def test_what_runs_in_python_within_a_pass_conflicts(axis: str, level: Level, reason: str) -> None:
    assert reason in (CudaGraphs.conflict({"cuda_graphs": "on", axis: level}) or "")
    assert CudaGraphs.conflict({"cuda_graphs": "off", axis: level}) is None
    assert CudaGraphs.conflict({"cuda_graphs": "on"}) is None


@pytest.mark.parametrize(
    ("axis", "level"),
    [
        ("quantization", "none"),
        ("quantization", "float16"),
        ("quantization", {"method": "ptq-int8"}),
        ("pruning", "none"),
        ("pruning", {"method": "filter-norm"}),
        ("regularization", "none"),
        ("regularization", {"method": "l1", "amount": 0.1}),
    ],
)
def test_what_leaves_the_pass_alone_does_not_conflict(axis: str, level: Level) -> None:
    assert CudaGraphs.conflict({"cuda_graphs": "on", axis: level}) is None


def test_evaluation_and_passes_without_gradients_are_not_replayed() -> None:
    model = torch.nn.Conv2d(3, 1, 1)
    predict = graphed(model, model.__call__, keep_gradients=False)
    images = torch.ones(1, 3, 2, 2)
    with torch.no_grad():
        assert torch.equal(predict(images), model(images))
    model.eval()
    assert torch.equal(predict(images), model(images))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
@pytest.mark.parametrize("steps_between", [1, 2])
def test_replayed_gradients_are_those_of_the_model(steps_between: int) -> None:
    def network() -> torch.nn.Sequential:
        torch.manual_seed(0)
        return torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8)).cuda()

    plain, other = network(), network()
    predict = graphed(other, other.__call__, keep_gradients=steps_between > 1)
    for size in (4, 4, 2, 4):
        images = torch.randn(size, 3, 8, 8, device="cuda")
        for _ in range(steps_between):
            plain(images).square().sum().backward()
            predict(images).square().sum().backward()
        for one, two in zip(plain.parameters(), other.parameters(), strict=True):
            torch.testing.assert_close(two.grad, one.grad)
            one.grad = two.grad = None
    for name, value in other.state_dict().items():
        torch.testing.assert_close(value, plain.state_dict()[name])
