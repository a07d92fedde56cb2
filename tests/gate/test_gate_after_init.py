"""``bench init`` in a user's repository, then ``bench gate`` over their commits, with the settings they would have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gate_projects import GATE, git
from runs import run_bench
from starting import TINY

from bench.init.texts import SUITE

TRAINER = """\
import time

from ultralytics.models.yolo.detect import DetectionTrainer


class CarefulTrainer(DetectionTrainer):
    def optimizer_step(self):
        time.sleep({seconds})
        super().optimizer_step()
"""

SHORT = (
    f"workload.model={TINY}",
    "workload.image_size=64",
    "workload.data={kind: shapes, images: 16, validation_images: 2, size: 64}",
)
SHORT += ("workload.batch=8", "axes.memory_format=[contiguous]", "axes.precision=[fp32]", "measure=[epoch]")
SHORT += ("budget={rounds: 2}", "margin=10%", f"gate={json.dumps(GATE)}")
"""With Ultralytics' own ``nbs`` of 64 images the 16 of an epoch are a quarter of an optimizer step."""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=trunk")
    step(folder, 0.1, "Train carefully")
    return folder


def step(folder: Path, seconds: float, message: str) -> None:
    """Commit a trainer whose optimizer step sleeps, and all else that lies there."""
    (folder / "train.py").write_text(TRAINER.format(seconds=seconds))
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)


def gate(folder: Path, base: str) -> tuple[int, dict[str, object]]:
    settings = [part for each in SHORT for part in ("--set", each)]
    done = run_bench("gate", base, "HEAD", "--suite", SUITE, "--json", *settings, folder=folder)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)["metrics"][0]


def test_a_users_commit_that_slows_what_few_epochs_do_is_a_regression(repository: Path) -> None:
    done = run_bench("init", folder=repository)
    assert done.returncode == 0, done.stderr
    step(repository, 0.1, "Add benchmarks")
    step(repository, 1.5, "Step slowly")
    code, metric = gate(repository, "HEAD~1")
    assert (code, metric["verdict"]) == (1, "regression"), metric
