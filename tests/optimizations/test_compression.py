"""Compression: which levels there are, which cannot be combined, and that what can be combined acts together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import pytest
from starting import StartTrial

import bench.compression.pruner
from bench.compression.pruner import Pruner
from bench.environment import CudaDevice, Machine
from bench.errors import InputError
from bench.optimizations.registry import application_order, registry
from bench.suite.combination import level_text
from bench.suite.model import Level, Workload


def level(name: str, **parameters: Level) -> Level:
    return registry()[name].parse(parameters)


def test_defaults_are_filled_in_and_shown() -> None:
    assert level_text(level("pruning", method="l1-unstructured", amount=0.3)) == "l1-unstructured(amount=0.3, stages=1)"
    assert level_text(level("distillation", method="mse")) == "mse(teacher=untrained, weight=1.0)"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("pruning", {"method": "l1-unstructured", "amount": 0}),
        ("pruning", {"method": "l1-unstructured", "amount": 1}),
        ("pruning", {"method": "channels", "stages": 3}),
        ("pruning", {"method": "by-feeling"}),
        ("quantization", {"method": "qat-int8", "granularity": "per-row"}),
        ("quantization", {"method": "qat-int4"}),
        ("distillation", {"method": "kl", "teacher": "teacher.pt"}),
        ("distillation", {"method": "mse", "temperature": 2}),
        ("convolution", "separable"),
    ],
)
def test_a_wrong_level_is_refused_with_what_is_right(name: str, wrong: Level) -> None:
    with pytest.raises(InputError) as refused:
        registry()[name].parse(wrong)
    assert name in str(refused.value)
    assert registry()[name].levels_text() in str(refused.value)


def test_order_of_application() -> None:
    names = ["memory_format", "quantization", "pruning", "distillation", "convolution", "compile"]
    assert application_order(names, registry()) == (
        "convolution",
        "pruning",
        "quantization",
        "distillation",
        "memory_format",
        "compile",
    )


@pytest.mark.parametrize(
    ("levels", "word"),
    [
        ({"distillation": {"method": "feature"}, "compile": "default"}, "compilation"),
        ({"quantization": {"method": "qat-int8"}, "precision": "bf16"}, "autocast"),
        ({"quantization": {"method": "qat-int16"}, "compile": "default"}, "compiled"),
        ({"quantization": {"method": "qat-int8"}, "activation_checkpointing": "block"}, "twice a step"),
        ({"quantization": {"method": "qat-int16"}, "activation_checkpointing": "block"}, "twice a step"),
        ({"pruning": {"method": "activation"}, "compile": "default"}, "compiled"),
    ],
)
def test_conflicts_have_a_reason(levels: dict[str, Level], word: str) -> None:
    name = next(iter(levels))
    assert word in (registry()[name].conflict(levels) or "")
    assert registry()[name].conflict({name: levels[name]}) is None
    off = {each: registry()[each].usual_levels[0] for each in levels}
    assert registry()[name].conflict(off) is None


def test_ranges_that_only_widen_bear_recomputation() -> None:
    for asked in (level("quantization", method="qat-int8", observer="min-max"), "float16", "ptq-float16"):
        levels: dict[str, Level] = {"quantization": asked, "activation_checkpointing": "block"}
        assert registry()["quantization"].conflict(levels) is None


@pytest.mark.parametrize("amp", [True, "bf16", "FP16"])
@pytest.mark.parametrize("asked", [{"method": "qat-int8"}, {"method": "qat-int16"}, "float16"])
def test_training_on_a_grid_is_refused_under_the_workloads_own_autocast(
    tiny_workload: Workload, asked: Level, amp: Level
) -> None:
    idle = registry()["quantization"].idle
    levels: dict[str, Level] = {"quantization": asked}
    mixed = tiny_workload.model_copy(update={"settings": {"amp": amp}})
    processor = Machine(cores=2, memory_bytes=2**33, cuda=(), cpp_compiler=True)
    gpu = replace(processor, cuda=(CudaDevice(0, "any", 2**33, None, None),))
    assert "workload.settings.amp" in (idle(levels, mixed, gpu) or "")
    assert idle(levels, mixed, processor) is None
    assert idle(levels, tiny_workload, gpu) is None
    for off in (False, "fp32"):
        assert idle(levels, tiny_workload.model_copy(update={"settings": {"amp": off}}), gpu) is None
    for unmixed in ("none", "ptq-float16", {"method": "ptq-int8"}):
        assert idle({"quantization": unmixed}, mixed, gpu) is None


def test_a_teacher_that_is_not_there_makes_its_level_unavailable() -> None:
    asked = level("distillation", method="kl", teacher="/nowhere/teacher.pt")
    assert "/nowhere/teacher.pt" in (registry()["distillation"].unavailable(asked, Machine.here()) or "")


@pytest.mark.parametrize(
    "levels",
    [
        {
            "pruning": {"method": "channels", "amount": 0.5},
            "quantization": {"method": "qat-int8"},
            "distillation": {"method": "feature"},
            "memory_format": "channels_last",
        },
        {
            "convolution": "depthwise-separable",
            "pruning": {"method": "global-unstructured", "amount": 0.3, "stages": 2},
            "quantization": {"method": "qat-int16", "granularity": "per-tensor"},
            "distillation": {"method": "kl"},
        },
        {
            "convolution": "ghost",
            "pruning": {"method": "filter-norm", "amount": 0.25},
            "distillation": {"method": "mse"},
            "precision": "bf16",
        },
    ],
    ids=["channels-int8-feature", "global-int16-kl", "ghost-filters-mse-bf16"],
)
def test_together_all_are_in_force(start_trial: StartTrial, levels: dict[str, Level]) -> None:
    if levels["pruning"]["method"] == "channels" and find_spec("torch_pruning") is None:  # type: ignore[index, call-overload]
        pytest.skip("needs the extra pruning")
    trial = start_trial(levels)
    trial.ready()
    trial.measure("epoch")
    trial.measure("epoch")
    trial.measure("forward_backward")
    evidence = trial.evidence()
    assert not {name: each for name, each in evidence.items() if not each.in_force}


@pytest.mark.parametrize(
    ("method", "stages", "epochs"),
    [("l1-unstructured", 1, 0), ("l1-unstructured", 4, 3), ("activation", 1, 1), ("activation", 4, 4)],
)
def test_pruning_settles_with_its_last_stage(
    tiny_workload: Workload, monkeypatch: pytest.MonkeyPatch, method: str, stages: int, epochs: int
) -> None:
    for name in ("trained_model", "averaged_model", "apply_masks"):
        monkeypatch.setattr(bench.compression.pruner, name, lambda *_: None)
    monkeypatch.setattr(bench.compression.pruner, "Activity", lambda _: SimpleNamespace(stop=lambda: None))
    monkeypatch.setattr(Pruner, "_choose", lambda *_: {})
    ends: list[Callable[[Any], None]] = []
    trainer = SimpleNamespace(
        add_callback=lambda event, callback: ends.append(callback),
        optimizer=SimpleNamespace(register_step_post_hook=lambda hook: None),
    )
    pruner = Pruner(method, 0.5, stages)
    pruner.attach(trainer)
    trained = 0
    while pruner.stage < stages:
        ends[0](trainer)
        trained += 1
    assert trained == epochs
    pruning = registry()["pruning"]
    asked = level("pruning", method=method, stages=stages)
    assert pruning(level=asked, workload=tiny_workload).settles_after(None) == epochs


def test_what_is_pruned_before_training_is_settled(tiny_workload: Workload) -> None:
    pruning = registry()["pruning"]
    for asked in ("none", level("pruning", method="channels")):
        assert pruning(level=asked, workload=tiny_workload).settles_after(None) == 0
