"""``bench gate`` in a user's repository, whose own trainer is what commits change."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from gate_projects import commit, gate_suite, git, new_project
from journals import clear_run, end, head
from processes import eventually
from runs import TINY_SUITE, bench_running, measured, only_run, processes_of, run_bench

from bench.journal.file import NAME, Journal
from bench.journal.records import PROTOCOL, RowRecord
from bench.project import find_project
from bench.suite.load import load_suite

SLEEP = "SECONDS = 0.6\n"
"""In each of four batches an epoch, half a second more than before: several times as slow."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a suite, on the standing of a first commit."""
    new_project(tmp_path)
    gate_suite(tmp_path)
    commit(tmp_path, "Gate")
    return tmp_path


def test_a_slowdown_is_a_regression_and_its_commit_is_named(project: Path) -> None:
    commit(project, "Tidy up", notes="# nothing\n")
    guilty = commit(project, "Sleep in every step", pace=SLEEP)
    commit(project, "Polish", notes="# nothing at all\n")
    # What lies in the working folder takes no part.
    (project / "training" / "pace.py").write_text("raise RuntimeError('the working folder is not a commit')\n")

    markdown = project / "gate.md"
    arguments = ("HEAD~3", "HEAD", "--suite", "tiny.yaml", "--bisect", "--json", "--markdown", markdown)
    done = run_bench("gate", *arguments, folder=project)
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert report["outcome"] == "regression"
    assert report["metrics"][0]["ratio"] > 2
    assert [each["commit"] for each in report["bisection"]["candidates"]] == [guilty]
    assert sorted(step["exit_code"] for step in report["bisection"]["steps"]) == [0, 1]
    text = markdown.read_text()
    assert text.startswith("## Regression: tiny")
    assert f"The regression came with `{guilty[:7]}` Sleep in every step." in text
    assert len(list(project.glob("results/gate/*/report.md"))) == 3
    assert len(git(project, "worktree", "list").splitlines()) == 1


def test_a_commit_that_changes_nothing_is_clean(project: Path) -> None:
    commit(project, "Tidy up", notes="# nothing\n")
    done = run_bench("gate", "HEAD~1", "HEAD", "--suite", "tiny.yaml", folder=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "## No regression: tiny" in done.stdout
    assert "the baseline is gated alone" in done.stdout


BEST = "memory_format=channels_last"


def store_run(project: Path) -> None:
    """Store a run of the project's suite, made up, in which the other memory format takes half of the time."""
    suite = load_suite(project / "tiny.yaml", project=find_project(project))
    places = {"suite_folder": str(project.resolve()), "home": str(Path.home())}
    first = head(suite).model_copy(update={"protocol": PROTOCOL, **places})
    made_up = {"base": ("contiguous", "baseline"), "fast": ("channels_last", BEST)}
    run = project / "results" / suite.name / "20260101T000000Z-abc123"
    run.mkdir(parents=True)
    with Journal(run / NAME) as journal:
        for record in [first, *clear_run(0.5)[1:], end()]:
            if isinstance(record, RowRecord):
                level, label = made_up[record.combination]
                levels = {"threads": 1, "memory_format": level}
                record = record.model_copy(update={"levels": levels, "label": label})
            journal.write(record)


def test_the_best_combination_of_a_stored_run_is_gated_too_in_time_and_in_memory(tmp_path: Path) -> None:
    new_project(tmp_path)
    data = {"kind": "shapes", "images": 8, "validation_images": 4, "size": 64}
    gate_suite(
        tmp_path,
        workload={**TINY_SUITE["workload"], "trainer": "paced", "data": data},
        axes={"threads": [1], "memory_format": ["contiguous", "channels_last"]},
        budget={"rounds": 1},
        gate={"first_launches": 2, "launches": 3, "regression": "95%"},
    )
    commit(tmp_path, "Gate", pace="SECONDS = 0.05\n")
    commit(tmp_path, "Sleep in every step", pace="SECONDS = 0.3\n")
    store_run(tmp_path)
    done = run_bench("gate", "HEAD~1", "HEAD", "--suite", "tiny.yaml", "--json", folder=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["remarks"] == [f"the best combination is that of 20260101T000000Z-abc123: {BEST}"]
    rows = {(each["combination"], each["metric"]): each for each in report["metrics"]}
    gated = [(label, metric) for metric in ("epoch.seconds", "memory.peak") for label in ("baseline", BEST)]
    assert list(rows) == gated
    assert len(report["metrics"]) == 4
    assert all(each["base"] > 0 and each["head"] > 0 and each["launches"] >= 2 for each in rows.values())
    assert [rows[label, "epoch.seconds"]["verdict"] for label in ("baseline", BEST)] == ["regression"] * 2


def checkouts_of(folder: Path) -> list[Path]:
    """The checkouts that git knows of besides the folder itself."""
    listed = git(folder, "worktree", "list", "--porcelain").splitlines()
    return [Path(line.removeprefix("worktree ")) for line in listed if line.startswith("worktree ")][1:]


@pytest.fixture
def terminals_can_close() -> Iterator[None]:
    """Let commands be told that their terminal was closed, also where tests run under nohup, which has it ignored."""
    before = signal.signal(signal.SIGHUP, lambda *_: None)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("terminals_can_close")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_a_stopped_gate_leaves_its_report_and_nothing_else(number: signal.Signals, project: Path) -> None:
    gate_suite(project, budget={"rounds": 1000})
    commit(project, "Tidy up", notes="# nothing\n")
    with bench_running("gate", "HEAD~1", "HEAD", "--suite", "tiny.yaml", folder=project) as process:
        assert eventually(measured(project, 2), 120), (project / "output.txt").read_text()
        places = checkouts_of(project)
        assert [place.is_dir() for place in places] == [True, True]
        os.killpg(process.pid, number)  # as a terminal does, on an interrupt and where it is closed
        assert process.wait(60) == 130
    assert eventually(lambda: not processes_of(project))
    assert len(git(project, "worktree", "list").splitlines()) == 1
    assert not any(place.parent.exists() for place in places)
    run = only_run(project / "results")
    output = (project / "output.txt").read_text()
    assert f"bench: stopped; what was measured until then lies in {run.relative_to(project)}\n" in output
    assert "Traceback" not in output
    assert "the gate was stopped before its end" in (run / "report.md").read_text()


def test_a_commit_that_crashes_is_a_regression(project: Path) -> None:
    commit(project, "Break", pace="SECONDS = 1 / 0\n")
    done = run_bench("gate", "HEAD~1", "HEAD", "--suite", "tiny.yaml", folder=project)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "## Regression: tiny" in done.stdout
    assert "head failed: exception" in done.stdout
    assert "division by zero" in done.stdout
    assert "Traceback" not in done.stderr

    git(project, "checkout", "--quiet", "HEAD~1")  # so that the broken commit is base
    turned = run_bench("gate", "main", "main~1", "--suite", "tiny.yaml", folder=project)
    assert turned.returncode == 2, turned.stdout + turned.stderr
    assert "base failed: exception" in turned.stdout


def test_a_commit_without_the_trainer_cannot_be_judged(project: Path) -> None:
    (project / "training" / "trainer.py").unlink()
    commit(project, "Remove the trainer")
    git(project, "checkout", "--quiet", "HEAD~1")
    done = run_bench("gate", "main~1", "main", "--suite", "tiny.yaml", folder=project)
    assert done.returncode == 2
    assert "could not judge: at " in done.stderr
    assert "training/trainer.py" in done.stderr
    assert len(git(project, "worktree", "list").splitlines()) == 1


def test_bad_input_is_refused_before_anything_is_made(project: Path) -> None:
    for arguments, said in (
        (("nowhere", "HEAD", "--suite", "tiny.yaml"), "BASE: found 'nowhere'"),
        (("HEAD~1", "HEAD", "--suite", "tiny.yaml", "--markdown", "no/such.md"), "--markdown: found no/such.md"),
        (("HEAD~1", "HEAD", "--suite", "tiny.yaml", "--set", "gate.regression=0.1"), "gate.regression: found 0.1"),
    ):
        done = run_bench("gate", *arguments, folder=project)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
    assert not (project / "results").exists()
