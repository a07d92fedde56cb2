"""Trials import the code of the commit that they are started for, and nothing of the checkout that starts them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.machinery import ModuleSpec
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType

import pytest

import bench
from bench.gate import server
from bench.gate.server import LIBRARIES, libraries_besides
from bench.suite.model import Workload
from bench.trials.messages import Failed, TrialSpec
from bench.trials.outcome import Failure
from bench.trials.revision import OtherCodeError, Revision, check_imported, import_path_at, importing_from
from bench.trials.server import trial_context
from bench.trials.trial import Target, Trial, TrialFailedError
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
    context = revision_context("cpu", Path(sys.argv[1]).parent)
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


def module(name: str, file: Path | None) -> ModuleType:
    made = ModuleType(name)
    if file is not None:
        made.__file__ = str(file)
    return made


def test_code_of_a_commit_that_came_from_elsewhere_is_found(tmp_path: Path) -> None:
    checkout = tmp_path / "commit"
    for file in ("train.py", "src/mine/__init__.py", "packages/part/__init__.py", "queue.py", "notes/readme.md"):
        (checkout / file).parent.mkdir(parents=True, exist_ok=True)
        (checkout / file).touch()
    path = ["/usr/lib/python3", str(checkout), str(checkout / "packages")]
    right = {
        "train": module("train", checkout / "train.py"),
        "mine": module("mine", checkout / "src" / "mine" / "__init__.py"),
        "part": module("part", checkout / "packages" / "part" / "__init__.py"),
        "queue": module("queue", Path("/usr/lib/python3/queue.py")),  # Python's own, which came first
        "notes": module("notes", Path("/usr/lib/python3/notes/__init__.py")),  # the commit's is no module
        "torch": module("torch", Path("/usr/lib/python3/torch/__init__.py")),
    }
    check_imported(checkout, right, path)
    check_imported(checkout, {}, path)
    for name in ("train", "mine", "part"):
        with pytest.raises(OtherCodeError, match=f"'{name}' was imported from /first/{name}.py though the commit has"):
            check_imported(checkout, right | {name: module(name, Path(f"/first/{name}.py"))}, path)
    with pytest.raises(OtherCodeError, match="'train' was imported from no file"):
        check_imported(checkout, right | {"train": module("train", None)}, path)


def failure_of(
    workload: Workload, warden: Warden, folder: Path, target: Target | None = None, revision: Revision | None = None
) -> Failed:
    """Start a trial that does not get ready; return how it failed."""
    spec = TrialSpec(workload, "cpu", {}, folder / "data.yaml", folder / "trial", (0,))
    trial = Trial(spec, trial_context("cpu"), warden, 100.0, target, revision)
    try:
        with pytest.raises(TrialFailedError) as caught:
            trial.ready()
    finally:
        trial.end()
    return caught.value.failed


def test_a_trial_of_other_code_than_its_commits_fails_with_a_reason(
    tiny_workload: Workload, warden: Warden, tmp_path: Path
) -> None:
    """Trials of this fork server have imported this harness, which is not that of the commit."""
    checkout = tmp_path / "commit"
    (checkout / "bench").mkdir(parents=True)
    (checkout / "bench" / "__init__.py").touch()
    revision = Revision(checkout, (str(checkout), *sys.path), None)
    failed = failure_of(tiny_workload, warden, tmp_path, revision=revision)
    assert failed.failure is Failure.NOT_COMPARABLE
    assert "'bench' was imported from" in failed.message


def test_libraries_that_are_a_part_of_the_repository_are_not_shared(tmp_path: Path) -> None:
    assert libraries_besides(tmp_path) == LIBRARIES
    (tmp_path / "ultralytics").mkdir()
    (tmp_path / "ultralytics" / "__init__.py").touch()
    assert libraries_besides(tmp_path) == ("torch", "torchvision")
    (tmp_path / "src" / "torch").mkdir(parents=True)
    (tmp_path / "src" / "torch" / "__init__.py").touch()
    assert libraries_besides(tmp_path) == ()


def test_a_fork_in_development_mode_is_a_part_of_the_repository_and_its_environment_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {"torch": ".venv/lib/site-packages", "torchvision": "python/site-packages", "ultralytics": "deep/in/it"}

    def found(name: str) -> ModuleSpec:
        return ModuleSpec(name, None, origin=str(tmp_path / places[name] / name / "__init__.py"))

    monkeypatch.setattr(server, "find_spec", found)
    assert libraries_besides(tmp_path) == ("torch", "torchvision")


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
    failed = failure_of(tiny_workload, warden, tmp_path, target=answer_unreadably)
    assert failed.failure is Failure.NOT_COMPARABLE
    assert "cannot be read here" in failed.message
    assert "no_such_thing" in failed.message
