"""Whether an epoch of a combination is the work that an epoch of the baseline is."""

from __future__ import annotations

from collections.abc import Sequence

from bench.journal.records import AnyRecord, LaunchRecord


def images_an_epoch(records: Sequence[AnyRecord], combination: str) -> int | None:
    """Return the images that an epoch trains on, of the last launch; None where no launch told.

    A loader that drops an incomplete last batch trains on fewer than its data set holds.
    """
    for record in reversed(records):
        if isinstance(record, LaunchRecord) and record.combination == combination:
            batches, batch, images = (record.facts.get(name) for name in ("batches", "batch", "images"))
            if isinstance(batches, int) and isinstance(batch, int) and isinstance(images, int):
                return min(batches * batch, images)
    return None


def other_work(records: Sequence[AnyRecord], combination: str, baseline: str) -> str:
    """Return how an epoch of a combination trains on more or fewer images than the baseline's; "" where it does not."""
    own, other = images_an_epoch(records, combination), images_an_epoch(records, baseline)
    if own is None or other is None or own == other:
        return ""
    return f"not comparable: its epoch trains on {own} images, the baseline's on {other}"
