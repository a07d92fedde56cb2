"""Every way in which a trial can fail is told apart, with what a user needs to understand it."""

from __future__ import annotations

import os
import signal
from functools import partial

import pytest
from odd_trials import run_trial_of_two_epochs, run_trial_that_raises
from processes import group
from starting import StartTrial

import bench.trials.trial
from bench.suite.model import Workload
from bench.trials.child import _failed
from bench.trials.messages import Failed
from bench.trials.outcome import Failure
from bench.trials.trial import Trial, TrialFailedError


def with_settings(workload: Workload, **settings: object) -> Workload:
    return workload.model_copy(update={"settings": {**workload.settings, **settings}})


def failure_of(trial: Trial, epochs: int = 1) -> Failed:
    """Train until the trial fails."""
    with pytest.raises(TrialFailedError) as caught:  # noqa: PT012
        trial.ready()
        for _ in range(epochs):
            trial.measure("epoch")
    return caught.value.failed


def test_timeout_is_told_and_the_whole_group_can_be_ended(start_trial: StartTrial) -> None:
    trial = start_trial({"loader_workers": 2})
    trial.ready()
    trial.measure("epoch")
    trial._timeout = 0.001
    with pytest.raises(TrialFailedError) as caught:
        trial.measure("epoch")
    assert caught.value.failed.failure is Failure.TIMED_OUT
    assert caught.value.failed.message == "no answer within 0.001 s"
    assert "Starting training" in caught.value.failed.detail
    number = trial._process.pid
    assert number is not None
    assert len(group(number)) == 3
    trial.end()
    assert group(number) == set()
    assert not trial.spec.folder.exists()


def test_training_that_ends_by_itself_says_after_how_many_epochs(
    start_trial: StartTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.trials.trial, "run_trial", run_trial_of_two_epochs)
    failed = failure_of(start_trial(), epochs=3)
    assert failed.failure is Failure.EXCEPTION
    assert failed.message == "TrainingEndedError: training ended by itself after 2 of 2 planned epochs"


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (signal.SIGKILL, "killed by SIGKILL, as the system does when memory runs out"),
        (signal.SIGABRT, "killed by SIGABRT"),
    ],
)
def test_crash_names_the_signal_and_shows_the_output(
    start_trial: StartTrial, number: signal.Signals, message: str
) -> None:
    trial = start_trial({"loader_workers": 2})
    trial.ready()
    trial.measure("epoch")
    pid = trial._process.pid
    assert pid is not None
    os.kill(pid, number)
    with pytest.raises(TrialFailedError) as caught:
        trial.measure("epoch")
    failed = caught.value.failed
    assert (failed.failure, failed.message) == (Failure.CRASHED, message)
    output = (trial.spec.folder / "output.txt").read_text()
    assert "Starting training" in output
    assert output.endswith(failed.detail)
    assert len(failed.detail) <= 2000
    trial.end()
    assert group(pid) == set()


def test_exception_comes_with_its_traceback(start_trial: StartTrial, tiny_workload: Workload) -> None:
    failed = failure_of(start_trial(workload=with_settings(tiny_workload, optimizer="Gradient")))
    assert failed.failure is Failure.EXCEPTION
    assert failed.message.startswith("NotImplementedError: Optimizer 'Gradient'")
    assert "in build_optimizer" in failed.detail
    assert failed.detail.startswith("Traceback")


def test_loss_that_is_not_finite_ends_the_trial(start_trial: StartTrial, tiny_workload: Workload) -> None:
    trial = start_trial(workload=with_settings(tiny_workload, box=1e39))
    failed = failure_of(trial)
    assert failed.failure is Failure.LOSS_NOT_FINITE
    assert failed.message == "LossNotFiniteError: loss was nan at the end of epoch 1"


FULL = RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def test_out_of_memory_in_the_first_epoch_is_not_answered_with_half_the_batch(
    start_trial: StartTrial, tiny_workload: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.trials.trial, "run_trial", partial(run_trial_that_raises, error=FULL, losses=2))
    failed = failure_of(start_trial(workload=tiny_workload.model_copy(update={"batch": 5})))
    assert failed.failure is Failure.OUT_OF_MEMORY
    assert failed.message == "OutOfMemoryError: a step with batch 5 did not fit; halving it was refused"
    assert "CUDA out of memory. Tried to allocate 2.00 GiB." in failed.detail


def test_out_of_memory_in_a_later_epoch(start_trial: StartTrial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.trials.trial, "run_trial", partial(run_trial_that_raises, error=FULL, losses=8))
    failed = failure_of(start_trial(), epochs=2)
    assert failed.failure is Failure.OUT_OF_MEMORY
    assert failed.message == "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB."


def test_end_of_a_file_in_training_is_not_taken_for_the_end_of_the_run(
    start_trial: StartTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = EOFError("No data left in file")
    monkeypatch.setattr(bench.trials.trial, "run_trial", partial(run_trial_that_raises, error=error, losses=0))
    failed = failure_of(start_trial())
    assert (failed.failure, failed.message) == (Failure.EXCEPTION, "EOFError: No data left in file")


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (MemoryError(), Failure.OUT_OF_MEMORY),
        (OSError(12, "Cannot allocate memory"), Failure.OUT_OF_MEMORY),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), Failure.OUT_OF_MEMORY),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"), Failure.OUT_OF_MEMORY),
        (RuntimeError("CUDA error: out of memory"), Failure.OUT_OF_MEMORY),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), Failure.EXCEPTION),
        (ValueError(), Failure.EXCEPTION),
    ],
    ids=repr,
)
def test_errors_are_told_apart(error: Exception, failure: Failure) -> None:
    assert _failed(error).failure is failure
