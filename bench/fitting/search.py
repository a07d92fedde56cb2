"""The search for the largest batch that fits, apart from how a batch is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

RESOLUTION = 32
"""The search ends when what fits and what does not are within this part of each other, or one image apart."""

HOPELESS = 1.25
"""A batch predicted to need this many times the memory granted is not tried."""


@dataclass(frozen=True)
class Attempt:
    """One batch size and what came of it.

    Attributes:
        batch: images in a training step.
        fits: training ran with it, optimizer step and validation included, within the memory granted.
        tried: it was run; else it was ruled out by the line through the two largest batches that fit.
        need: bytes at the peak where it fits, those predicted where it was not tried, else None.
        reason: why it does not fit; "" where it does.
    """

    batch: int
    fits: bool
    tried: bool
    need: int | None
    reason: str = ""


def search(attempt: Callable[[int], Attempt], first: int, most: int) -> tuple[Attempt, ...]:
    """Double from ``first`` until a batch does not fit, then bisect; return the attempts in order.

    Args:
        attempt: tries a batch.
        first: batch to begin with; at least 1.
        most: largest batch that makes sense, such as all images there are; at least 1.
    """
    attempts: list[Attempt] = []
    largest, too_large = 0, most + 1
    batch = min(first, most)
    while too_large - largest > max(1, largest // RESOLUTION):
        attempts.append(attempt(batch))
        if attempts[-1].fits:
            largest = batch
        else:
            too_large = batch
        doubling = too_large > most
        batch = min(2 * batch, most) if doubling else (largest + too_large) // 2
        if largest == most:
            break
    return tuple(attempts)


def largest_of(attempts: tuple[Attempt, ...]) -> int | None:
    """Return the largest batch that fits; None where none does."""
    return max((each.batch for each in attempts if each.fits), default=None)


def predicted_need(attempts: tuple[Attempt, ...], batch: int) -> int | None:
    """Return the bytes that ``batch`` should need by the line through the two largest batches that fit, or None.

    Memory is a constant (weights, gradients, code) and a part for each image (activations).
    """
    known = sorted((each.batch, each.need) for each in attempts if each.fits and each.need is not None)
    if len(known) < 2:
        return None
    (batch_before, before), (batch_after, after) = known[-2:]
    by_image = max(0.0, (after - before) / (batch_after - batch_before))
    return round(after + by_image * (batch - batch_after))


def ruled_out(attempts: tuple[Attempt, ...], batch: int, granted: int) -> Attempt | None:
    """Return ``batch`` as an attempt that is not worth trying, or None where it has to be tried."""
    need = predicted_need(attempts, batch)
    if need is None or need <= HOPELESS * granted:
        return None
    return Attempt(batch, False, False, need, f"predicted to need {need} of {granted} bytes granted")
