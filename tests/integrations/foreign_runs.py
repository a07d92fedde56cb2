"""Runs without training, as if made on another machine, for what is written of them into asv's results."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import canned_run
import pytest
from asv_project import git, make_repository

from bench.engines.progress import Silent
from bench.environment import CudaDevice, Environment
from bench.environment.versions import Versions
from bench.journal.file import NAME
from bench.run import prepare

TOP = Path(__file__).parents[2]
SUITE = """\
workload: {model: yolo26n.yaml, device: cpu}
axes:
  precision: [fp32, bf16]
  memory_format: [contiguous, channels_last]
design: one_at_a_time
measure: [epoch]
budget: {rounds: 3}
launches: 1
"""
VERSIONS = Versions("0.1.0", "3.11.9", "2.15.0+cpu", None, "0.29.2", "8.4.190", "2.4.6", "5.0.0.93")
ENVIRONMENT = Environment(
    machine_id="0123456789ab",
    processor="Fast Processor",
    cores_used=8,
    cores_total=16,
    memory_bytes=64 * 1024**3,
    gpus=(CudaDevice(0, "Fake GPU", 8 * 1024**3, "550.1", (9, 0)),),
    operating_system="Some Linux",
    kernel="Linux 6.1.2 x86_64",
    governor=None,
    load_average=0.1,
    device="cpu",
    threads=1,
    versions=VERSIONS,
    commit="",
    clean=True,
)


def make_project(folder: Path) -> Path:
    """Commit the suite, and what makes asv find it, to a new repository."""
    files = {f"suites/{name}": (TOP / "suites" / name).read_text() for name in ("__init__.py", "benchmarks.py")}
    return make_repository(folder, {**files, "suites/small.yaml": SUITE})


class Runs:
    """Makes runs; each is of the commit that is checked out unless something else is said."""

    def __init__(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._project = project
        self._monkeypatch = monkeypatch

    def __call__(self, seconds: float = 1.0, **changes: Any) -> Path:
        self._monkeypatch.setenv(canned_run.SECONDS, str(seconds))
        prepared = prepare(self._project / "suites" / "small.yaml", {})
        run = canned_run.start(prepared, self._project / "results" / "runs", "bench run small.yaml", Silent())
        head_commit = git(self._project, "rev-parse", "HEAD").strip()
        environment = dataclasses.replace(ENVIRONMENT, **{"commit": head_commit, **changes})
        head, *rest = (run / NAME).read_text().splitlines()
        head = json.dumps(json.loads(head) | {"environment": environment.to_json()})
        (run / NAME).write_text("\n".join([head, *rest]) + "\n")
        (run / "suite.yaml").write_text(SUITE)
        return run
