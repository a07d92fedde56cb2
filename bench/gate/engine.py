"""Runs the trials of two commits, interleaved: few launches first, more where something may have moved."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path
from typing import Literal

from bench.engines.launch import Launch, Surroundings
from bench.engines.progress import Progress
from bench.gate.failures import LAUNCHES as FAILED_LAUNCHES
from bench.gate.failures import undecided
from bench.gate.judgement import combinations_left
from bench.journal.file import Journal
from bench.journal.head import head_of
from bench.journal.records import AnyRecord, EndRecord, FailureRecord, GateRecord
from bench.schedule.plan import Block, Plan
from bench.suite.combination import Combination
from bench.suite.model import Suite
from bench.trials.revision import Revision
from bench.trials.warden import Warden
from bench.workloads.scratch import scratch_folder


@dataclass(frozen=True)
class Pair:
    """One gated combination with the code of either commit.

    Attributes:
        label: what the combination is called.
        base: with base's code.
        head: with head's code.
    """

    label: str
    base: Combination
    head: Combination


@dataclass
class GateEngine:
    """One gate.

    Attributes:
        suite: the suite, measuring all that is gated.
        plan: of the rows of all pairs.
        pairs: what is compared.
        gate: the gate as it stands in the journal.
        context: the way trials are started.
        revisions: the code of either commit, by the combinations' names for it.
        data: YOLO data YAML that trials make their private views of.
        journal: where all that is seen goes.
        records: what the journal holds already, its first line among them.
        progress: somebody who watches.
    """

    suite: Suite
    plan: Plan
    pairs: tuple[Pair, ...]
    gate: GateRecord
    context: ForkServerContext | SpawnContext
    revisions: Mapping[str, Revision]
    data: Path
    journal: Journal
    records: list[AnyRecord]
    progress: Progress

    def run(self) -> None:
        """Make launches until all is judged, a trial has failed, or the last launch is done.

        After a failure the baseline alone is launched a few times more where that tells whether head cannot train.
        """
        began = time.monotonic()
        warden = Warden()
        labels = {side: f"{pair.label} at {side.revision}" for pair in self.pairs for side in (pair.base, pair.head)}

        def now() -> float:
            return time.monotonic() - began

        around = Surroundings(
            suite=self.suite,
            device=self.plan.device,
            data=self.data,
            context=self.context,
            target=None,
            project=None,
            warden=warden,
            write=self._write,
            now=now,
            progress=self.progress,
            revisions=self.revisions,
            label=labels.__getitem__,
            memory_launches=self.suite.gate.launches,
            run=self._run_id,
        )
        budget = self.suite.budget.time
        try:
            with scratch_folder() as scratch:
                for number, (block, blocks_left) in enumerate(self._blocks()):
                    deadline = None if budget is None else now() + max(0.0, budget - now()) / blocks_left
                    Launch(around, block, number, scratch / str(number)).run(deadline, {})
                    if self._failed():
                        break
                for again in range(FAILED_LAUNCHES):
                    pair = self._pair_in_doubt()
                    if pair is None:
                        break
                    more = self._launched_again(pair, block, again + 1)
                    deadline = None if budget is None else now() + budget / self.suite.gate.launches
                    Launch(around, more, number + 1 + again, scratch / str(number + 1 + again)).run(deadline, {})
        finally:
            warden.close()
        self._write(EndRecord(at=now(), reason=self._reason()))

    def _blocks(self) -> Iterator[tuple[Block, int]]:
        """Yield the blocks of every launch, and how many are left at most, each itself included."""
        gate = self.suite.gate
        index = 0
        for launch in range(gate.launches):
            pairs = self.pairs
            if launch >= gate.first_launches:
                left = combinations_left(self.suite, self.gate, self.records)
                pairs = tuple(pair for pair in pairs if pair.label in left)
            groups = grouped(pairs, self.plan.block_size, launch, self._run_id)
            for position, members in enumerate(groups):
                cores = self._draw_cores(members, f"{launch}/{position}")
                self.progress.advance(launch / gate.launches, None)
                yield (
                    Block(index, launch, members, cores),
                    (gate.launches - launch) * len(groups) - position,
                )
                index += 1

    def _pair_in_doubt(self) -> Pair | None:
        """Return the pair of which another launch shows whether a failure is head's own, if there is one."""
        labels = {gated.label for gated in self.gate.gated if undecided(gated, self.records)}
        return next((pair for pair in self.pairs if self._failed() and pair.label in labels), None)

    def _launched_again(self, pair: Pair, last: Block, again: int) -> Block:
        """Return a block of one pair, base first: without the first of a block the others are not started."""
        members = (pair.base, pair.head)
        launch = last.launch + again
        cores = self._draw_cores(members, f"{launch}/again")
        return Block(last.index + again, launch, members, cores)

    def _draw_cores(self, members: tuple[Combination, ...], block: str) -> tuple[int, ...]:
        """Return the cores of a block, drawn anew for every gate."""
        return self.plan.choose_cores(members, random.Random(f"{self._run_id}/{block}"))

    @property
    def _run_id(self) -> str:
        return head_of(self.records).run

    def _failed(self) -> bool:
        return any(isinstance(record, FailureRecord) for record in self.records)

    def _reason(self) -> Literal["rounds done", "budget spent", "decided", "a trial failed"]:
        if self._failed():
            return "a trial failed"
        if not combinations_left(self.suite, self.gate, self.records):
            return "decided"
        return "rounds done" if self.suite.budget.time is None else "budget spent"

    def _write(self, record: AnyRecord) -> None:
        self.journal.write(record)
        self.records.append(record)


def grouped(pairs: Sequence[Pair], size: int, launch: int, run: str) -> tuple[tuple[Combination, ...], ...]:
    """Return the trials of one launch in blocks of at most ``size``, both sides of a pair always in one block.

    Pairs start in random order. The sides of each are turned round from every launch to the next, so that neither
    commit starts first in more than one launch more than the other.

    Args:
        pairs: what is started.
        size: trials alive at once, at most; never less than a pair.
        launch: number of the launch.
        run: the gate's own id, which all is drawn from, so that no two gates of a suite repeat one draw.
    """
    order = list(pairs)
    random.Random(f"{run}/{launch}").shuffle(order)
    per_block = max(1, size // 2)
    return tuple(
        tuple(side for pair in order[first : first + per_block] for side in _sides(pair, launch, run))
        for first in range(0, len(order), per_block)
    )


def _sides(pair: Pair, launch: int, run: str) -> tuple[Combination, Combination]:
    """Return both sides of a pair in the order in which they start."""
    first = random.Random(f"{run}/{pair.label}").randrange(2)
    return (pair.base, pair.head) if (first + launch) % 2 == 0 else (pair.head, pair.base)
