"""Forward and backward passes recorded once and replayed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization, method_of
from bench.suite.model import Level

if TYPE_CHECKING:
    import torch

    from bench.environment import Machine


class CudaGraphs(Optimization):
    """CUDA graphs of the model's forward and backward passes; loss and optimizer stay as they are."""

    name = "cuda_graphs"
    card = Card(
        summary="records the kernels of forward and backward once and launches each pass as one CUDA graph",
        acts_on=("compute",),
        evidence="replays of CUDA graphs against steps with a whole batch, counted",
        cost="three passes of warm-up and the recording, at the first step",
        needs="CUDA; images of one shape; batches of another, such as an incomplete last one, run without a graph",
        source="https://docs.pytorch.org/docs/stable/generated/torch.cuda.make_graphed_callables.html",
    )
    level_type = Literal["off", "on"]
    usual_levels = ("off", "on")
    applied_after = ("memory_format", "precision", "freeze")

    @classmethod
    def unavailable(cls, level: Level, machine: Machine) -> str | None:
        """Graphs are CUDA's."""
        return "needs CUDA" if level == "on" and not machine.has_cuda else None

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Nothing may run in Python within a pass that is replayed."""
        if levels["cuda_graphs"] == "off":
            return None
        if levels.get("compile", "off") != "off":
            return "a compiled model records CUDA graphs of its own in mode reduce-overhead"
        if levels.get("activation_checkpointing", "off") != "off":
            return "checkpointing saves the state of random numbers, which a CUDA graph cannot"
        if levels.get("distillation", "none") != "none":
            return "distillation reads features by hooks, which a replayed CUDA graph does not call"
        if method_of(levels.get("quantization")) in {"qat-int8", "qat-int16"}:
            return "the ranges that observers follow are read in Python, which a CUDA graph cannot record"
        if method_of(levels.get("pruning")) == "activation":
            return "pruning watches activations by hooks, which a replayed CUDA graph does not call"
        if method_of(levels.get("regularization")) == "dropout":
            return "what dropout drops is counted in a hook that reads tensors, which a CUDA graph cannot record"
        return None

    def prepare_training(self, trainer: Any) -> None:
        """Let the model predict through a graph, recorded at the first whole batch."""
        if self.level == "on":
            from bench.compression.live import trained_model

            model = trained_model(trainer)
            zeroed = any(each.name == "zero_grad" and each.level == "zero" for each in trainer.optimizations)
            model.predict = graphed(model, model.predict, keep_gradients=zeroed or trainer.accumulate > 1)

    def observe(self, trainer: Any) -> None:
        """Count replays and steps with whole batches."""
        import torch

        seen = self.observations
        seen.update(replays=0, steps=0)
        replay = torch.cuda.CUDAGraph.replay

        def counted_replay(graph: Any) -> None:
            seen["replays"] += 1
            replay(graph)

        def count_step(_: object, batch: Any) -> None:
            seen["steps"] += len(batch["img"]) == trainer.batch_size

        torch.cuda.CUDAGraph.replay = counted_replay  # type: ignore[method-assign, assignment]
        trainer.loss_watchers.append(count_step)

    def evidence(self, trainer: Any) -> Evidence:
        """Every whole batch takes two replays: forward and backward."""
        replays, steps = self.observations["replays"], self.observations["steps"]
        return Evidence(
            in_force=replays == (2 * steps if self.level == "on" else 0) and steps > 0,
            observed=f"{replays} replays in {steps} steps with a whole batch",
            expected="two replays for each step" if self.level == "on" else "no replays",
        )


def graphed(model: Any, predict: Callable[..., Any], keep_gradients: bool) -> Callable[..., Any]:
    """Return ``predict`` with the training passes of one image shape replayed from CUDA graphs.

    Args:
        model: the Ultralytics model whose method ``predict`` is.
        predict: takes images and gives predictions.
        keep_gradients: a backward pass adds to gradients that are there already. Those must not share the graph's
            memory, which each replay overwrites.
    """
    import torch

    recorded: Any = None
    shape: tuple[int, ...] | None = None

    def replayed(images: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        nonlocal recorded, shape
        if not (model.training and torch.is_grad_enabled()) or args or kwargs:
            return predict(images, *args, **kwargs)
        if recorded is None:
            shape = tuple(images.shape)
            recorded = record(model, predict, images)
            if keep_gradients:
                for parameter in model.parameters():
                    if parameter.requires_grad:
                        parameter.register_hook(torch.clone)
        return recorded(images) if tuple(images.shape) == shape else predict(images)

    return replayed


def record(model: Any, predict: Callable[..., Any], images: torch.Tensor) -> Any:
    """Return a module that replays ``predict`` on images like ``images``; the model's statistics stay as they were."""
    import torch

    class Network(torch.nn.Module):
        """What a graph is made of: a forward pass, and the parameters that its gradients are for."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, batch: torch.Tensor) -> Any:
            return predict(batch)

    statistics = [(buffer, buffer.clone()) for buffer in model.buffers()]
    mixed = torch.is_autocast_enabled("cuda")
    # A weight that autocast had cached outside the graph would never be cast again.
    with torch.autocast("cuda", torch.get_autocast_dtype("cuda"), enabled=mixed, cache_enabled=False):
        network = torch.cuda.make_graphed_callables(Network(), (images.clone(),), allow_unused_input=True)
    with torch.no_grad():
        for buffer, before in statistics:
            buffer.copy_(before)
    return network
