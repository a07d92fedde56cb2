"""What metrics are called in reports, and their units."""

from __future__ import annotations

from enum import StrEnum

PARTS_SHARE = "epoch.parts_share"
"""The sum of an epoch's phases over the epoch that they were taken from."""

DETAIL_METRICS = (
    "data_loading.seconds_per_image",
    "forward_backward.forward_per_image",
    "forward_backward.backward_per_image",
    "memory.peak",
)
"""The metrics beside the deciding one that have a column of their own in the main table, in its order."""

_NAMES = {
    "epoch.seconds": "epoch time",
    "data_loading.seconds_per_image": "data loading per image",
    "forward_backward.seconds_per_image": "step time per image",
    "forward_backward.forward_per_image": "forward per image",
    "forward_backward.backward_per_image": "backward per image",
    "memory.peak": "memory",
    "memory_parts.peak": "memory of training steps",
    "learning.training_loss": "training loss",
    "learning.validation_loss": "validation loss",
    "learning.map50": "mAP50",
    "learning.map50_95": "mAP50-95",
    "after.latency_p50": "latency of the trained model",
}


class Unit(StrEnum):
    """The unit of a metric's figures; the value is what ``report.json`` calls it."""

    SECONDS = "s"
    BYTES = "B"
    IMAGES_PER_SECOND = "1/s"
    NUMBER = "1"
    JOULES = "J"


_UNITS = {
    "data_loading.images_per_second": Unit.IMAGES_PER_SECOND,
    "epoch.steps": Unit.NUMBER,
    PARTS_SHARE: Unit.NUMBER,
    "forward_backward.parts_share": Unit.NUMBER,
    "epoch.training_loss": Unit.NUMBER,
    "after.size": Unit.BYTES,
    "after.map50": Unit.NUMBER,
    "after.map50_95": Unit.NUMBER,
    "after.joules_per_image": Unit.JOULES,
}


def metric_name(metric: str) -> str:
    """Return what a person calls ``metric``, such as "epoch time" for ``epoch.seconds``."""
    return _NAMES.get(metric, metric)


def unit_of(metric: str) -> Unit:
    """Return the unit of ``metric``: bytes for memory, seconds for all that is neither a rate nor a count."""
    if metric.startswith(("memory.", "memory_parts.")):
        return Unit.BYTES
    if metric.startswith("learning."):
        return Unit.NUMBER
    return _UNITS.get(metric, Unit.SECONDS)
