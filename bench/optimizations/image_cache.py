"""Decoded pictures kept in memory or on disk."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from bench.loading.buffer import MORE_THAN_KEPT, all_kept
from bench.optimizations.base import Card, Evidence, Optimization
from bench.suite.model import Level, Workload

if TYPE_CHECKING:
    from bench.environment import Machine


class ImageCache(Optimization):
    """Where decoded pictures are kept between epochs."""

    name = "image_cache"
    card = Card(
        summary="keeps decoded pictures in memory (ram) or as arrays on disk (disk) instead of decoding each time",
        acts_on=("data", "memory"),
        evidence="pictures decoded and arrays read by loader and workers since training started, counted",
        cost="filling the cache, before the first batch",
        needs=f"{MORE_THAN_KEPT}; memory or disk for all of them decoded, 3 bytes a pixel: Ultralytics caches none "
        "where it is short",
        source="https://docs.ultralytics.com/modes/train/#train-settings",
    )
    level_type = Literal["none", "ram", "disk"]
    usual_levels = ("none", "ram", "disk")

    @classmethod
    def idle(cls, levels: Mapping[str, Level], workload: Workload, machine: Machine) -> str | None:
        """Where all pictures are kept anyway there is nothing left to cache."""
        return None if levels["image_cache"] == "none" else all_kept(levels, workload)

    def configure(self, settings: dict[str, Any]) -> None:
        """Set ``cache``."""
        settings["cache"] = False if self.level == "none" else self.level

    def observe(self, trainer: Any) -> None:
        """Count reads of either kind, in this process and in the workers forked from it."""
        import numpy as np
        import ultralytics.data.base as base

        decoded, loaded = multiprocessing.Value("q", 0), multiprocessing.Value("q", 0)
        imread, load = base.imread, np.load

        def counted_imread(*args: Any, **kwargs: Any) -> Any:
            with decoded.get_lock():
                decoded.value += 1
            return imread(*args, **kwargs)

        def counted_load(file: Any, *args: Any, **kwargs: Any) -> Any:
            if str(file).endswith(".npy"):
                with loaded.get_lock():
                    loaded.value += 1
            return load(file, *args, **kwargs)

        base.imread, np.load = counted_imread, counted_load
        self.observations.update(decoded=decoded, loaded=loaded)

        def forget_set_up(_: Any) -> None:
            decoded.value = loaded.value = 0

        trainer.add_callback("on_train_start", forget_set_up)

    def evidence(self, trainer: Any) -> Evidence:
        """Compare the reads seen with those the level allows."""
        decoded, loaded = self.observations["decoded"].value, self.observations["loaded"].value
        seen = {
            "none": decoded > 0 and loaded == 0,
            "ram": decoded == loaded == 0,
            "disk": decoded == 0 < loaded,
        }
        expected = {
            "none": "pictures decoded, no arrays read",
            "ram": "neither",
            "disk": "arrays read, none decoded",
        }
        return Evidence(
            in_force=seen[str(self.level)],
            observed=f"{decoded} pictures decoded, {loaded} arrays read in training",
            expected=expected[str(self.level)],
        )
