"""Activations computed again in the backward pass instead of being kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level

if TYPE_CHECKING:
    import torch


class ActivationCheckpointing(Optimization):
    """Checkpointing of every layer of the model's YAML file but the head."""

    name = "activation_checkpointing"
    card = Card(
        summary="keeps only the input of each layer and computes what lies between again for backward (block)",
        acts_on=("memory", "compute"),
        evidence="calls of the last convolution before the head within backward; bytes kept for backward in the first "
        "step",
        source="https://docs.pytorch.org/docs/stable/checkpoint.html",
    )
    level_type = Literal["off", "block"]
    usual_levels = ("off", "block")

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """A compiled model decides by itself what to compute again."""
        if levels["activation_checkpointing"] != "off" and levels.get("compile", "off") != "off":
            return "a compiled model decides by itself which activations to compute again"
        return None

    def prepare_training(self, trainer: Any) -> None:
        """Checkpoint the layers of the model, once its moving average has been copied from it."""
        if self.level == "off":
            return
        from bench.compression.live import trained_model

        for layer in trained_model(trainer).model[:-1]:
            if any(True for _ in layer.parameters()):
                layer.forward = checkpointed(layer)

    def observe(self, trainer: Any) -> None:
        """Count forward passes and the calls of a convolution that backward passes make; weigh the first step."""
        seen = self.observations
        seen.update(calls=0, recomputations=0, passes=0)

        def call(*_: object) -> None:
            import torch

            # Forward passes cannot be counted here: a CUDA graph calls no hooks when it replays them.
            seen["calls"] += 1
            seen["recomputations"] += torch._C._current_graph_task_id() != -1

        def forward_over(*_: object) -> None:
            seen["passes"] += 1
            watch = seen.pop("watch", None)
            if watch is not None:
                watch.__exit__(None, None, None)
                seen["bytes"] = watch.bytes_alive()

        def begin_first_step(_: Any) -> None:
            from bench.probes.activations import ActivationWatch

            if "bytes" not in seen and "watch" not in seen:
                seen["watch"] = ActivationWatch()
                seen["watch"].__enter__()

        def attach(trainer: Any) -> None:
            # Hooks and dispatch modes would split a compiled model, and there is nothing to be seen in it.
            if not trainer.args.compile:
                _last_convolution(trainer).register_forward_hook(call)
                trainer.add_callback("on_train_batch_start", begin_first_step)
                trainer.loss_watchers.append(forward_over)

        trainer.add_callback("on_train_start", attach)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare what backward passes called again with the steps."""
        calls, again, passes = (self.observations[name] for name in ("calls", "recomputations", "passes"))
        if trainer.args.compile:
            return Evidence(self.level == "off", "compiled: what is computed again is the compiler's choice", "off")
        kept = self.observations.get("bytes", 0)
        return Evidence(
            in_force=calls > 0 and passes > 0 and again == (0 if self.level == "off" else passes),
            observed=f"{again} recomputations in {passes} steps; {kept / 2**20:.2f} MiB kept for backward",
            expected="no recomputation" if self.level == "off" else "one in each step",
        )


def checkpointed(layer: torch.nn.Module) -> Callable[..., Any]:
    """Return a layer's forward pass that keeps nothing but its input, with the same results and side effects."""
    from torch import is_grad_enabled
    from torch.utils.checkpoint import checkpoint

    forward = layer.forward

    def contexts() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        return nullcontext(), unchanged_statistics(layer)

    def checkpointed_forward(inputs: Any) -> Any:
        if not is_grad_enabled():
            return forward(inputs)
        return checkpoint(forward, inputs, use_reentrant=False, context_fn=contexts)

    return checkpointed_forward


@contextmanager
def unchanged_statistics(layer: torch.nn.Module) -> Iterator[None]:
    """Keep batch normalization from counting a batch a second time when it is computed again."""
    from torch.nn.modules.batchnorm import _BatchNorm

    before = [
        (module, module.momentum, module.num_batches_tracked)
        for module in layer.modules()
        if isinstance(module, _BatchNorm)
    ]
    for module, _, _ in before:
        # Momentum 0 leaves the running statistics as they are.
        module.momentum, module.num_batches_tracked = 0.0, None
    try:
        yield
    finally:
        for module, momentum, tracked in before:
            module.momentum, module.num_batches_tracked = momentum, tracked


def _last_convolution(trainer: Any) -> Any:
    """Return the last convolution before the head: always inside a layer that is checkpointed and trained."""
    import torch

    from bench.compression.live import trained_model

    layers = trained_model(trainer).model[:-1]
    return [module for module in layers.modules() if isinstance(module, torch.nn.Conv2d)][-1]
