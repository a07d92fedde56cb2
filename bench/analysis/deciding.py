"""Which metric the verdicts of a suite are about."""

from __future__ import annotations

from bench.suite.model import Suite

EPOCH = "epoch.seconds"
DECIDING = {
    "epoch": EPOCH,
    "data_loading": "data_loading.seconds_per_image",
    "forward_backward": "forward_backward.seconds_per_image",
    "memory": "memory.peak",
    "memory_parts": "memory_parts.peak",
    "after": "after.latency_p50",
}
"""The metric that verdicts are about, by a suite's first measurement; by image, since batches may differ in size."""


def deciding_metric(suite: Suite) -> str:
    """Return the metric that a suite's verdicts are about."""
    first = suite.measure[0]
    # A model has to be trained for what comes out of training, so epochs are there all the same.
    return DECIDING["epoch" if "epoch" in suite.measure and first != "after" else first]
