"""Checkpointing changes what is kept and nothing else."""

from __future__ import annotations

import pytest
import torch
from starting import StartTrial
from torch import nn

from bench.optimizations.activation_checkpointing import ActivationCheckpointing, checkpointed
from bench.probes.activations import ActivationWatch


def block() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.SiLU(), nn.Conv2d(8, 8, 3), nn.BatchNorm2d(8))


def test_gradients_and_running_statistics_stay_the_same() -> None:
    plain, other = block(), block()
    other.forward = checkpointed(other)  # type: ignore[method-assign]
    images = torch.randn(2, 3, 8, 8)
    for _ in range(2):
        plain(images).square().sum().backward()
        other(images).square().sum().backward()
    expected = plain.state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in other.state_dict().items())
    for one, two in zip(plain.parameters(), other.parameters(), strict=True):
        assert one.grad is not None
        assert two.grad is not None
        assert torch.equal(one.grad, two.grad)
    assert other[1].num_batches_tracked.item() == 2


def test_nothing_is_checkpointed_where_no_gradients_are_wanted() -> None:
    layer = block().eval()
    images = torch.randn(1, 3, 8, 8)
    expected = layer(images)
    layer.forward = checkpointed(layer)  # type: ignore[method-assign]
    with torch.inference_mode():
        assert torch.equal(layer(images), expected)


def test_watch_weighs_what_backward_needs() -> None:
    weight = torch.ones(256, requires_grad=True)
    with ActivationWatch() as watch:
        squared = weight * weight  # kept by the next product: 1024 bytes
        (squared * 2).sum()  # neither the doubled numbers nor the sum are needed
        kept = squared.exp()  # its own result is kept: 1024 bytes
    assert watch.bytes_alive() == 2048
    del kept
    assert watch.bytes_alive() == 1024


def test_training_gives_the_same_loss_and_keeps_less(start_trial: StartTrial) -> None:
    losses, kept = [], []
    for level in ("off", "block"):
        trial = start_trial({"activation_checkpointing": level})
        trial.ready()
        trial.measure("epoch")
        losses.append(trial.measure("epoch").values["training_loss"])
        observed = trial.evidence()["activation_checkpointing"].observed
        kept.append(float(observed.split("; ")[1].split(" MiB")[0]))
    assert losses[0] == losses[1]
    assert kept[1] < 0.8 * kept[0]


def test_a_compiled_model_is_left_alone() -> None:
    reason = ActivationCheckpointing.conflict({"activation_checkpointing": "block", "compile": "default"})
    assert reason is not None
    assert ActivationCheckpointing.conflict({"activation_checkpointing": "block"}) is None
    assert ActivationCheckpointing.conflict({"activation_checkpointing": "off", "compile": "default"}) is None


@pytest.mark.parametrize("raw", ["on", True, 1])
def test_unknown_levels_are_refused(raw: object) -> None:
    with pytest.raises(Exception, match="one of off, block"):
        ActivationCheckpointing.parse(raw)
