"""What the memory of a training is made of: at its peak, and after each phase of a step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psutil

from bench.measurements.base import Burst, Measurement
from bench.probes.books import Books, DeviceBooks, HostBooks, Page
from bench.probes.clock import HostClock
from bench.probes.parts import Moment, Part, moment_of
from bench.probes.phases import Phase
from bench.probes.resident import workers_bytes

if TYPE_CHECKING:
    from bench.probes.tensors import BirthWatch
    from bench.workloads.trainer import ProbedTrainer

GRAIN = 2**20
"""Bytes that the most in use has to grow by to be looked into again."""
SEEN_BY_WATCH = frozenset({Part.ACTIVATIONS, Part.BATCH, Part.TEMPORARIES})
"""Parts that only watching every operation tells."""
AFTER_TRAINING = frozenset({Phase.VALIDATION, Phase.CHECKPOINT})
"""Phases that an epoch's steps are over with."""


class MemoryParts(Measurement):
    """Bytes of each part at the peak of an epoch's steps, validation and checkpoint left out.

    A burst is two epochs. The first is left alone and gives ``peak``: resident memory of the trial's process, shared
    pages counted whole, with what its loader workers add; on CUDA the allocator's allocated bytes. The second is
    watched operation by operation and gives each ``Part`` at the moment of its own peak; ``unexplained`` is
    ``peak`` less their sum, and may be below 0.

    Values: ``peak``, ``watched_peak`` (of the second epoch), ``unexplained``, one for each part, and for each
    ``Moment`` of a step ``<part>_after_<moment>`` and ``total_after_<moment>``, as the moment last was. A model that
    is compiled cannot be watched inside; then there are only ``peak``, the totals and the parts with a name.
    """

    name = "memory_parts"

    def __init__(self) -> None:
        self._free: _Epoch | None = None
        self._watched: _WatchedEpoch | None = None

    def epoch_started(self, trainer: ProbedTrainer) -> None:
        """Leave the first epoch alone, and watch the second."""
        if self._free is None:
            epoch = self._free = _Epoch(trainer)
        else:
            epoch = self._watched = _WatchedEpoch(trainer)
        epoch.begin()

    def epoch_ended(self, trainer: ProbedTrainer) -> Burst | None:
        """Return the burst once both epochs are over."""
        (self._watched or self._free).end()  # type: ignore[union-attr]
        if self._watched is None or self._free is None:
            return None
        return Burst(figures(self._free.peak, self._watched))


@dataclass(eq=False)
class _Epoch:
    """The steps of one epoch, of which only the peak is taken.

    Attributes:
        peak: the most that was in use, with the workers' share on a processor, in bytes.
    """

    trainer: ProbedTrainer
    peak: int = 0
    books: Books = field(init=False)
    workers: int = 0
    most_workers: int = 0
    _over: bool = False

    def __post_init__(self) -> None:
        device = self.trainer.device
        self.on_host = device.type == "cpu"
        self.books = HostBooks() if self.on_host else DeviceBooks(str(device))

    def begin(self) -> None:
        """Start to listen to the phases."""
        phases = self.trainer.phases
        phases.open(HostClock(), Phase.FIRST_BATCH)
        phases.on_switch = self._switch
        self.books.forget_peak()

    def end(self) -> None:
        """Stop, at the latest now."""
        if not self._over:
            self._finish()
        self.trainer.phases.on_switch = None
        self.trainer.phases.close()

    def look(self, ended: Phase, begun: Phase) -> None:
        """A phase has ended and another begins."""
        if moment_of(ended, begun) is not None:
            self.count_workers()

    def count_workers(self) -> None:
        """Weigh the loader workers; they are no part of a device's memory."""
        if self.on_host:
            self.workers = workers_bytes(child.pid for child in psutil.Process().children(recursive=True))
            self.most_workers = max(self.most_workers, self.workers)

    def _switch(self, ended: Phase, begun: Phase) -> None:
        if self._over:
            return
        if begun in AFTER_TRAINING:
            self._finish()
        else:
            self.look(ended, begun)

    def _finish(self) -> None:
        self._over = True
        self.peak = self.books.peak() + self.most_workers


@dataclass(eq=False)
class _WatchedEpoch(_Epoch):
    """The steps of one epoch, looked into after every operation.

    Attributes:
        at_peak: bytes of each part when the most was in use.
        after: bytes of each part, and of all that is in use, after each moment of a step.
    """

    at_peak: dict[Part, int] = field(default_factory=dict)
    after: dict[Moment, tuple[int, dict[Part, int]]] = field(default_factory=dict)
    _most_used: int = 0
    _set_up: int | None = None
    _watch: BirthWatch | None = None
    _watching: bool = False

    def begin(self) -> None:
        """Start to watch."""
        from bench.probes.tensors import BirthWatch

        if not self.trainer.args.compile:
            self._watch = BirthWatch(self.trainer.phases, self.trainer.device.type, self._look_for_peak)
        super().begin()

    def _finish(self) -> None:
        self._stop_watching()
        super()._finish()

    def look(self, ended: Phase, begun: Phase) -> None:
        """Look for the peak, and at all parts when a step has come to one of its moments."""
        super().look(ended, begun)
        self._look_for_peak()
        moment = moment_of(ended, begun)
        if moment is Moment.PREPROCESS:
            self._weigh_set_up()
        if moment is not None and self._set_up is not None:
            page = self.books.read()
            self.after[moment] = (page.total + self.workers, self._parts(page))
        # The steps of some optimizers are compiled, and a watch would have them run otherwise.
        if ended is Phase.BACKWARD:
            self._stop_watching()
        elif begun is Phase.PREPROCESS and self._watch is not None and not self._watching:
            self._watch.__enter__()  # type: ignore[no-untyped-call]
            self._watching = True

    def _stop_watching(self) -> None:
        if self._watch is not None and self._watching:
            self._watching = False
            self._watch.__exit__(None, None, None)  # type: ignore[no-untyped-call]

    def _weigh_set_up(self) -> None:
        """Take what is neither a tensor nor free before the forward pass for what building the training left."""
        self._set_up = 0
        page = self.books.read()
        self._set_up = page.total - (sum(self._parts(page).values()) - self.workers)

    def _look_for_peak(self) -> None:
        """Look at all parts when more is in use than ever before in this epoch."""
        if self._set_up is None:
            return
        page = self.books.read()
        if page.most_used >= self._most_used + GRAIN:
            self._most_used = page.most_used
            self.at_peak = {**self._parts(page), Part.WORKSPACE: page.most_used - page.used}

    def _parts(self, page: Page) -> dict[Part, int]:
        """Return the bytes of each part now; nothing is inside an operation now."""
        from bench.probes.tensors import bytes_by_part, trainer_storages

        alive = self._watch.alive() if self._watch is not None else {}
        parts = bytes_by_part(alive | trainer_storages(self.trainer))
        if self._watch is None:
            parts = {part: size for part, size in parts.items() if part not in SEEN_BY_WATCH}
        parts |= {Part.WORKSPACE: 0, Part.ALLOCATOR: page.total - page.used, Part.SET_UP: self._set_up or 0}
        if self.on_host:
            parts |= {
                Part.PICTURES: pictures_bytes(self.trainer.train_loader.dataset),
                Part.WORKERS: self.workers,
                Part.PROCESS: self.trainer.bytes_before,
            }
        return parts


def pictures_bytes(dataset: Any) -> int:
    """Return the bytes of decoded pictures that Ultralytics' data set keeps, its buffer for mosaics included."""
    kept = getattr(dataset, "ims", ())
    buffer = getattr(kept, "buffer", None)
    if buffer is not None:
        return int(buffer.untyped_storage().nbytes())
    owners = {id(owner): owner.nbytes for owner in map(_owner, kept) if owner is not None}
    return sum(owners.values())


def _owner(picture: Any) -> Any:
    """Return the array that a picture's data belongs to."""
    while picture is not None and getattr(picture, "base", None) is not None and hasattr(picture.base, "nbytes"):
        picture = picture.base
    return picture


def figures(peak: int, watched: _WatchedEpoch) -> dict[str, float]:
    """Return a burst's values."""
    values: dict[str, float] = {"peak": peak, "watched_peak": watched.peak}
    values |= {part.value: size for part, size in watched.at_peak.items()}
    values["unexplained"] = peak - sum(watched.at_peak.values())
    for moment, (total, parts) in watched.after.items():
        values[f"total_after_{moment.value}"] = total
        values |= {f"{part.value}_after_{moment.value}": size for part, size in parts.items()}
    return {name: float(value) for name, value in values.items()}
