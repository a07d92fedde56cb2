"""``bench init`` in a user's repository, then asv with the configuration that it wrote."""

from __future__ import annotations

import json
from pathlib import Path

from asv_project import asv, commit, git
from click.testing import CliRunner

from bench.cli import main

TRAINER = """\
from ultralytics.models.yolo.detect import DetectionTrainer


class CarefulTrainer(DetectionTrainer):
    pass
"""


def test_asv_finds_the_suite_by_the_configuration_that_init_wrote(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=trunk")
    (folder / "train.py").write_text(TRAINER)
    done = CliRunner().invoke(main, ["init", str(folder)])
    assert done.exit_code == 0, done.output
    commit(folder, "Add benchmarks")
    (folder / "home").mkdir()
    asv(folder, "machine", "--yes", "--config", "asv.conf.json")
    asv(folder, "run", "--python=same", "--set-commit-hash", "HEAD", "--bench", "just-discover")
    known = json.loads((folder / "results/asv/benchmarks.json").read_text())
    found = known["benchmarks.Training.track_epoch"]
    assert (found["pretty_name"], found["unit"]) == ("training: epoch", "seconds")
