"""Trials for benchmarks of the harness: started, interleaved and ended without a suite around them."""

from __future__ import annotations

import math
import random
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path

from bench.environment.machine import usable_cores
from bench.project import Project
from bench.schedule.turns import turn_seconds
from bench.suite.model import Workload
from bench.trials.child import run_trial
from bench.trials.messages import TrialSpec
from bench.trials.server import trial_context
from bench.trials.trial import Target, Trial
from bench.trials.warden import Warden
from bench.workloads.data import prepare_data
from bench.workloads.scratch import scratch_folder


@dataclass(frozen=True)
class Stage:
    """What every trial of a benchmark shares.

    Attributes:
        workload: what is trained.
        device: cpu or cuda:N.
        data: YOLO data YAML that trials make their private views of.
        warden: ends what is left when the benchmark is killed.
        scratch: folder of the trials' folders.
        project: the user's own code that trials train with.
        timeout: longest that a trial may take to answer, in seconds.
    """

    workload: Workload
    device: str
    data: Path
    warden: Warden
    scratch: Path
    project: Project | None = None
    timeout: float = 600.0

    @property
    def turn(self) -> float | None:
        """Seconds of a turn in a run; None where its epochs are whole."""
        return turn_seconds("epoch", self.device)

    def spec(self, folder: Path, cores: tuple[int, ...]) -> TrialSpec:
        """Return what a trial of the workload has to know, without any level."""
        return TrialSpec(self.workload, self.device, {}, self.data, folder, cores, self.project)

    @contextmanager
    def trials(
        self,
        targets: Mapping[str, Target],
        cores: tuple[int, ...] | Mapping[str, tuple[int, ...]],
        context: ForkServerContext | SpawnContext | None = None,
    ) -> Iterator[dict[str, Trial]]:
        """Start trials by name, all ready and frozen, and end them with the ``with`` block.

        Args:
            targets: what each trial's process runs.
            cores: the cores of all trials, or of each by name.
            context: the way processes are started; a run's own unless told.
        """
        with ExitStack() as stack:
            alive: dict[str, Trial] = {}
            for name, target in targets.items():
                folder = Path(tempfile.mkdtemp(dir=self.scratch)) / "trial"
                own = cores if isinstance(cores, tuple) else cores[name]
                trial = Trial(
                    self.spec(folder, own), context or trial_context(self.device), self.warden, self.timeout, target
                )
                stack.callback(trial.end)
                trial.ready()
                alive[name] = trial
            yield alive


@contextmanager
def stage(workload: Workload, device: str, project: Project | None = None) -> Iterator[Stage]:
    """Prepare data and a place for trials, which may train with a project's code."""
    warden = Warden()
    try:
        with scratch_folder() as scratch:
            yield Stage(workload, device, prepare_data(workload.data), warden, scratch, project)
    finally:
        warden.close()


def epoch_seconds(trial: Trial) -> float:
    """Return the seconds of one epoch of a trial."""
    return trial.measure("epoch").values["seconds"]


def round_seconds(trials: Mapping[str, Trial], turn: float | None, rng: random.Random) -> dict[str, float]:
    """Return the seconds of one epoch of each trial, in random order.

    Args:
        trials: by name.
        turn: seconds after which the next one goes on with its epoch, as in a run; None for whole epochs.
        rng: draws the order.
    """
    seconds: dict[str, float] = {}
    waiting = deque(rng.sample(sorted(trials), len(trials)))
    while waiting:
        name = waiting.popleft()
        burst = trials[name].take_turn("epoch", turn)
        if burst is None:
            waiting.append(name)
        else:
            seconds[name] = burst.values["seconds"]
    return seconds


def interleaved_log_ratios(
    trials: Mapping[str, Trial], variant: str, baseline: str, rounds: int, turn: float | None, rng: random.Random
) -> list[float]:
    """Give both trials one warm-up epoch and ``rounds`` epochs as ``round_seconds`` does; return the log ratios."""
    for trial in trials.values():
        epoch_seconds(trial)
    taken = [round_seconds(trials, turn, rng) for _ in range(rounds)]
    return [math.log(seconds[variant] / seconds[baseline]) for seconds in taken]


def one_core(rng: random.Random) -> tuple[int, ...]:
    """Return one of the cores this process may use, at random."""
    return (rng.choice(usable_cores()),)


PROBED: Target = run_trial
