"""Cheaper convolutions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization

if TYPE_CHECKING:
    import torch


class Convolution(Optimization):
    """Standard convolutions, or stand-ins with fewer multiplications."""

    name = "convolution"
    card = Card(
        summary="replaces spatial convolutions by depthwise separable or ghost ones, which multiply and weigh less",
        acts_on=("compute", "memory", "after"),
        evidence="standard, depthwise and ghost convolutions counted in the model that trains, and its parameters",
        needs="a model of Ultralytics' own layers; the first convolution and RepConv blocks stay standard",
        source="https://arxiv.org/abs/1704.04861, https://arxiv.org/abs/1911.11907",
    )
    level_type = Literal["standard", "depthwise-separable", "ghost"]
    usual_levels = ("standard", "depthwise-separable", "ghost")

    def prepare_model(self, trainer: Any, model: torch.nn.Module) -> torch.nn.Module:
        """Replace the convolutions of the model as its file describes it."""
        if self.level != "standard":
            from bench.compression.convolutions import replace_convolutions

            replace_convolutions(model, str(self.level))
        return model

    def evidence(self, trainer: Any) -> Evidence:
        """Count what convolutions there are; every model's detection head has standard ones by nature."""
        from ultralytics.nn.modules import GhostConv

        from bench.compression.convolutions import standard_convolutions
        from bench.compression.live import trained_model, weighted_convolutions

        model = trained_model(trainer)
        standard = standard_convolutions(model)
        depthwise = sum(conv.groups == conv.in_channels > 1 for _, conv in weighted_convolutions(model))
        ghosts = sum(isinstance(module, GhostConv) for module in model.modules())
        parameters = sum(parameter.numel() for parameter in model.parameters())
        if self.level == "ghost":
            odd = sum(conv.conv.out_channels % 2 for conv in standard.values())
            in_force = ghosts > 0 and len(standard) == odd
        elif self.level == "depthwise-separable":
            in_force = depthwise > 0 and not standard
        else:
            in_force = bool(standard)
        return Evidence(
            in_force=in_force,
            observed=f"{len(standard)} standard, {depthwise} depthwise, {ghosts} ghost convolutions; "
            f"{parameters} parameters",
            expected="standard convolutions" if self.level == "standard" else f"{self.level} ones in their place",
        )
