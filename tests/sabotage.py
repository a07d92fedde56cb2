"""A trial in which optimizations are asked for but their hooks do nothing."""

from __future__ import annotations

from multiprocessing.connection import Connection

from bench.optimizations.base import HOOKS, Optimization
from bench.optimizations.registry import registry
from bench.trials.child import run_trial
from bench.trials.messages import TrialSpec


def run_trial_without_hooks(connection: Connection, spec: TrialSpec) -> None:
    """Run a trial whose optimizations apply nothing; only this process is changed."""
    for name in spec.levels:
        for hook in HOOKS:
            setattr(registry()[name], hook, getattr(Optimization, hook))
    run_trial(connection, spec)
