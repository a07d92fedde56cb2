"""Batches tried by training with them, each in a process of its own."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace

from bench.engines.progress import Progress
from bench.errors import BenchError
from bench.fitting.grant import Grant
from bench.fitting.guard import MemoryGuard
from bench.fitting.limited import LimitedTrial
from bench.fitting.search import Attempt, ruled_out, search
from bench.suite.model import Level, Workload
from bench.trials.messages import Failed, TrialSpec
from bench.trials.outcome import Failure
from bench.trials.server import trial_context
from bench.trials.trial import Trial, TrialFailedError
from bench.trials.warden import Warden

MOST_IMAGES = 65536
FEWEST_BATCHES = 3
ULTRALYTICS_NBS = 64


class SearchFailedError(BenchError):
    """A trial of a search failed in a way that a smaller batch does not mend."""

    def __init__(self, failed: Failed, batch: int) -> None:
        self.failed = replace(failed, message=f"a trial of batch {batch} failed: {failed.message}")
        super().__init__(f"a trial of batch {batch} failed: {failed.failure.value}: {failed.message}\n{failed.detail}")


def find_largest(
    spec: TrialSpec, grant: Grant, warden: Warden, timeout: float, progress: Progress
) -> tuple[Attempt, ...]:
    """Search the largest batch with which ``spec`` trains within ``grant``; return what was tried.

    Args:
        spec: the trial; its level of ``batch`` and its workload's are replaced, its folder is used by each attempt.
        grant: memory that an attempt may take.
        warden: ends attempts when this process is killed.
        timeout: longest an attempt may take to answer, in seconds.
        progress: somebody who watches.

    Raises:
        SearchFailedError: an attempt failed for another reason than memory and time.
    """
    first = spec.workload.batch
    images = _images(replace(spec, levels={**spec.levels, "batch": first}), warden, timeout)
    attempts: tuple[Attempt, ...] = ()

    def attempt(batch: int) -> Attempt:
        nonlocal attempts
        progress.stage(f"largest batch: trying {batch}")
        outcome = ruled_out(attempts, batch, grant.deciding) or _try(
            with_batch(spec, batch), batch, grant, warden, timeout
        )
        attempts = (*attempts, outcome)
        return outcome

    return search(attempt, first, min(images, MOST_IMAGES))


def with_batch(spec: TrialSpec, batch: int) -> TrialSpec:
    """Return a trial that differs in its batch, and in training no longer than shows its peak of memory.

    An epoch has to hold an optimizer step, which Ultralytics takes after ``nbs`` images; a user's ``fraction`` stays.
    """
    settings: Mapping[str, Level] = spec.workload.settings
    nbs = settings.get("nbs", ULTRALYTICS_NBS)
    accumulated = round(nbs / batch) if isinstance(nbs, int | float) else 1
    batches = max(FEWEST_BATCHES, accumulated + 1)
    workload: Workload = spec.workload.model_copy(
        update={"batch": batch, "settings": {"fraction": batch * batches, **settings}}
    )
    return replace(spec, workload=workload, levels={**spec.levels, "batch": batch})


def _images(spec: TrialSpec, warden: Warden, timeout: float) -> int:
    """Return how many training images there are; Ultralytics never makes a batch of more."""
    trial = Trial(spec, trial_context(spec.device), warden, timeout)
    try:
        return int(trial.ready().facts["images"])  # type: ignore[arg-type]
    except TrialFailedError as error:
        raise SearchFailedError(error.failed, spec.workload.batch) from None
    finally:
        trial.end()


def _try(spec: TrialSpec, batch: int, grant: Grant, warden: Warden, timeout: float) -> Attempt:
    """Train with a batch until its peak of memory has been seen; one that takes too long does not fit either."""
    target = LimitedTrial(grant.host, grant.device)
    trial = Trial(spec, trial_context(spec.device), warden, timeout, target)
    try:
        with MemoryGuard(trial.group, grant.host) as guard:
            try:
                facts = trial.ready().facts
                # What an optimizer keeps is there from its first step on; the peak is the next batch's.
                epochs = 1 if int(facts["batches"]) > int(facts["accumulate"]) else 2  # type: ignore[arg-type]
                bursts = [trial.measure("memory").values for _ in range(epochs)]
            except TrialFailedError as error:
                if guard.ended:
                    reason = f"ended at {guard.peak} of {grant.host} bytes granted"
                elif ran_out(error.failed) or (error.failed.failure is Failure.TIMED_OUT and batch > 1):
                    reason = error.failed.message
                else:
                    raise SearchFailedError(error.failed, batch) from None
                return Attempt(batch, False, True, None, reason)
    finally:
        trial.end()
        shutil.rmtree(spec.folder, ignore_errors=True)
    return Attempt(batch, True, True, round(max(each.get("reserved", each["peak"]) for each in bursts)))


def ran_out(failed: Failed) -> bool:
    """Return whether a trial failed for want of memory: it said so, or the system killed it, as it does then."""
    killed = failed.failure is Failure.CRASHED and "SIGKILL" in failed.message
    return killed or failed.failure is Failure.OUT_OF_MEMORY
