"""What the multiples of a model's file have in common; no technique by itself, since it has no name."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from bench.optimizations.base import Optimization
from bench.probes.built_model import BuiltModel


class Multiple(Optimization):
    """A factor of the multiple that the technique is named after."""

    level_type = Annotated[float, Field(gt=0, le=16, strict=True, description="a factor above 0 and up to 16")]
    usual_levels = (1.0, 0.5, 2.0)

    @property
    def factor(self) -> float:
        """The level as a number."""
        return float(self.level)  # type: ignore[arg-type]

    def prepare_trainer(self, trainer: Any) -> None:
        """Have the model built with another multiple."""
        if self.factor != 1:
            from bench.workloads.multiples import scale_built_model

            scale_built_model(trainer, **{self.name: self.factor})

    def observe(self, trainer: Any) -> None:
        """Count the model when it is built."""
        self.observations["model"] = BuiltModel()
        self.observations["model"].attach(trainer)
