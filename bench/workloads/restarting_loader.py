"""Ultralytics' loader without its endless pass: workers start with every pass and end with it.

Imports torch and Ultralytics, so only the trial's own process may import this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ultralytics.data.build import InfiniteDataLoader


class RestartingDataLoader(InfiniteDataLoader):  # type: ignore[misc]
    """One pass over the data for each iteration, as torch's DataLoader makes it with ``persistent_workers=False``."""

    def __len__(self) -> int:
        """Return the batches of a pass."""
        return len(self.batch_sampler)

    def __iter__(self) -> Iterator[Any]:
        """Start the workers, yield one pass, and end them."""
        self.reset()
        self.iterator = self._get_iterator()
        # Torch ends the workers of an iterator that is asked for more than it has, so it is asked until it says so.
        yield from self.iterator


def make_restarting(loader: InfiniteDataLoader) -> None:
    """Turn Ultralytics' loader into a restarting one, in place and before its first batch."""
    # Torch refuses to have these replaced by assignment once a loader is made.
    object.__setattr__(loader, "batch_sampler", loader.batch_sampler.sampler)
    object.__setattr__(loader, "__class__", RestartingDataLoader)
