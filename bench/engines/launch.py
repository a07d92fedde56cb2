"""One start of one block: its trials live together, take turns in rounds, and are ended together."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path

from bench.engines.progress import Progress
from bench.fitting.trials import ran_out
from bench.journal.records import (
    AnyRecord,
    BlockEndRecord,
    BurstRecord,
    CrowdedOutRecord,
    EvidenceRecord,
    FailureRecord,
    LaunchRecord,
)
from bench.measurements.base import Burst
from bench.measurements.registry import MEASUREMENTS
from bench.project import Project
from bench.schedule.course import OF_EPOCHS, Course, course_of, epochs_of_a_round, why_partial
from bench.schedule.plan import MEMORY_LAUNCHES, Block, round_order, rounds_wanted, seeded, stage_seconds
from bench.schedule.turns import turn_seconds
from bench.schedule.warm_up import is_cold
from bench.suite.combination import Combination
from bench.suite.model import Level, MeasurementName, Suite
from bench.trials.messages import Failed, TrialSpec
from bench.trials.revision import Revision
from bench.trials.trial import Target, Trial, TrialFailedError
from bench.trials.warden import Warden


@dataclass(frozen=True)
class Surroundings:
    """What every launch of a run shares.

    Attributes:
        suite: what is compared.
        device: cpu or cuda:N.
        data: YOLO data YAML that trials make their private views of.
        context: the way processes are started.
        target: what a trial's process runs; probed training where None.
        project: the user's own code that trials train with.
        warden: ends trials when the run is killed.
        write: journals a record at once.
        now: seconds since the run started.
        progress: somebody who watches.
        revisions: the code of combinations from other commits, by the name that combinations have for it.
        label: what a combination is called; by its difference from its block's first where None.
        memory_launches: of how many launches memory is taken.
        pairs_follow: who ran out of memory in a block of more than two is tried again beside the baseline alone.
        resolved: levels to start a combination with, by its id, where one of its own stands for what was found here.
        unresolved: how the search for such a level failed, by the combination's id; it is not started.
        run: the run's short id, so that no two runs of a suite draw the same orders.
    """

    suite: Suite
    device: str
    data: Path
    context: ForkServerContext | SpawnContext
    target: Target | None
    project: Project | None
    warden: Warden
    write: Callable[[AnyRecord], None]
    now: Callable[[], float]
    progress: Progress
    revisions: Mapping[str, Revision] = field(default_factory=dict)
    label: Callable[[Combination], str] | None = None
    memory_launches: int = MEMORY_LAUNCHES
    pairs_follow: bool = False
    resolved: dict[str, dict[str, Level]] = field(default_factory=dict)
    unresolved: dict[str, Failed] = field(default_factory=dict)
    run: str = ""


class Launch:
    """A block whose trials are alive."""

    def __init__(self, around: Surroundings, block: Block, number: int, scratch: Path) -> None:
        self._around = around
        self._block = block
        self._number = number
        self._scratch = scratch
        self._trials: dict[Combination, Trial] = {}
        self._courses: dict[Combination, Course] = {}
        self._trained: Counter[Combination] = Counter()
        self._failed: set[Combination] = set()

    def run(self, deadline: float | None, rounds_done: dict[MeasurementName, int]) -> bool:
        """Start the trials, warm up, make rounds of each measurement in turn, and ask what was in force.

        Args:
            deadline: when the block should end, in seconds since the run started; None where rounds are counted.
            rounds_done: complete rounds of this block that an earlier launch made.

        Returns:
            Whether the baseline lived to the end; without it the others are compared with nothing.
        """
        suite = self._around.suite
        try:
            for combination in self._block.combinations:
                self._start(combination)
                if self._baseline not in self._trials:
                    break
            self._warm_up()
            ahead = [measurement for measurement in MEASUREMENTS if measurement in suite.measure]
            while ahead:
                left = 0.0 if deadline is None else max(0.0, deadline - self._around.now())
                self._stage(ahead[0], stage_seconds(ahead, left), rounds_done.get(ahead[0], 0))
                ahead.pop(0)
            for combination in tuple(self._trials):
                self._show_evidence(combination)
            lived = self._baseline in self._trials
        finally:
            for trial in self._trials.values():
                trial.end()
        self._around.write(BlockEndRecord(launch=self._number, block=self._block.index))
        return lived

    @property
    def _baseline(self) -> Combination:
        return self._block.combinations[0]

    def _label(self, combination: Combination) -> str:
        name = self._around.label
        return name(combination) if name else combination.label(self._baseline)

    def _start(self, combination: Combination) -> None:
        """Start one trial and leave it frozen before its first epoch."""
        suite, around = self._around.suite, self._around
        if combination.id in around.unresolved:
            self._fail(combination, around.unresolved[combination.id])
            return
        self._progress(f"starting {self._label(combination)}")
        revision = around.revisions.get(combination.revision)
        # Beside the folders of launches, to outlive this one. Code of another commit may not know of it.
        caches = None if revision else self._scratch.parent / "compilers" / combination.id
        fresh_caches = None if caches is None else _made_anew(caches)
        spec = TrialSpec(
            workload=seeded(suite.workload, self._block.launch),
            device=around.device,
            levels=around.resolved.get(combination.id, combination.levels),
            data=around.data,
            folder=self._scratch / combination.id,
            cores=self._block.cores,
            project=revision.project if revision else around.project,
            learning=suite.learning,
            compiler_caches=caches,
        )
        trial = self._trials[combination] = Trial(
            spec, around.context, around.warden, suite.timeout, around.target, revision
        )
        try:
            ready = trial.ready()
        except TrialFailedError as error:
            self._bury(combination, error)
            return
        self._courses[combination] = course_of(ready.facts)
        around.write(
            LaunchRecord(
                launch=self._number,
                block=self._block.index,
                combination=combination.id,
                cores=self._block.cores,
                fresh_caches=fresh_caches,
                setup=ready.setup,
                facts=ready.facts,
            )
        )

    def _warm_up(self) -> None:
        """Run epochs until each trial is steady by the rule, or has had the most that the rule allows.

        All of them go on until the last one is: in every round they then train the same epoch of the same seed, with
        the same pictures augmented in the same way.
        """
        steps: dict[Combination, list[float]] = {combination: [] for combination in self._trials}
        done = 0
        while any(is_cold(steps[each], done, self._trained[each], self._courses[each]) for each in self._trials):
            done += 1
            for combination, burst in self._round("epoch", -done).items():
                steps[combination] += burst.series["step"]

    def _stage(self, measurement: MeasurementName, seconds: float, rounds_done: int) -> None:
        """Make rounds of one measurement until its time or its number of rounds is used up; at least one."""
        rounds = rounds_wanted(measurement, self._block.launch, self._around.suite.budget, self._around.memory_launches)
        began = time.monotonic()
        longest = 0.0
        number = rounds_done
        while self._baseline in self._trials:
            if rounds is not None and number >= rounds:
                return
            spent = time.monotonic() - began
            if rounds is None and number > rounds_done and spent + longest > seconds:
                return
            self._round(measurement, number)
            longest = max(longest, time.monotonic() - began - spent)
            number += 1

    def _round(self, measurement: MeasurementName, number: int) -> dict[Combination, Burst]:
        """Give each trial one burst, in the order of the round; return what came of it."""
        bursts: dict[Combination, Burst] = {}
        epochs = epochs_of_a_round(measurement, [self._courses[each] for each in self._trials])
        order = round_order(tuple(self._trials), f"{self._around.run}/{self._number}/{measurement}", number)
        turn = turn_seconds(measurement, self._around.device)
        took = dict.fromkeys(order, 0.0)
        waiting = deque(enumerate(order))
        while waiting:
            position, combination = waiting.popleft()
            kind = "warm-up" if number < 0 else f"round {number + 1}"
            if not took[combination]:
                self._progress(f"{measurement} {kind}: {self._label(combination)}")
            course, trained = self._courses[combination], self._trained[combination]
            asked = self._around.now()
            try:
                burst = self._trials[combination].take_turn(measurement, turn, epochs)
            except TrialFailedError as error:
                self._bury(combination, error)
                continue
            took[combination] += self._around.now() - asked
            if burst is None:
                waiting.append((position, combination))
                continue
            bursts[combination] = burst
            self._trained[combination] += epochs if measurement in OF_EPOCHS else 0
            partial = "" if number < 0 else why_partial(measurement, course, epochs, trained)
            self._around.write(
                BurstRecord(
                    launch=self._number,
                    block=self._block.index,
                    round=number,
                    position=position,
                    measurement=measurement,
                    combination=combination.id,
                    at=self._around.now(),
                    took=took[combination],
                    epochs=epochs,
                    partial_because=partial,
                    values=burst.values,
                    series=burst.series,
                )
            )
        return bursts

    def _show_evidence(self, combination: Combination) -> None:
        """Journal what is in force in one trial."""
        try:
            shown = self._trials[combination].evidence()
        except TrialFailedError as error:
            self._bury(combination, error)
            return
        for axis, evidence in shown.items():
            self._around.write(
                EvidenceRecord(
                    launch=self._number,
                    block=self._block.index,
                    combination=combination.id,
                    axis=axis,
                    in_force=evidence.in_force,
                    observed=evidence.observed,
                    expected=evidence.expected,
                )
            )

    def _bury(self, combination: Combination, error: TrialFailedError) -> None:
        """End a trial that failed, and go on without it."""
        self._trials.pop(combination).end()
        failed = error.failed
        if self._around.pairs_follow and len(self._block.combinations) > 2 and ran_out(failed):
            self._crowd_out(combination, failed)
        else:
            self._fail(combination, failed)

    def _fail(self, combination: Combination, failed: Failed) -> None:
        """Journal a combination's failure."""
        self._failed.add(combination)
        self._around.progress.note(f"{self._label(combination)}: {failed.failure.value}: {failed.message}")
        self._around.write(
            FailureRecord(
                launch=self._number,
                block=self._block.index,
                combination=combination.id,
                failure=failed.failure,
                message=failed.message,
                detail=failed.detail,
            )
        )

    def _crowd_out(self, combination: Combination, failed: Failed) -> None:
        """Journal who has to be tried again with fewer beside it: without the baseline, all that are left."""
        self._around.progress.note(f"{self._label(combination)}: {failed.message}; to be tried again with fewer trials")
        leaving = self._block.combinations if combination == self._baseline else (combination,)
        for each in leaving:
            if each in self._failed:
                continue
            self._around.write(
                CrowdedOutRecord(
                    launch=self._number, block=self._block.index, combination=each.id, message=failed.message
                )
            )

    def _progress(self, text: str) -> None:
        self._around.progress.stage(f"block {self._block.index + 1}: {text}")


def _made_anew(folder: Path) -> bool:
    """Make a folder where there is none yet; return whether that was so."""
    anew = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    return anew
