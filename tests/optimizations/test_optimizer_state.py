"""Optimizers with 8-bit state, as far as nothing has to be compiled."""

from __future__ import annotations

import pytest
import torch

from bench.optimizations.optimizer_state import (
    NoEightBitOptimizerError,
    OptimizerState,
    state_size,
    with_8_bit_state,
)


def test_size_of_plain_state_by_hand() -> None:
    weight = torch.nn.Parameter(torch.zeros(10, 3))
    optimizer = torch.optim.Adam([weight])
    weight.grad = torch.ones_like(weight)
    optimizer.step()
    assert state_size(optimizer) == (60, 240)  # two averages of 30 numbers of 4 bytes; the step's count is no average


def test_only_adams_have_8_bit_state() -> None:
    conflict = OptimizerState.conflict
    assert conflict({"optimizer_state": "8-bit", "optimizer": "SGD"}) == "torchao has no 8-bit state for SGD"
    assert conflict({"optimizer_state": "8-bit", "optimizer": "AdamW", "optimizer_kernel": "fused"}) is not None
    assert conflict({"optimizer_state": "8-bit", "optimizer": "Adam"}) is None
    assert conflict({"optimizer_state": "8-bit"}) is None
    assert conflict({"optimizer_state": "fp32", "optimizer": "SGD"}) is None


def test_groups_and_rates_are_taken_over() -> None:
    pytest.importorskip("torchao")
    weights = [torch.nn.Parameter(torch.zeros(4)) for _ in range(2)]
    groups = [
        {"params": weights[:1], "lr": 0.1, "weight_decay": 0.5, "param_group": "weight"},
        {"params": weights[1:], "lr": 0.2, "weight_decay": 0.0, "param_group": "bias"},
    ]
    small = with_8_bit_state(torch.optim.AdamW(groups, betas=(0.8, 0.99)))
    assert [round(float(group["lr"]), 6) for group in small.param_groups] == [0.1, 0.2]
    assert [group["weight_decay"] for group in small.param_groups] == [0.5, 0.0]
    assert [group["param_group"] for group in small.param_groups] == ["weight", "bias"]
    assert {group["betas"] for group in small.param_groups} == {(0.8, 0.99)}


def test_another_optimizer_is_refused_by_name() -> None:
    pytest.importorskip("torchao")
    with pytest.raises(NoEightBitOptimizerError, match="torchao has no 8-bit state for SGD; set optimizer to one of"):
        with_8_bit_state(torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1))
