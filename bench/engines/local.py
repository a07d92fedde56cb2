"""Runs a plan on this machine, one block after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.analysis.front import Closing
from bench.engines.largest import find_largest_batches
from bench.engines.launch import Launch, Surroundings
from bench.engines.parts import parts_done, parts_of
from bench.engines.past import past_of
from bench.engines.progress import Progress
from bench.journal.bursts import is_warm_up
from bench.journal.file import Journal
from bench.journal.records import AnyRecord, BurstRecord, EndRecord, RunRecord, SetAsideRecord
from bench.project import Project
from bench.schedule.plan import Block, Plan, rounds_wanted
from bench.suite.combination import Combination
from bench.suite.model import MeasurementName, Suite
from bench.trials.server import trial_context
from bench.trials.trial import Target
from bench.trials.warden import Warden
from bench.workloads.scratch import scratch_folder

Close = Callable[[Suite, Sequence[AnyRecord]], Closing]
"""Tells which combinations get no further launch, from the records so far."""


@dataclass
class LocalEngine:
    """One run, or the rest of one.

    Attributes:
        suite: what is compared.
        plan: how.
        data: YOLO data YAML that trials make their private views of.
        journal: where all that is seen goes.
        records: what the journal holds already.
        close: tells which combinations get no further launch.
        progress: somebody who watches.
        target: what a trial's process runs; probed training unless told.
        project: the user's own code that trials train with.
    """

    suite: Suite
    plan: Plan
    data: Path
    journal: Journal
    records: list[AnyRecord]
    close: Close
    progress: Progress
    target: Target | None = None
    project: Project | None = None

    def __post_init__(self) -> None:
        self._past = past_of(self.records)
        self._began = time.monotonic() - self._past.seconds
        self._bursts = self._past.bursts
        self._first_burst: tuple[int, float] | None = None
        self._all_decided = False

    def run(self) -> bool:
        """Run what is left of the plan; return whether the baseline lived through some block."""
        warden = Warden()
        around = Surroundings(
            suite=self.suite,
            device=self.plan.device,
            data=self.data,
            context=trial_context(self.plan.device),
            target=self.target,
            project=self.project,
            warden=warden,
            write=self._write,
            now=self._now,
            progress=self.progress,
            pairs_follow=True,
            run=next((record.run for record in self.records if isinstance(record, RunRecord)), ""),
        )
        lived = self._past.lived
        number = self._past.launches
        try:
            with scratch_folder() as scratch:
                for block, blocks_left in self._blocks():
                    find_largest_batches(around, block, self.records, scratch)
                    for part, rounds_done in self._parts(block):
                        launch = Launch(around, part, number, scratch / str(number))
                        lived |= launch.run(self._deadline(blocks_left), rounds_done)
                        number += 1
        finally:
            warden.close()
        self._write(EndRecord(at=self._now(), reason=self._reason(lived)))
        return lived

    def _blocks(self) -> Iterator[tuple[Block, int]]:
        """Yield the blocks that are not finished, and how many are left with each, itself included.

        Every launch leaves out what those before it have closed.
        """
        for launch in range(self.plan.launches):
            members = self._members(launch)
            self._all_decided = len(members) < min(2, len(self.plan.running))
            if self._all_decided:
                return
            blocks = self.plan.blocks(launch, members)
            after = (self.plan.launches - launch - 1) * len(blocks)
            for number, block in enumerate(blocks):
                if parts_done(block, self.records) < len(parts_of(block, self.records)):
                    yield block, len(blocks) - number + after

    def _parts(self, block: Block) -> Iterator[tuple[Block, dict[MeasurementName, int]]]:
        """Yield what is left of a block, with the rounds that it has had; pairs are added while it runs."""
        first = number = parts_done(block, self.records)
        while number < len(parts := parts_of(block, self.records)):
            yield parts[number], self._rounds_done(block) if number == first == 0 else {}
            number += 1

    def _members(self, launch: int) -> tuple[Combination, ...]:
        """Return the combinations that are started for the ``launch``-th time, the baseline first."""
        running = self.plan.running
        if launch == 0:
            return running
        seen = [record for record in self.records if self._before(launch, record)]
        closing = self.close(self.suite, seen)
        known = {record.combination for record in self.records if isinstance(record, SetAsideRecord)}
        for combination, reason in closing.set_aside.items():
            if combination not in known:
                self._write(SetAsideRecord(combination=combination, before=launch, reason=reason))
        return running[:1] + tuple(each for each in running[1:] if each.id not in closing.all)

    def _before(self, launch: int, record: AnyRecord) -> bool:
        """Return whether a record was written before the ``launch``-th launch of every combination."""
        if isinstance(record, SetAsideRecord):
            return record.before < launch
        return getattr(record, "block", -1) < launch * self.plan.blocks_per_launch

    def _deadline(self, blocks_left: int) -> float | None:
        """Return when the next block has to end, in seconds since the run started; None for no limit."""
        budget = self.suite.budget.time
        return None if budget is None else self._now() + max(0.0, budget - self._now()) / blocks_left

    def _rounds_done(self, block: Block) -> dict[MeasurementName, int]:
        return {name: rounds for (index, name), rounds in self._past.rounds.items() if index == block.index}

    def _now(self) -> float:
        """Return the seconds since the run started, time between a kill and its resumption left out."""
        return time.monotonic() - self._began

    def _write(self, record: AnyRecord) -> None:
        self.journal.write(record)
        self.records.append(record)
        if isinstance(record, BurstRecord):
            self._tell(record)

    def _tell(self, burst: BurstRecord) -> None:
        """Tell whoever watches how much is done."""
        now, budget = self._now(), self.suite.budget.time
        if not is_warm_up(burst):
            self._bursts += 1
            self._first_burst = self._first_burst or (self._bursts, now)
        if budget is not None:
            self.progress.advance(min(1.0, now / budget), budget - now if now < budget else None)
        else:
            expected = expected_bursts(self.suite, self.plan)
            self.progress.advance(min(1.0, self._bursts / expected), self._seconds_left(expected))

    def _seconds_left(self, expected: int) -> float | None:
        """Return a guess from the pace since the first burst, what led to that left out; None until the second."""
        bursts, since = self._first_burst or (self._bursts, 0.0)
        if self._bursts == bursts:
            return None
        return max(0, expected - self._bursts) * (self._now() - since) / (self._bursts - bursts)

    def _reason(self, lived: bool) -> Literal["rounds done", "budget spent", "decided", "baseline failed"]:
        if not lived:
            return "baseline failed"
        if self._all_decided:
            return "decided"
        return "rounds done" if self.suite.budget.time is None else "budget spent"


def expected_bursts(suite: Suite, plan: Plan) -> int:
    """Return how many bursts a run with a fixed number of rounds makes when no trial fails, warm-up left out."""
    per_combination = sum(
        rounds_wanted(measurement, launch, suite.budget) or 0
        for launch in range(plan.launches)
        for measurement in suite.measure
    )
    return plan.trials // plan.launches * per_combination
