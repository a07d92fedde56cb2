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

    A burst is two epochs. The first is left alone and gives ``peak``: the high-water mark of the trial process's
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

    def __init__(self) -> None:
        self._free: Epoch | None = None
        self._watched: WatchedEpoch | None = None

    def epoch_started(self, trainer: ProbedTrainer) -> None:
        """Leave the first epoch alone, and watch the second."""
        if self._free is None:
            epoch = self._free = Epoch(trainer)
        else:
            epoch = self._watched = WatchedEpoch(trainer)
        epoch.begin()

    def epoch_ended(self, trainer: ProbedTrainer) -> Burst | None:
        """Return the burst once both epochs are over."""
        (self._watched or self._free).end()  # type: ignore[union-attr]
        if self._watched is None or self._free is None:
            return None
        return Burst(figures(self._free.peak, self._watched))


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
