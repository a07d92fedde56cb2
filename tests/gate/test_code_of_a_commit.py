"""Trials import the code of the commit that they are started for, and nothing of the checkout that starts them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

import bench
from bench.suite.model import Workload
from bench.trials.messages import TrialSpec
from bench.trials.outcome import Failure
from bench.trials.revision import import_path_at, importing_from
from bench.trials.server import trial_context
from bench.trials.trial import Trial, TrialFailedError
from bench.trials.warden import Warden

SCRIPT = """
import sys
from pathlib import Path

from bench.errors import BenchError
from bench.gate.server import revision_context
from bench.trials.errand import run_errand
from bench.trials.revision import importing_from
from bench.workloads.view import check_pictures

if __name__ == "__main__":
    context = revision_context("cpu")
    for path in ([sys.argv[1], *sys.path], None):
        try:
            with importing_from(path):
                run_errand(context, check_pictures, Path("data.yaml"))
        except BenchError as error:
            print(type(error).__name__, error)
"""


def test_a_commit_of_the_harness_itself_is_what_runs(tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(Path(bench.__file__).parent, other / "bench", ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "bench" / "workloads" / "view.py").open("a") as file:
        file.write("\n\ndef check_pictures(path):\n    from bench.errors import BenchError\n")
        file.write("    raise BenchError('by the other commit')\n")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, script, other],
        capture_output=True,
        text=True,
        timeout=200,
        env={**os.environ, "PYTHONPATH": str(Path(bench.__file__).parent.parent)},
    )
    first, second = done.stdout.splitlines()
    assert first == "BenchError by the other commit", done.stderr
    assert second.startswith("InputError data.yaml: found [Errno 2]")


def test_the_path_of_imports_moves_with_the_checkout(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    for folder in (mine / "src", mine / ".venv" / "site-packages", other / "src"):
        folder.mkdir(parents=True)
    path = [str(mine), str(mine / "src"), str(mine / ".venv" / "site-packages"), "/usr/lib/python3"]
    moved = import_path_at(path, mine, other)
    assert moved == (str(other), str(other / "src"), str(mine / ".venv" / "site-packages"), "/usr/lib/python3")


def test_the_path_of_imports_is_as_before_afterwards() -> None:
    before = sys.path[:]
    with importing_from(("/somewhere",)):
        assert sys.path == ["/somewhere"]
    assert sys.path == before


class Unreadable:
    """Unpickles into what no module has, as the answer of another commit's harness may."""

    def __reduce__(self) -> tuple[object, ...]:
        return getattr, (Unreadable, "no_such_thing")


def answer_unreadably(connection: Connection, spec: TrialSpec) -> None:
    os.setsid()
    connection.send(Unreadable())
    connection.recv()


def test_an_answer_in_words_of_another_commit_is_a_failed_trial(
    tiny_workload: Workload, warden: Warden, tmp_path: Path
) -> None:
    spec = TrialSpec(tiny_workload, "cpu", {}, tmp_path / "data.yaml", tmp_path / "trial", (0,))
    trial = Trial(spec, trial_context("cpu"), warden, 100.0, answer_unreadably)
    try:
        with pytest.raises(TrialFailedError) as caught:
            trial.ready()
    finally:
        trial.end()
    assert caught.value.failed.failure is Failure.EXCEPTION
    assert "cannot be read here" in caught.value.failed.message
    assert "no_such_thing" in caught.value.failed.message
