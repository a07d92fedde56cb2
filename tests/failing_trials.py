"""Targets for trials that die, or that apply nothing; only the trial's own process is changed."""

from __future__ import annotations

import os
import signal
from multiprocessing.connection import Connection

from sabotage import run_trial_without_hooks

from bench.trials.child import run_trial
from bench.trials.messages import TrialSpec


def run_trial_of_a_mixed_run(connection: Connection, spec: TrialSpec) -> None:
    """A trial that dies where precision is bf16, and applies nothing where only the memory format is changed."""
    if spec.levels["precision"] == "bf16":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif spec.levels["memory_format"] == "channels_last":
        run_trial_without_hooks(connection, spec)
    else:
        run_trial(connection, spec)


def run_trial_whose_baseline_dies(connection: Connection, spec: TrialSpec) -> None:
    """A trial that dies where precision is fp32."""
    if spec.levels["precision"] == "fp32":
        os.kill(os.getpid(), signal.SIGSEGV)
    run_trial(connection, spec)
