"""A run that holds a frozen trial with two loader workers, tells its process group, and waits to be killed."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from bench.suite.model import Workload
from bench.trials.messages import TrialSpec
from bench.trials.server import trial_context
from bench.trials.trial import Trial
from bench.trials.warden import Warden


def main(workload: str, data: str, folder: str) -> None:
    cores = tuple(sorted(os.sched_getaffinity(0)))
    levels = {"loader_workers": 2}
    spec = TrialSpec(Workload.model_validate_json(workload), "cpu", dict(levels), Path(data), Path(folder), cores)
    trial = Trial(spec, trial_context("cpu"), Warden(), timeout=300)
    trial.ready()
    trial.measure("epoch")
    print(trial._process.pid, flush=True)
    time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])
