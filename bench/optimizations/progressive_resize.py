"""Small pictures first, full size in the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from bench.optimizations.base import Card, Evidence, Optimization, level_adapter
from bench.probes.phases import Phase
from bench.probes.shapes import ShapesSeen, shapes_text
from bench.suite.model import Level, Model


class Growth(Model):
    """A side that grows in equal stages to the image size, then begins again.

    Attributes:
        start: the first stage's share of the image size.
        stages: sides that are taken in turn, each for as many batches.
        epochs: epochs from the first side to the image size.
    """

    start: float = Field(0.5, gt=0, lt=1)
    stages: int = Field(3, ge=2, le=100)
    epochs: int = Field(1, ge=1, le=100_000)


class ProgressiveResize(Optimization):
    """Batches scaled down on the device, less and less."""

    name = "progressive_resize"
    card = Card(
        summary="computes on batches scaled down to a share of the image size that grows in stages; over one epoch, "
        "every epoch does the same work; over up to 12, a burst is of as many epochs and gives their mean; over more, "
        "up to as many as training has, only what is learnt is compared",
        acts_on=("compute", "memory"),
        evidence="sides of the batches whose loss was computed, against those of the schedule",
        needs="the measurement epoch: forward_backward computes at the image size and shows nothing of it; "
        "loading takes as long as ever",
        cost="with compile: compiling for other shapes",
        source="https://arxiv.org/abs/2104.00298",
    )
    level_type = Annotated[
        Literal["off"] | Growth,
        Field(
            description="off, or {start: a share of the image size, stages: a number of sides, "
            "epochs: how many from the first side to the image size, 1 unless given}"
        ),
    ]
    usual_levels = ("off", Growth().model_dump(mode="json"))
    seen_by_fixed_batches = False

    @property
    def _growth(self) -> Growth | None:
        """What the level asks for."""
        asked: Growth | Literal["off"] = level_adapter(type(self)).validate_python(self.level)
        return None if asked == "off" else asked

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Only one may choose a batch's side, and captured graphs take one shape."""
        if levels["progressive_resize"] == "off":
            return None
        if levels.get("multi_scale"):
            return "multi_scale chooses each batch's side, too"
        return "a captured graph takes one shape" if levels.get("cuda_graphs") == "on" else None

    def repeats_after(self, trainer: Any) -> int:
        """The epochs from the first side to the image size."""
        return self._growth.epochs if self._growth else 1

    def prepare_trainer(self, trainer: Any) -> None:
        """Scale each batch of the loop after Ultralytics' own preprocessing, in the same phase."""
        growth = self._growth
        if growth is None:
            return
        preprocess = trainer.preprocess_batch
        position = {"batch": -1, "in_loop": False}

        def scaled(batch: dict[str, Any]) -> dict[str, Any]:
            batch = preprocess(batch)
            if position["in_loop"]:
                number = trainer.epoch * len(trainer.train_loader) + position["batch"]
                side = side_at(growth, number, len(trainer.train_loader), trainer.args.imgsz, trainer.stride)
                with trainer.phases.inside(Phase.PREPROCESS):
                    batch["img"] = scale_to(batch["img"], side / trainer.args.imgsz, trainer.stride)
            return batch

        trainer.preprocess_batch = scaled
        trainer.add_callback("on_train_epoch_start", lambda _: position.update(batch=-1))
        trainer.add_callback(
            "on_train_batch_start", lambda _: position.update(batch=position["batch"] + 1, in_loop=True)
        )
        trainer.add_callback("on_train_batch_end", lambda _: position.update(in_loop=False))

    def observe(self, trainer: Any) -> None:
        """Count shapes before and after scaling."""
        self.observations["shapes"] = ShapesSeen(trainer)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the sides computed on with those of the schedule's batches so far."""
        shapes: ShapesSeen = self.observations["shapes"]
        growth = self._growth
        if growth is None:
            in_force = bool(shapes.computed) and shapes.computed == shapes.preprocessed
            expected = "the shapes that preprocessing gave"
        else:
            batches = len(trainer.train_loader)
            size, grid = trainer.args.imgsz, trainer.stride
            due = {side_at(growth, number, batches, size, grid) for number in range(trainer.epoch * batches)}
            in_force = {max(shape) for shape in shapes.computed} == due
            expected = "sides of " + ", ".join(map(str, sorted(due))) + " px"
        return Evidence(in_force, f"computed on {shapes_text(shapes.computed)}", expected)


def side_at(growth: Growth, number: int, batches: int, size: int, grid: int) -> int:
    """Return the side in pixels of the ``number``-th batch of training, from 0.

    Args:
        growth: the schedule.
        number: counts batches over all epochs.
        batches: batches in an epoch.
        size: the image size in pixels.
        grid: what every side is a multiple of, in pixels.
    """
    stage = number % (batches * growth.epochs) * growth.stages // (batches * growth.epochs)
    share = growth.start + (1 - growth.start) * stage / (growth.stages - 1)
    return on_grid(size * share, grid)


def on_grid(length: float, grid: int) -> int:
    """Return the multiple of ``grid`` nearest to ``length``, at least one."""
    return max(1, int(length / grid + 0.5)) * grid


def scale_to(images: Any, share: float, grid: int) -> Any:
    """Return images (batch x channels x height x width) with both sides scaled to ``share`` of theirs, on the grid."""
    from torch.nn.functional import interpolate

    sides = [on_grid(length * share, grid) for length in images.shape[2:]]
    return images if sides == list(images.shape[2:]) else interpolate(images, size=sides, mode="bilinear")
