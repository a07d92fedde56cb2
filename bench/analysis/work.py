"""Whether an epoch of a combination is the work that an epoch of the baseline is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from bench.journal.records import AnyRecord, LaunchRecord


def images_of(facts: Mapping[str, JsonValue]) -> int | None:
    """Return the images that an epoch trains on, by what a launch built; None where it did not tell.

    A loader that drops an incomplete last batch trains on fewer than its data set holds.
    """
    batches, batch, images = (facts.get(name) for name in ("batches", "batch", "images"))
    if isinstance(batches, int) and isinstance(batch, int) and isinstance(images, int):
        return min(batches * batch, images)
    return None


def images_an_epoch(records: Sequence[AnyRecord], combination: str) -> int | None:
    """Return the images that an epoch trains on, of the last launch that told; None where none did."""
    for record in reversed(records):
        if isinstance(record, LaunchRecord) and record.combination == combination:
            images = images_of(record.facts)
            if images is not None:
                return images
    return None


def other_work(records: Sequence[AnyRecord], combination: str, baseline: str) -> str:
    """Return how an epoch of a combination trains on more or fewer images than the baseline's; "" where it does not."""
    return other_images(images_an_epoch(records, combination), images_an_epoch(records, baseline))


def other_images(own: int | None, baseline: int | None) -> str:
    """Return why epochs of so many images do not compare; "" where they do, or nothing is known of one."""
    if own is None or baseline is None or own == baseline:
        return ""
    return f"not comparable: its epoch trains on {own} images, the baseline's on {baseline}"
