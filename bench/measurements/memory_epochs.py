"""One epoch's steps, with an eye on memory: on its peak alone, or on what it is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from bench.probes.books import Books, DeviceBooks, HostBooks, Page
from bench.probes.clock import HostClock
from bench.probes.parts import Moment, Part, moment_of
from bench.probes.phases import Phase
from bench.probes.pictures import pictures_bytes
from bench.probes.resident import workers_bytes

if TYPE_CHECKING:
    from bench.probes.tensors import BirthWatch
    from bench.workloads.trainer import ProbedTrainer

GRAIN = 2**20
"""Bytes that the peak has to grow by to be looked into again."""
SEEN_BY_WATCH = frozenset({Part.ACTIVATIONS, Part.BATCH, Part.TEMPORARIES})
"""Parts that only watching every operation tells."""
AFTER_TRAINING = frozenset({Phase.VALIDATION, Phase.CHECKPOINT})
"""Phases that an epoch's steps are over with."""


@dataclass(eq=False)
class Epoch:
    """The steps of one epoch from the arrival of its first batch on, of which only the peak is taken.

    Attributes:
        peak: the most that was held, with the most that workers added on a processor, in bytes.
    """

    trainer: ProbedTrainer
    peak: int = 0
    books: Books = field(init=False)
    workers: int = 0
    most_workers: int = 0
    _begun: bool = False
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

    def end(self) -> None:
        """Stop, at the latest now."""
        if not self._over:
            self._finish()
        self.trainer.phases.on_switch = None
        self.trainer.phases.close()

    def first_batch_ready(self) -> None:
        """The first batch is prepared; what the epoch before had left is gone by now."""
        self.books.forget_peak()

    def look(self, ended: Phase, begun: Phase) -> None:
        """A phase has ended and another begins; the first batch is prepared."""
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
            return
        if not self._begun and moment_of(ended, begun) is Moment.PREPROCESS:
            self._begun = True
            self.first_batch_ready()
        if self._begun:
            self.look(ended, begun)

    def _finish(self) -> None:
        self._over = True
        self.peak = self.books.read().most + self.most_workers


@dataclass(eq=False)
class WatchedEpoch(Epoch):
    """The steps of one epoch, looked into after every operation.

    Attributes:
        at_peak: bytes of each part when the most was held.
        after: bytes of each part, and of all that is held, after each moment of a step.
        most_activations: the most bytes of activations at once, at any moment.
    """

    at_peak: dict[Part, int] = field(default_factory=dict)
    after: dict[Moment, tuple[int, dict[Part, int]]] = field(default_factory=dict)
    most_activations: int = 0
    _most: int = 0
    _set_up: int = 0
    _watch: BirthWatch | None = None
    _watching: bool = False

    def begin(self) -> None:
        """Start to watch."""
        from bench.probes.tensors import BirthWatch

        if not self.trainer.args.compile:
            self._watch = BirthWatch(self.trainer.phases, self.trainer.device.type, self._look_for_peak)
        super().begin()

    def first_batch_ready(self) -> None:
        """Take what is neither a tensor nor free before the forward pass for what building the training left."""
        super().first_batch_ready()
        page = self.books.read()
        self._set_up = page.total - (sum(self._parts(page).values()) - self.workers)

    def look(self, ended: Phase, begun: Phase) -> None:
        """Look for the peak, and at all parts when a step has come to one of its moments."""
        super().look(ended, begun)
        self._look_for_peak()
        moment = moment_of(ended, begun)
        if moment is not None:
            page = self.books.read()
            self.after[moment] = (page.total + self.workers, self._parts(page))

    def _switch(self, ended: Phase, begun: Phase) -> None:
        super()._switch(ended, begun)
        # The steps of some optimizers are compiled, and a watch would have them run otherwise.
        if ended is Phase.BACKWARD:
            self._stop_watching()
        elif begun is Phase.PREPROCESS and self._watch is not None and not self._watching:
            self._watch.__enter__()  # type: ignore[no-untyped-call]
            self._watching = True

    def _finish(self) -> None:
        self._stop_watching()
        super()._finish()

    def _stop_watching(self) -> None:
        if self._watch is not None and self._watching:
            self._watching = False
            self._watch.__exit__(None, None, None)  # type: ignore[no-untyped-call]

    def _look_for_peak(self) -> None:
        """Look at all parts when more was held since the last look than ever before in this epoch."""
        if self._watch is not None:
            activations = sum(size for part, size in self._watch.alive().values() if part is Part.ACTIVATIONS)
            self.most_activations = max(self.most_activations, activations)
        page = self.books.read()
        if self._begun and page.most >= self._most + GRAIN:
            self._most = page.most
            self.at_peak = {**self._parts(page), Part.WORKSPACE: page.most - page.total}

    def _parts(self, page: Page) -> dict[Part, int]:
        """Return the bytes of each part now; nothing is inside an operation now."""
        from bench.probes.tensors import bytes_by_part, trainer_storages

        alive = self._watch.alive() if self._watch is not None else {}
        parts = bytes_by_part(alive | trainer_storages(self.trainer))
        if self._watch is None:
            parts = {part: size for part, size in parts.items() if part not in SEEN_BY_WATCH}
        parts |= {Part.WORKSPACE: 0, Part.ALLOCATOR: page.kept, Part.SET_UP: self._set_up}
        if self.on_host:
            parts |= {
                Part.PICTURES: pictures_bytes(self.trainer.train_loader.dataset),
                Part.WORKERS: self.workers,
                Part.PROCESS: self.trainer.bytes_before,
            }
        return parts
