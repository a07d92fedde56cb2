"""Number format in which an optimizer keeps its state."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from bench.errors import BenchError
from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level

if TYPE_CHECKING:
    import torch

    from bench.environment import Machine

WITH_8_BIT_STATE = ("AdamW", "Adam")
"""Optimizers for which torchao has one with 8-bit state."""


class NoEightBitOptimizerError(BenchError):
    """The workload's optimizer has no counterpart with 8-bit state."""


class OptimizerState(Optimization):
    """Moving averages of gradients in 32 bits, or in 8 with a scale for each block."""

    name = "optimizer_state"
    card = Card(
        summary="keeps Adam's two moving averages in 32 bits (fp32), or in 8 bits a number by torchao (8-bit)",
        acts_on=("memory", "compute"),
        evidence="bytes of the optimizer's state tensors against the numbers in them",
        cost="torchao compiles its update once for every shape of weight: seconds each on a processor",
        needs="the extra torchao; optimizer AdamW or Adam; a C++ compiler on a processor, Triton on CUDA",
        source="https://arxiv.org/abs/2110.02861",
    )
    level_type = Literal["fp32", "8-bit"]
    usual_levels = ("fp32", "8-bit")
    applied_after = ("optimizer",)

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        """8-bit state is torchao's, and compiled."""
        if level == "fp32":
            return None
        if find_spec("torchao") is None:
            return "needs the extra torchao: pip install 'yolo-train-bench[torchao]'"
        return None if machine.has_cuda or machine.cpp_compiler else "needs a C++ compiler"

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Few optimizers have 8-bit state, and those have a kernel of their own."""
        if levels["optimizer_state"] == "fp32":
            return None
        if levels.get("optimizer", "AdamW") not in WITH_8_BIT_STATE:
            return f"torchao has no 8-bit state for {levels['optimizer']}"
        if "optimizer_kernel" in levels:
            return "8-bit state is updated by a kernel of torchao's own"
        return None

    def prepare_optimizer(self, trainer: Any, optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
        """Replace the optimizer by torchao's.

        Raises:
            NoEightBitOptimizerError: the workload trains with neither AdamW nor Adam.
        """
        return optimizer if self.level == "fp32" else with_8_bit_state(optimizer)

    def evidence(self, trainer: Any) -> Evidence:
        """Weigh the state."""
        values, size = state_size(trainer.optimizer)
        each = size / values if values else 0.0
        return Evidence(
            in_force=each == 4 or values == 0 if self.level == "fp32" else 0 < each < 4,
            observed=f"{size / 2**20:.3f} MiB of optimizer state, {each:.2f} bytes a number",
            expected="4 bytes a number" if self.level == "fp32" else "less than 4 bytes; large tensors have about 1",
        )


def state_size(optimizer: torch.optim.Optimizer) -> tuple[int, int]:
    """Return how many numbers an optimizer's per-weight state has, and the bytes they take with their scales."""
    values = size = 0
    for weight, state in optimizer.state.items():
        for tensor in state.values():
            if getattr(tensor, "shape", None) == weight.shape:
                values += tensor.numel()
                size += sum(part.nbytes for part in _parts(tensor))
    return values, size


def with_8_bit_state(optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
    """Return torchao's counterpart of a fresh AdamW or Adam, with the same groups and rates.

    Raises:
        NoEightBitOptimizerError: the optimizer is another one.
    """
    from torchao.optim import Adam8bit, AdamW8bit

    name = type(optimizer).__name__
    if name not in WITH_8_BIT_STATE:
        raise NoEightBitOptimizerError(
            f"torchao has no 8-bit state for {name}; set optimizer to one of {', '.join(WITH_8_BIT_STATE)}"
        )
    unknown = {"fused", "foreach", "maximize", "capturable", "differentiable", "decoupled_weight_decay"}
    groups = [{key: value for key, value in group.items() if key not in unknown} for group in optimizer.param_groups]
    small: torch.optim.Optimizer = {"AdamW": AdamW8bit, "Adam": Adam8bit}[name](groups)
    small.register_step_pre_hook(_rates_as_tensors)
    small.register_step_pre_hook(_remember_graphs)
    small.register_step_post_hook(_forget_graphs)
    small.register_state_dict_post_hook(_plain_state)
    return small


def _parts(tensor: Any) -> list[torch.Tensor]:
    """Return the tensors that really hold a tensor's numbers."""
    if not hasattr(tensor, "__tensor_flatten__"):
        return [tensor]
    names, _ = tensor.__tensor_flatten__()
    return [getattr(tensor, name) for name in names]


def _rates_as_tensors(optimizer: torch.optim.Optimizer, *_: object) -> None:
    """Turn the plain numbers that Ultralytics' warm-up sets into the tensors that torchao asks for."""
    import torch

    for group in optimizer.param_groups:
        if not isinstance(group["lr"], torch.Tensor):
            group["lr"] = torch.tensor(group["lr"], dtype=torch.float32)


def _remember_graphs(optimizer: Any, *_: object) -> None:
    """Note the compiler's count of graphs, which the axis ``compile`` reads as the model's."""
    from torch._dynamo.utils import counters

    optimizer.graphs_before = counters["stats"]["unique_graphs"]


def _forget_graphs(optimizer: Any, *_: object) -> None:
    """Take the optimizer's own graphs out of the compiler's count."""
    from torch._dynamo.utils import counters

    counters["stats"]["unique_graphs"] = optimizer.graphs_before


def _plain_state(_: object, saved: dict[str, Any]) -> dict[str, Any]:
    """Put plain numbers into what is saved; torchao's tensors cannot be copied, as a checkpoint needs."""
    state = {
        weight: {
            name: value.dequantize() if hasattr(value, "__tensor_flatten__") else value
            for name, value in entries.items()
        }
        for weight, entries in saved["state"].items()
    }
    return {**saved, "state": state}
