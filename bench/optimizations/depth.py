"""More or fewer repeated layers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from bench.optimizations.base import Card, Evidence, Optimization
from bench.probes.built_model import BuiltModel, against_plain, plain_counts


class Depth(Optimization):
    """Factor of the model's depth multiple."""

    name = "depth"
    card = Card(
        summary="multiplies the depth multiple of the model's file, and with it the repeats of its repeated layers",
        acts_on=("compute", "memory", "after"),
        evidence="convolutions and parameters of the model as built, against the unscaled model built apart",
        needs="a model file with repeated layers; repeats are rounded, and at least 1",
        source="https://arxiv.org/abs/1905.11946, https://docs.ultralytics.com/guides/model-yaml-config/",
    )
    level_type = Annotated[float, Field(gt=0, le=16, strict=True, description="a factor above 0 and up to 16")]
    usual_levels = (1.0, 0.5, 2.0)

    def prepare_trainer(self, trainer: Any) -> None:
        """Have the model built with other multiples."""
        if self.level != 1:
            from bench.workloads.multiples import scale_built_model

            scale_built_model(trainer, depth=float(self.level))  # type: ignore[arg-type]

    def observe(self, trainer: Any) -> None:
        """Count the model when it is built."""
        self.observations["model"] = BuiltModel()
        self.observations["model"].attach(trainer)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the numbers of convolutions; a factor that rounding swallows is not in force."""
        factor = float(self.level)  # type: ignore[arg-type]
        built, plain = self.observations["model"].built, plain_counts(trainer)
        more = len(built.channels) - len(plain.channels)
        in_force = more > 0 if factor > 1 else more < 0 if factor < 1 else more == 0
        expected = f"{'more' if factor > 1 else 'fewer' if factor < 1 else 'as many'} convolutions"
        return Evidence(in_force, against_plain(built, plain), expected)
