"""Compiled models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level

if TYPE_CHECKING:
    from bench.environment import Machine


class Compile(Optimization):
    """torch.compile of the model's forward and backward passes."""

    name = "compile"
    card = Card(
        summary="compiles forward and backward into fused kernels (torch.compile)",
        acts_on=("compute", "memory"),
        evidence="graphs compiled and graph breaks, counted by torch's compiler",
        cost="compilation at the first steps: seconds to minutes, less when its cache is warm",
        needs="a C++ compiler on a processor, Triton on CUDA; reduce-overhead and max-autotune: CUDA; drops an "
        "incomplete last batch",
        source="https://docs.pytorch.org/docs/stable/generated/torch.compile.html",
    )
    level_type = Literal["off", "default", "reduce-overhead", "max-autotune"]
    usual_levels = ("off", "default")
    applied_after = ("convolution", "pruning", "quantization", "distillation", "memory_format")

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        """Compiling for a processor takes a C++ compiler; two modes are CUDA graphs and Triton tuning."""
        if level in {"reduce-overhead", "max-autotune"} and not machine.has_cuda:
            return "needs CUDA"
        if level != "off" and not machine.has_cuda and not machine.cpp_compiler:
            return "needs a C++ compiler"
        return None

    def configure(self, settings: dict[str, Any]) -> None:
        """Set ``compile``."""
        settings["compile"] = False if self.level == "off" else self.level

    def observe(self, trainer: Any) -> None:
        """Start the compiler's counters at zero."""
        from torch._dynamo.utils import counters

        counters.clear()

    def evidence(self, trainer: Any) -> Evidence:
        """Read the compiler's counters."""
        from torch._dynamo.utils import counters

        graphs = int(counters["stats"]["unique_graphs"])
        breaks = sum(counters["graph_break"].values())
        return Evidence(
            in_force=(graphs > 0) == (self.level != "off"),
            observed=f"{graphs} graphs compiled, {breaks} graph breaks",
            expected="no graphs" if self.level == "off" else "at least one graph",
        )
