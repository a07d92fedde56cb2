"""Order of the dimensions of weights and activations in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from bench.optimizations.base import Card, Evidence, Optimization

if TYPE_CHECKING:
    import torch


class MemoryFormat(Optimization):
    """Channels first, as torch has it, or channels last, as convolution kernels like it."""

    name = "memory_format"
    card = Card(
        summary="stores images, weights and activations with the channels last (NHWC)",
        acts_on=("compute", "memory"),
        evidence="strides of a convolution's weight and of an activation in the middle of the network",
        source="https://docs.pytorch.org/tutorials/intermediate/memory_format_tutorial.html",
    )
    level_type = Literal["contiguous", "channels_last"]
    usual_levels = ("contiguous", "channels_last")
    applied_after = ("convolution", "pruning", "quantization", "distillation")

    def prepare_model(self, trainer: Any, model: torch.nn.Module) -> torch.nn.Module:
        """Lay the weights out, on a processor too, where Ultralytics refuses."""
        if self.level == "channels_last":
            import torch

            model = model.to(memory_format=torch.channels_last)
        return model

    def prepare_training(self, trainer: Any) -> None:
        """Lay every batch out after Ultralytics has preprocessed it."""
        if self.level != "channels_last":
            return
        import torch

        preprocess = trainer.preprocess_batch

        def preprocess_channels_last(batch: dict[str, Any]) -> dict[str, Any]:
            batch = preprocess(batch)
            batch["img"] = batch["img"].contiguous(memory_format=torch.channels_last)
            return batch

        trainer.preprocess_batch = preprocess_channels_last

    def observe(self, trainer: Any) -> None:
        """Note the layout of an activation in the middle of the network, or, where that is compiled, of images."""
        import torch

        def note(_: object, __: object, output: Any) -> None:
            if torch.is_grad_enabled():
                self.observations["activation"] = _layout(output)

        def note_images(_: object, batch: Any) -> None:
            self.observations["images"] = _layout(batch["img"])

        def attach(trainer: Any) -> None:
            if trainer.args.compile:
                trainer.loss_watchers.append(note_images)
            else:
                _middle_convolution(trainer.model).register_forward_hook(note)

        trainer.add_callback("on_train_start", attach)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the layouts seen with the one asked for."""
        weight = _layout(_middle_convolution(trainer.model).weight)
        place, seen = next(iter(self.observations.items()), ("activation", "not seen"))
        return Evidence(
            in_force=weight == seen == self.level,
            observed=f"weight {weight}, {place} {seen}",
            expected=f"both {self.level}",
        )


def _middle_convolution(model: Any) -> Any:
    """Return the middle one of the convolutions whose layout shows in their strides."""
    import torch
    from ultralytics.utils.torch_utils import unwrap_model

    wide = [
        module
        for module in unwrap_model(model).modules()
        if isinstance(module, torch.nn.Conv2d)
        and module.kernel_size != (1, 1)
        and module.in_channels > 1
        and module.groups == 1
    ]
    return wide[len(wide) // 2]


def _layout(tensor: torch.Tensor) -> str:
    """Return the name of a 4-dimensional tensor's layout."""
    import torch

    if tensor.is_contiguous():
        return "contiguous"
    return "channels_last" if tensor.is_contiguous(memory_format=torch.channels_last) else "neither"
