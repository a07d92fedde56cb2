"""Traces of single combinations of a suite, for TensorBoard's profiler plugin and for Perfetto."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.engines.progress import Progress
from bench.errors import InputError, nearest_name
from bench.run import Prepared
from bench.suite.combination import Combination
from bench.trials.server import trial_context
from bench.trials.trial import Trial
from bench.trials.warden import Warden
from bench.workloads.data import prepare_data
from bench.workloads.scratch import scratch_folder


def choose(prepared: Prepared, labels: Sequence[str]) -> tuple[Combination, ...]:
    """Return the combinations that ``labels`` name as the plan does; the baseline where there are none.

    Raises:
        InputError: no combination that is run has that label.
    """
    plan = prepared.plan
    known = {each.label(plan.baseline): each for each in plan.running}
    for label in labels:
        if label not in known:
            raise InputError(
                "--combination", repr(label), "a label that `bench plan` shows as run", nearest_name(label, known)
            )
    return tuple(known[label] for label in labels) or (plan.baseline,)


def trace(prepared: Prepared, combinations: Sequence[Combination], out: Path, progress: Progress) -> tuple[Path, ...]:
    """Trace one epoch of each combination after one to warm up; return the traces.

    Raises:
        TrialFailedError: a trial did not get that far.
    """
    suite, plan = prepared.suite, prepared.plan
    data = prepare_data(suite.workload.data)
    folder = out.absolute() / suite.name
    before = set(folder.glob("*.pt.trace.json"))
    warden = Warden()
    try:
        with scratch_folder() as scratch:
            for combination in combinations:
                progress.stage(f"tracing {combination.label(plan.baseline)}")
                spec = prepared.spec(combination, data, scratch)
                trial = Trial(spec, trial_context(plan.device), warden, suite.timeout)
                try:
                    trial.ready()
                    trial.measure("epoch")
                    trial.trace(folder, f"{suite.name}-{combination.id}")
                finally:
                    trial.end()
    finally:
        warden.close()
    return tuple(sorted(set(folder.glob("*.pt.trace.json")) - before))
