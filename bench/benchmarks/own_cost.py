"""What the harness adds: an epoch with probes over a bare one, a start from the fork server over a spawned one."""

from __future__ import annotations

import math
import multiprocessing
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from bench.analysis.policy import POLICY
from bench.analysis.ratio import as_ratio, estimate_all
from bench.analysis.result import Ratio
from bench.benchmarks.bare import run_bare_trial
from bench.benchmarks.stage import PROBED, Stage, interleaved_log_ratios, one_core, round_seconds
from bench.errors import BenchError
from bench.journal.records import AnyRecord, BurstRecord, EndRecord
from bench.trials.server import trial_context
from bench.trials.trial import Trial


@dataclass(frozen=True)
class Starts:
    """Seconds from asking for a trial to standing before its first epoch, medians.

    Attributes:
        forked: out of the fork server.
        spawned: in a new interpreter.
        count: starts of each kind, taken in turns.
    """

    forked: float
    spawned: float
    count: int


def probed_over_bare(stage: Stage, launches: int, rounds: int, rng: random.Random) -> Ratio:
    """Return the ratio of an epoch with probes to a bare one, both alive on one core, whole epochs taking turns."""
    logs: dict[int, Sequence[float]] = {}
    for launch in range(launches):
        with stage.trials({"probed": PROBED, "bare": run_bare_trial}, one_core(rng)) as trials:
            logs[launch] = interleaved_log_ratios(trials, "probed", "bare", rounds, None, rng)
    return as_ratio(estimate_all({"probed": logs})["probed"], POLICY.confidence)


def parted_over_whole(stage: Stage, launches: int, rounds: int, turn: float, rng: random.Random) -> Ratio:
    """Return the ratio of an epoch in turns of ``turn`` seconds to a whole one, of two trials alive on one core.

    What it exceeds 1 by is what a trial pays for the caches that the other one has filled meanwhile.
    """
    logs: dict[int, Sequence[float]] = {}
    for launch in range(launches):
        with stage.trials({"a": PROBED, "b": PROBED}, one_core(rng)) as trials:
            round_seconds(trials, None, rng)
            logs[launch] = [_parted_over_whole(trials, turn, rng) for _ in range(rounds)]
    return as_ratio(estimate_all({"parted": logs})["parted"], POLICY.confidence)


def _parted_over_whole(trials: Mapping[str, Trial], turn: float, rng: random.Random) -> float:
    """Return the mean log ratio of both trials' epochs in turns to their whole ones, in random order."""
    taken = {way: round_seconds(trials, way, rng) for way in rng.sample([None, turn], 2)}
    return fmean(math.log(taken[turn][name] / taken[None][name]) for name in trials)


def starts(stage: Stage, count: int, rng: random.Random) -> Starts:
    """Return how long trials take to start in either way; the fork server itself is running before."""
    contexts = {"forked": trial_context("cpu"), "spawned": multiprocessing.get_context("spawn")}
    seconds: dict[str, list[float]] = {name: [] for name in contexts}
    for number in range(-1, count):
        for name in rng.sample(sorted(contexts), 2):
            spec = stage.spec(stage.scratch / f"{name}{number}", one_core(rng))
            began = time.perf_counter()
            trial = Trial(spec, contexts[name], stage.warden, stage.timeout)
            trial.ready()
            if number >= 0:  # the first of each warms up the server and the page cache
                seconds[name].append(time.perf_counter() - began)
            trial.end()
    return Starts(median(seconds["forked"]), median(seconds["spawned"]), count)


def share_in_steps(records: Sequence[AnyRecord]) -> float:
    """Return the share of a run's wall time, from its start to its last record, spent in warm-up and measured bursts.

    Raises:
        BenchError: the run has not come to its end.
    """
    end = next((record for record in records if isinstance(record, EndRecord)), None)
    if end is None:
        raise BenchError("the newest run of this suite has not come to its end; `bench resume` goes on with it")
    return sum(record.took for record in records if isinstance(record, BurstRecord)) / end.at


def newest_run(suite: Path) -> Path | None:
    """Return the newest run in the results folder of a suite, or None."""
    runs = sorted(journal.parent for journal in suite.glob("*/journal.jsonl"))
    return runs[-1] if runs else None
