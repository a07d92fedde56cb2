"""Checkpointing changes what is kept and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from starting import StartTrial
from torch import nn

from bench.compression.fake_quantize import quantize_to_integers, ranges
from bench.optimizations.activation_checkpointing import ActivationCheckpointing, checkpointed
from bench.probes.activations import ActivationWatch
from bench.suite.model import Level, Workload


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


@pytest.mark.parametrize(("observer", "same"), [("min-max", True), ("moving-average", False)])
def test_recomputation_moves_ranges_that_are_averages_again(observer: str, same: bool) -> None:
    plain, other = block(), block()
    for each in (plain, other):
        quantize_to_integers(each, 8, "per-channel", observer, inputs=True)
    other.forward = checkpointed(other)  # type: ignore[method-assign]
    images = torch.randn(2, 3, 8, 8)
    for each in (plain, other):
        each(images).square().sum().backward()
    pairs = zip(ranges(plain), ranges(other), strict=True)
    assert all(torch.equal(one, two) for one, two in pairs) is same


class Layers(nn.Module):
    """A network with its layers where Ultralytics has them: one, and a head that computes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.model = nn.Sequential(block(), nn.Identity())

    def forward(self, images: torch.Tensor) -> Any:
        return self.model(images)


def watched(level: Level, workload: Workload) -> tuple[ActivationCheckpointing, Any]:
    """The technique at a level, watching, and what it sees of a trainer at the start of training."""
    starts: list[Callable[[Any], None]] = []
    trainer = SimpleNamespace(
        model=Layers(),
        args=SimpleNamespace(compile=False),
        loss_watchers=[],
        add_callback=lambda event, callback: starts.append(callback) if event == "on_train_start" else None,
    )
    technique = ActivationCheckpointing(level, workload)
    technique.observe(trainer)
    for start in starts:
        start(trainer)
    return technique, trainer


def compute_loss(trainer: Any) -> None:
    for watcher in trainer.loss_watchers:
        watcher(None, None)


@pytest.mark.parametrize("level", ["off", "block"])
@pytest.mark.parametrize("applied", ["off", "block"])
def test_evidence_is_what_backward_computes_again(tiny_workload: Workload, level: Level, applied: Level) -> None:
    technique, trainer = watched(level, tiny_workload)
    ActivationCheckpointing(applied, tiny_workload).prepare_training(trainer)
    for _ in range(2):
        loss = trainer.model(torch.randn(2, 3, 8, 8)).square().sum()
        compute_loss(trainer)
        loss.backward()
    shown = technique.evidence(trainer)
    assert shown.observed.startswith(f"{2 if applied == 'block' else 0} recomputations in 2 steps")
    assert shown.in_force is (level == applied)


def test_forward_passes_that_a_graph_replays_are_no_evidence_of_recomputation(tiny_workload: Workload) -> None:
    technique, trainer = watched("off", tiny_workload)
    # Three passes of warm-up and the recording call the layers; the steps that replay it do not.
    for _ in range(4):
        trainer.model(torch.randn(2, 3, 8, 8)).square().sum().backward()
    for _ in range(6):
        compute_loss(trainer)
    shown = technique.evidence(trainer)
    assert shown.in_force, shown
    assert shown.observed.startswith("0 recomputations in 6 steps")


def test_no_steps_are_no_evidence(tiny_workload: Workload) -> None:
    technique, trainer = watched("off", tiny_workload)
    assert not technique.evidence(trainer).in_force


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
