"""A git repository of a user's project whose trainer is as slow as its last commit says."""

from __future__ import annotations

import subprocess
from pathlib import Path

from runs import TINY_SUITE, write_suite

PYPROJECT = """\
[tool.yolo-train-bench]
trainers = {paced = "training/trainer.py:PacedTrainer"}
"""

TRAINER = """\
import time

from training.pace import SECONDS
from ultralytics.models.yolo.detect import DetectionTrainer


class PacedTrainer(DetectionTrainer):
    def preprocess_batch(self, batch):
        time.sleep(SECONDS)
        return super().preprocess_batch(batch)
"""

PACE = "SECONDS = 0.1\n"
"""Most of an epoch is sleep, which other load of the machine does not stretch."""

GATE = {"first_launches": 2, "launches": 4, "regression": "95%", "metrics": ["epoch.seconds"]}
"""A short gate: with four launches an interval is wide, so it takes huge changes and excludes none but huge ones."""


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def new_project(folder: Path) -> Path:
    """A repository with one commit, its code in a package; returns the suite's file."""
    (folder / "training").mkdir(parents=True)
    (folder / "training" / "__init__.py").touch()
    (folder / "training" / "trainer.py").write_text(TRAINER)
    (folder / "training" / "pace.py").write_text(PACE)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, "Train")
    return folder / "tiny.yaml"


def commit(folder: Path, message: str, **files: str) -> str:
    """Commit modules of the package ``training`` by name; return the commit."""
    for name, text in files.items():
        (folder / "training" / f"{name}.py").write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def gate_suite(folder: Path, **changes: object) -> Path:
    """A suite of the tiny workload, trained by the project's trainer."""
    settings = {"workload": TINY_SUITE["workload"] | {"trainer": "paced"}, "axes": {"threads": [1]}}
    settings |= {"measure": ["epoch"], "budget": {"rounds": 2}, "margin": "10%", "gate": GATE}
    return write_suite(folder, **(settings | changes))
