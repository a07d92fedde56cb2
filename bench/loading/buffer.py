"""Pictures that Ultralytics keeps decoded while it trains, for its mosaics.

``BaseDataset`` (ultralytics/data/base.py) keeps the pictures that it loaded last, decoded and resized, up to eight
batches of them and 1000 at most. Where that is all there are, an epoch after the first reads, decodes and resizes a few
of them at most.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.suite.model import Level, ShapesData, Workload

BATCHES = 8
"""Batches of pictures that are kept."""
MOST_PICTURES = 1000
"""Pictures that are kept at most."""
KEPT = f"{BATCHES} batches, {MOST_PICTURES} at most"
"""How many pictures are kept, as cards and reasons say it."""
MORE_THAN_KEPT = f"more pictures than Ultralytics keeps decoded in memory ({KEPT})"
"""What a technique that reads, decodes or resizes pictures needs in order to act in every epoch."""


def all_kept(levels: Mapping[str, Level], workload: Workload) -> str | None:
    """Return why a combination reads hardly a picture after its first epoch, or None.

    Only of generated data it is known how many pictures there are, and of the largest batch nothing before it is
    found. Workers that are started anew for every epoch begin with nothing kept.
    """
    batch, parts = levels.get("batch", workload.batch), levels.get("gradient_accumulation", 1)
    if not (isinstance(workload.data, ShapesData) and isinstance(batch, int) and isinstance(parts, int)):
        return None
    kept = min(BATCHES * (batch // parts), MOST_PICTURES)
    if workload.data.images > kept or levels.get("persistent_workers") == "off":
        return None
    return (
        f"all pictures stay in Ultralytics' buffer: needs more than {kept} pictures ({KEPT}), "
        f"and workload.data.images is {workload.data.images}"
    )
