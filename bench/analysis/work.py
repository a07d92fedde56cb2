"""Whether an epoch of a combination is the work that an epoch of the baseline is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from bench.analysis.gathered import Gathered
from bench.journal.records import LaunchRecord


def images_of(facts: Mapping[str, JsonValue]) -> int | None:
    """Return the images that an epoch trains on, by what a launch built; None where it did not tell.

    A loader that drops an incomplete last batch trains on fewer than its data set holds.
    """
    batches, batch, images = (facts.get(name) for name in ("batches", "batch", "images"))
    if isinstance(batches, int) and isinstance(batch, int) and isinstance(images, int):
        return min(batches * batch, images)
    return None


def images_an_epoch(launches: Sequence[LaunchRecord]) -> int | None:
    """Return the images that an epoch trains on, of the last launch that told; None where none did."""
    told = (images_of(launch.facts) for launch in reversed(launches))
    return next((images for images in told if images is not None), None)


def other_work(gathered: Mapping[str, Gathered], baseline: str) -> dict[str, str]:
    """Return combination to how its epoch trains on more or fewer images than the baseline's; "" where it does not."""
    images = {name: images_an_epoch(own.launches) for name, own in gathered.items()}
    return {name: other_images(own, images[baseline]) for name, own in images.items()}


def other_images(own: int | None, baseline: int | None) -> str:
    """Return why epochs of so many images do not compare; "" where they do, or nothing is known of one."""
    if own is None or baseline is None or own == baseline:
        return ""
    return f"not comparable: its epoch trains on {own} images, the baseline's on {baseline}"
