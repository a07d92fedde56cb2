"""Where torch's compilers keep what they made in a trial."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from odd_trials import run_trial_that_says_where_it_compiles

from bench.suite.model import Workload
from bench.trials.messages import TrialSpec
from bench.trials.server import trial_context
from bench.trials.trial import Trial, TrialFailedError
from bench.trials.warden import Warden


def places(spec: TrialSpec, warden: Warden) -> str:
    """Return what a trial says of where torch's compilers and Triton keep what they made."""
    trial = Trial(spec, trial_context("cpu"), warden, 300.0, run_trial_that_says_where_it_compiles)
    try:
        with pytest.raises(TrialFailedError) as caught:
            trial.ready()
    finally:
        trial.end()
    return caught.value.failed.message


def spec_of(workload: Workload, folder: Path, caches: Path | None) -> TrialSpec:
    cores = tuple(sorted(os.sched_getaffinity(0)))
    return TrialSpec(workload, "cpu", {}, folder / "data.yaml", folder / "trial", cores, compiler_caches=caches)


def test_a_trial_keeps_what_it_compiles_where_it_is_told(
    tiny_workload: Workload, warden: Warden, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    assert places(spec_of(tiny_workload, tmp_path, kept), warden) == f"RuntimeError: {kept} and {kept / 'triton'}"
    assert kept.is_dir(), "it outlives the trial"


def test_a_trial_that_is_told_nothing_keeps_it_where_the_environment_says(
    tiny_workload: Workload, warden: Warden, tmp_path: Path
) -> None:
    told = places(spec_of(tiny_workload, tmp_path, None), warden)
    assert told.startswith(f"RuntimeError: {os.environ['TORCHINDUCTOR_CACHE_DIR']} and ")
