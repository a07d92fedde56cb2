"""What mosaic and mixup have in common: pictures made of several, with a probability."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from bench.optimizations.base import Evidence, Optimization
from bench.suite.model import Level

RARE = 1e-6
"""Counts at the end of a distribution that come up more seldom than this are held against it."""


class Composites(Optimization):
    """An axis over the probability of one of Ultralytics' transforms that compose pictures.

    Attributes:
        transform: the transform's class in ``ultralytics.data.augment``.
    """

    transform: ClassVar[str]
    level_type = Annotated[
        Literal["off", "on"] | Annotated[float, Field(gt=0, lt=1, strict=True)],
        Field(description="off, on, or the probability for a picture: a number above 0 and below 1"),
    ]
    seen_by_fixed_batches = False

    @classmethod
    def conflict(cls, levels: Mapping[str, Level]) -> str | None:
        """Only Ultralytics' own augmentation composes pictures."""
        augmentation = levels.get("augmentation", "ultralytics")
        if levels[cls.name] != "off" and augmentation != "ultralytics":
            return f"{cls.name} is part of Ultralytics' own augmentation, which augmentation={augmentation} replaces"
        return None

    def configure(self, settings: dict[str, Any]) -> None:
        """Set the probability, and keep Ultralytics from switching it off some epochs before the last."""
        settings[self.name] = probability(self.level)
        settings["close_mosaic"] = 0

    def observe(self, trainer: Any) -> None:
        """Count pictures that come to the transform, and those it composes."""
        import ultralytics.data.augment as augment

        self.observations["count"] = CompositeCount(getattr(augment, self.transform))

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the share of pictures composed with the probability."""
        pictures, composed = self.observations["count"].read()
        wanted = probability(self.level)
        return Evidence(
            # Where another augmentation stands in for Ultralytics', no picture comes, and none is composed.
            in_force=plausible(composed, pictures, wanted) and (pictures > 0 or wanted == 0),
            observed=f"{composed} of {pictures} pictures composed",
            expected=f"each with probability {wanted:g}",
        )


class CompositeCount:
    """Counts, in this process and all forked from it afterwards, what a transform is given and what it composes."""

    def __init__(self, transform: Any) -> None:
        """Attach to a subclass of Ultralytics' BaseMixTransform; only calls that compose reach its ``apply_image``."""
        self._counts = multiprocessing.Array("q", 2)
        composing = False
        call, apply_image = transform.__call__, transform.apply_image

        def noted_apply_image(*args: Any, **kwargs: Any) -> Any:
            nonlocal composing
            composing = True
            return apply_image(*args, **kwargs)

        def counted_call(*args: Any, **kwargs: Any) -> Any:
            nonlocal composing
            composing = False
            labels = call(*args, **kwargs)
            # Both at once: whoever reads meanwhile must not find a picture that came and seems not composed.
            with self._counts.get_lock():
                self._counts[0] += 1
                self._counts[1] += composing
            return labels

        transform.__call__, transform.apply_image = counted_call, noted_apply_image

    def read(self) -> tuple[int, int]:
        """Return pictures given, and pictures composed."""
        with self._counts.get_lock():
            return self._counts[0], self._counts[1]


def probability(level: Level) -> float:
    """Return the probability that a level stands for."""
    if isinstance(level, str):
        return {"off": 0.0, "on": 1.0}[level]
    return float(level)  # type: ignore[arg-type]


def plausible(hits: int, tries: int, probability: float) -> bool:
    """Return whether ``tries`` independent tries may well give ``hits``, by the binomial distribution's two ends."""
    from scipy.stats import binom

    fewer = float(binom.cdf(hits, tries, probability))
    more = float(binom.sf(hits - 1, tries, probability))
    return min(fewer, more) > RARE
