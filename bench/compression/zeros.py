"""How many weights and channels a model still has, read from its tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bench.compression.live import weighted_convolutions


@dataclass(frozen=True)
class Zeros:
    """What part of a model's convolutions is zero.

    Attributes:
        weights: share of the weights that are exactly zero.
        filters: share of the filters, of convolutions with a batch norm behind them, that are zero throughout.
    """

    weights: float
    filters: float


def count_zeros(model: Any) -> Zeros:
    """Count zeros in the convolutions of ``model``."""
    from bench.compression.masks import filtered_convolutions

    weights = [conv.weight.detach() for _, conv in weighted_convolutions(model)]
    filters = [conv.weight.detach().flatten(1) for _, _, conv in filtered_convolutions(model)]
    zero_weights = sum(int((weight == 0).sum()) for weight in weights)
    zero_filters = sum(int((weight == 0).all(1).sum()) for weight in filters)
    return Zeros(
        zero_weights / sum(weight.numel() for weight in weights),
        zero_filters / sum(len(weight) for weight in filters),
    )


def channels_by_name(model: Any) -> dict[str, int]:
    """Return the number of channels that each convolution gives."""
    return {name: conv.out_channels for name, conv in weighted_convolutions(model)}


def share_gone(before: dict[str, int], now: dict[str, int]) -> float:
    """Return the share of channels missing now, over the convolutions that have kept their names."""
    common = before.keys() & now.keys()
    had = sum(before[name] for name in common)
    return 1 - sum(now[name] for name in common) / had if had else 0.0
