"""The epoch seconds that trials report, against a stopwatch around bare runs of Ultralytics."""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from bench.analysis.policy import POLICY
from bench.analysis.ratio import as_ratio, estimate_all
from bench.analysis.result import Ratio
from bench.benchmarks.stage import PROBED, Stage, epoch_seconds
from bench.environment.machine import usable_cores
from bench.errors import BenchError
from bench.trials.server import trial_environment
from bench.workloads.settings import training_settings
from bench.workloads.view import make_view

BARE_RUN = """
import json, os, sys
os.sched_setaffinity(0, json.loads(sys.argv[2]))
import torch
from ultralytics.models.yolo.detect import DetectionTrainer
trainer = DetectionTrainer(overrides=json.loads(sys.argv[1]))
torch.set_num_threads(int(sys.argv[3]))
trainer.train()
"""
SHORT = 2
"""Epochs of the shorter of two runs whose difference is timed."""


def reported_over_stopwatch(stage: Stage, pairs: int, epochs: int, rng: random.Random) -> Ratio:
    """Return the ratio of a trial's own epoch seconds to a stopwatch's.

    The stopwatch times whole processes: a run of 2 + ``epochs`` epochs less one of 2, so that start, set-up and final
    evaluation cancel out. Each pair takes its three runs in random order.

    Raises:
        BenchError: too few epochs to be told from start-up.
    """
    cores = usable_cores()[:1]
    logs: dict[int, Sequence[float]] = {}
    for pair in range(pairs):
        seconds: dict[str, float] = {}
        for kind in rng.sample(["reported", "short", "long"], 3):
            if kind == "reported":
                with stage.trials({"reported": PROBED}, cores) as trials:
                    for _ in range(SHORT):
                        epoch_seconds(trials["reported"])
                    seconds[kind] = fmean(epoch_seconds(trials["reported"]) for _ in range(epochs))
            else:
                count = SHORT + (epochs if kind == "long" else 0)
                seconds[kind] = _bare_run_seconds(stage, stage.scratch / f"{kind}{pair}", count, cores)
        logs[pair] = [math.log(seconds["reported"] / stopwatch_epoch(seconds["short"], seconds["long"], epochs))]
    return as_ratio(estimate_all({"reported": logs})["reported"], POLICY.confidence)


def stopwatch_epoch(short: float, long: float, epochs: int) -> float:
    """Return the seconds of an epoch, by which two whole runs differ.

    Raises:
        BenchError: the longer run did not take longer, so that starting up varies by more than the epochs take.
    """
    if long <= short:
        raise BenchError(f"{epochs} more epochs took no longer than starting up varies: give more --epochs")
    return (long - short) / epochs


def _bare_run_seconds(stage: Stage, folder: Path, epochs: int, cores: tuple[int, ...]) -> float:
    """Return the wall seconds of a whole bare run in a process of its own.

    Raises:
        BenchError: it failed, or took longer than a trial may.
    """
    data = make_view(stage.data, folder / "data")
    settings = {**training_settings(stage.workload, stage.device, data, folder), "epochs": epochs}
    command = [sys.executable, "-c", BARE_RUN, json.dumps(settings), json.dumps(cores), str(stage.workload.threads)]
    began = time.perf_counter()
    try:
        subprocess.run(
            command,
            env={**os.environ, **trial_environment()},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=folder,
            check=True,
            timeout=stage.timeout,
        )
    except subprocess.TimeoutExpired:
        raise BenchError(f"a bare run of {epochs} epochs did not end within {stage.timeout:g} s") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr.decode(errors="replace").strip().splitlines() or ["no output"])[-1]
        raise BenchError(f"a bare run of {epochs} epochs ended with status {error.returncode}: {last}") from None
    return time.perf_counter() - began
