"""What the memory of a training is made of: at its peak, and after each phase of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.measurements.base import Burst, Measurement
from bench.measurements.memory_epochs import Epoch, WatchedEpoch
from bench.probes.parts import Part

if TYPE_CHECKING:
    from bench.workloads.trainer import ProbedTrainer


class MemoryParts(Measurement):
    """Bytes of each part at the peak of an epoch's steps, validation and checkpoint left out.

    A burst is two epochs; or twice several, where epochs are not alike, of which those with the highest peaks count.
    The first is left alone and gives ``peak``: the high-water mark of the trial process's
    resident memory, shared pages counted whole, with the most that its loader workers add; on CUDA the most that
    torch's allocator has handed out. The second is watched operation by operation; its own peak is ``watched_peak``,
    and it gives each ``Part`` right after the operation in which that peak was reached. ``unexplained`` is
    ``watched_peak`` less their sum, and may be below 0.

    Values, all in bytes: ``peak``, ``watched_peak``, ``unexplained``, one for each part, ``most_activations`` (the
    most activations at once, at whatever moment), and for each ``Moment`` of a step ``<part>_after_<moment>`` and
    ``total_after_<moment>``, as the moment last was. A model that is compiled cannot be watched inside; then there
    are only the peaks, the totals and the parts with a name.
    """

    name = "memory_parts"

    def __init__(self, epochs: int = 1) -> None:
        super().__init__(epochs)
        self._ended = 0
        self._peak = 0
        self._now: Epoch | None = None
        self._highest: WatchedEpoch | None = None

    def epoch_started(self, trainer: ProbedTrainer) -> None:
        """Leave the first epochs alone, and watch as many after them."""
        self._now = Epoch(trainer) if self._ended < self.epochs else WatchedEpoch(trainer)
        self._now.begin()

    def epoch_ended(self, trainer: ProbedTrainer) -> Burst | None:
        """Return the burst once all epochs are over."""
        now = self._now
        assert now is not None
        now.end()
        self._ended += 1
        if not isinstance(now, WatchedEpoch):
            self._peak = max(self._peak, now.peak)
        elif self._highest is None or now.peak > self._highest.peak:
            self._highest = now
        if self._highest is None or self._ended < 2 * self.epochs:
            return None
        return Burst(figures(self._peak, self._highest))


def figures(peak: int, watched: WatchedEpoch) -> dict[str, float]:
    """Return a burst's values.

    Args:
        peak: of the epoch that was left alone, in bytes.
        watched: the other epoch, once it is over.
    """
    values: dict[str, float] = {"peak": peak, "watched_peak": watched.peak}
    if Part.ACTIVATIONS in watched.at_peak:
        values["most_activations"] = watched.most_activations
    values |= {part.value: size for part, size in watched.at_peak.items()}
    values["unexplained"] = watched.peak - sum(watched.at_peak.values())
    for moment, (total, parts) in watched.after.items():
        values[f"total_after_{moment.value}"] = total
        values |= {f"{part.value}_after_{moment.value}": size for part, size in parts.items()}
    return {name: float(value) for name, value in values.items()}
