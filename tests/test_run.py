"""Whole runs of real training, by the command: their folder, their table, and what a stop or a kill leaves."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from failing_trials import run_trial_of_a_mixed_run, run_trial_whose_baseline_dies
from processes import eventually
from runs import (
    bench_running,
    burst_keys,
    complete_rounds,
    journal_lines,
    lines_of,
    measured,
    only_run,
    processes_of,
    run_bench,
    write_suite,
)

import bench.trials.trial
from bench.cli import main
from bench.engines.progress import Silent
from bench.environment.checkout import Checkout, checkout
from bench.errors import BenchError
from bench.run import REPOSITORY, prepare, start
from bench.run_folder import sole_writer

FILES = {"suite.yaml", "environment.json", "journal.jsonl", "report.md", "report.json"}
PAIR = {"precision": ["fp32", "bf16"]}
MEASURES = ("epoch", "memory", "data_loading", "forward_backward")


def reports(run: Path) -> dict[str, bytes]:
    return {name: (run / name).read_bytes() for name in ("report.md", "report.json")}


def rows_of(run: Path) -> dict[str, dict[str, Any]]:
    return {row["label"]: row for row in json.loads((run / "report.json").read_text())["rows"]}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder and the command of a run by rounds with an excluded combination."""
    folder = tmp_path_factory.mktemp("finished")
    rule = {"when": {"precision": "bf16", "memory_format": "channels_last"}, "reason": "known to crash"}
    write_suite(folder, exclude=[rule])
    return folder, run_bench("run", "tiny.yaml", folder=folder)


Finished = tuple[Path, subprocess.CompletedProcess[str]]


def test_a_run_leaves_its_folder_and_prints_its_table(finished: Finished) -> None:
    folder, command = finished
    assert command.returncode == 0, command.stderr
    assert {each.name for each in folder.iterdir()} == {"tiny.yaml", "results"}
    run = only_run(folder / "results")
    assert [each.name for each in run.parent.iterdir()] == [run.name]
    assert {each.name for each in run.iterdir()} == FILES
    assert (run / "suite.yaml").read_bytes() == (folder / "tiny.yaml").read_bytes()
    assert json.loads((run / "environment.json").read_text()) == journal_lines(run)[0]["environment"]
    assert journal_lines(run)[0]["command"] == "bench run tiny.yaml"
    for text in ("baseline", "memory_format=channels_last", "precision=bf16", "known to crash"):
        assert text in command.stdout
    assert command.stdout.endswith(f"\nReport: {run.relative_to(folder) / 'report.md'}\n")


def test_a_run_by_rounds_makes_them_all(finished: Finished) -> None:
    run = only_run(finished[0] / "results")
    rounds = {"epoch": 2, "data_loading": 2, "forward_backward": 2, "memory": 1}
    assert complete_rounds(run) == {(block, name): count for block in (0, 1) for name, count in rounds.items()}
    assert len(lines_of(run, "launch")) == 6
    assert journal_lines(run)[-1]["reason"] == "rounds done"
    assert lines_of(run, "failure") == []


def test_every_row_of_a_run_has_its_say(finished: Finished) -> None:
    rows = rows_of(only_run(finished[0] / "results"))
    assert list(rows) == [
        "baseline",
        "memory_format=channels_last",
        "precision=bf16",
        "precision=bf16, memory_format=channels_last",
    ]
    excluded = rows.pop("precision=bf16, memory_format=channels_last")
    assert (excluded["verdict"], excluded["reason"]) == ("not run", "known to crash")
    for row in rows.values():
        assert row["reason"] is None
        assert all(each["in_force"] for each in row["evidence"])
        assert {metric.partition(".")[0] for metric in row["figures"]} == set(MEASURES)


def test_progress_goes_to_standard_error(finished: Finished) -> None:
    command = finished[1]
    assert command.stderr.startswith("preparing data\n")
    assert "preparing data" not in command.stdout


def test_reports_come_out_again_byte_for_byte(finished: Finished) -> None:
    run = only_run(finished[0] / "results")
    before = reports(run)
    for name in before:
        (run / name).unlink()
    result = CliRunner().invoke(main, ["report", str(run)], env={"COLUMNS": "300"})
    assert result.exit_code == 0
    assert reports(run) == before
    assert "known to crash" in result.stdout


def test_a_finished_run_is_only_reported_again(finished: Finished) -> None:
    run = only_run(finished[0] / "results")
    journal, before = (run / "journal.jsonl").read_bytes(), reports(run)
    result = CliRunner().invoke(main, ["resume", str(run), "--json"])
    assert result.exit_code == 0
    assert (run / "journal.jsonl").read_bytes() == journal
    assert reports(run) == before
    assert json.loads(result.stdout) == json.loads(before["report.json"])


def test_a_folder_of_runs_names_the_newest(finished: Finished) -> None:
    run = only_run(finished[0] / "results")
    result = CliRunner().invoke(main, ["report", str(run.parent)])
    assert result.exit_code == 2
    assert result.stderr.endswith(f"did you mean {str(run)!r}?\n")


def test_json_is_all_that_standard_output_gets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a cache of its own, where Ultralytics greets whoever comes for the first time."""
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    write_suite(tmp_path, axes=PAIR, measure=["epoch"], budget={"rounds": 1}, launches=1)
    command = run_bench("run", "tiny.yaml", "--json", "--out", "elsewhere", folder=tmp_path)
    assert command.returncode == 0, command.stderr
    assert command.stderr == ""
    run = only_run(tmp_path / "elsewhere")
    assert json.loads(command.stdout) == json.loads((run / "report.json").read_text())


def test_a_run_by_time_gives_every_launch_rounds_until_it_is_spent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    suite = write_suite(tmp_path, axes=PAIR, measure=["epoch"], budget="10m")
    run = start(prepare(suite, {"budget": "6s"}), tmp_path, "bench run", Silent())
    rounds = complete_rounds(run)
    assert set(rounds) == {(0, "epoch"), (1, "epoch")}
    assert all(count >= 1 for count in rounds.values())
    assert journal_lines(run)[-1]["reason"] == "budget spent"


def test_a_row_that_failed_and_one_not_in_force_are_shown_with_their_reasons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.trials.trial, "run_trial", run_trial_of_a_mixed_run)
    suite = write_suite(tmp_path, measure=["epoch"], design="one_at_a_time", budget={"rounds": 1})
    run = start(prepare(suite, {}), tmp_path, "bench run tiny.yaml", Silent())
    rows = rows_of(run)
    assert rows["baseline"]["verdict"] == "baseline"
    failed, idle = rows["precision=bf16"], rows["memory_format=channels_last"]
    assert (failed["verdict"], failed["reason"]) == ("failed", "crashed: killed by SIGSEGV")
    assert idle["verdict"] == "not in force"
    assert idle["reason"].startswith("memory_format: ")
    table = CliRunner().invoke(main, ["report", str(run)], env={"COLUMNS": "300"}).stdout
    for row in (failed, idle):
        (line,) = [line for line in table.splitlines() if line.startswith(row["label"])]
        assert row["verdict"] in line
        assert row["reason"] in line


def test_a_baseline_that_fails_ends_the_run_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.trials.trial, "run_trial", run_trial_whose_baseline_dies)
    suite = write_suite(tmp_path, axes=PAIR, measure=["epoch"], budget={"rounds": 1})
    with pytest.raises(BenchError, match="the baseline failed, so nothing could be compared") as caught:
        start(prepare(suite, {}), tmp_path, "bench run tiny.yaml", Silent())
    run = only_run(tmp_path)
    assert caught.value.exit_code == 1
    assert str(run / "report.md") in str(caught.value)
    assert (run / "report.md").is_file()
    assert journal_lines(run)[-1]["reason"] == "baseline failed"
    # Nothing is started beside a baseline that is gone: it would be compared with nothing.
    assert lines_of(run, "launch") == []
    assert len(lines_of(run, "failure")) == 2


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    write_suite(tmp_path, axes=PAIR, measure=["epoch", "forward_backward"], budget={"rounds": 4})
    with bench_running("run", "tiny.yaml", folder=tmp_path) as process:
        assert eventually(measured(tmp_path, 3), 120), (tmp_path / "output.txt").read_text()
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert eventually(lambda: not processes_of(tmp_path)), "a killed run leaves no process behind"
    run = only_run(tmp_path / "results")
    content = (run / "journal.jsonl").read_bytes()
    before = content[: content.rfind(b"\n") + 1]
    assert journal_lines(run)[-1]["type"] != "end"

    command = run_bench("resume", run, "--json", folder=tmp_path)
    assert command.returncode == 0, command.stderr
    assert json.loads(command.stdout)["complete"] is True
    assert (run / "journal.jsonl").read_bytes().startswith(before), "what was measured stays as it is"
    assert len(set(burst_keys(run))) == len(burst_keys(run)), "no burst is made twice"
    assert complete_rounds(run) == {(block, name): 4 for block in (0, 1) for name in ("epoch", "forward_backward")}
    assert journal_lines(run)[-1]["reason"] == "rounds done"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_stopped_run_says_how_to_go_on(number: signal.Signals, tmp_path: Path) -> None:
    write_suite(tmp_path, axes=PAIR, measure=["epoch"], budget={"rounds": 1000})
    with bench_running("run", "tiny.yaml", folder=tmp_path) as process:
        assert eventually(measured(tmp_path, 2), 120), (tmp_path / "output.txt").read_text()
        # A terminal interrupts the whole group, a supervisor asks the command alone.
        os.killpg(process.pid, number) if number is signal.SIGINT else process.send_signal(number)
        assert process.wait(60) == 130
    assert eventually(lambda: not processes_of(tmp_path))
    run = only_run(tmp_path / "results")
    output = (tmp_path / "output.txt").read_text()
    assert output.splitlines()[-1] == f"bench: stopped; `bench resume {run.relative_to(tmp_path)}` goes on with it"
    assert "Traceback" not in output
    assert {each.name for each in run.iterdir()} == FILES
    assert json.loads((run / "report.json").read_text())["complete"] is False
    assert rows_of(run)["baseline"]["figures"]["epoch.seconds"]["bursts"] >= 1


def test_a_run_that_is_running_is_not_resumed(finished: Finished, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    lines = (only_run(finished[0] / "results") / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (run / "journal.jsonl").write_bytes(b"".join(lines[:-1]))
    with sole_writer(run):
        result = CliRunner().invoke(main, ["resume", str(run), "--json"])
    assert result.exit_code == 2
    assert result.stderr == f"bench: RUN: found {run}, which is running; expected a run that was stopped or killed\n"
    assert (run / "journal.jsonl").read_bytes() == b"".join(lines[:-1])


@pytest.mark.parametrize(
    ("part", "began"),
    [("machine_id", "0123456789ab"), ("versions", {}), ("commit", "0" * 40), ("clean", "not known")],
    ids=["machine", "versions", "commit", "changes"],
)
def test_a_run_is_not_finished_elsewhere_or_with_other_code(
    part: str, began: Any, finished: Finished, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    head, *rest = (only_run(finished[0] / "results") / "journal.jsonl").read_text().splitlines()
    elsewhere = json.loads(head)
    here = dataclasses.asdict(checkout(REPOSITORY) or Checkout(elsewhere["environment"]["commit"], None))
    elsewhere["environment"] |= {**here, part: began}
    content = "".join(f"{line}\n" for line in (json.dumps(elsewhere), *rest[:-1]))
    (run / "journal.jsonl").write_text(content)
    result = CliRunner().invoke(main, ["resume", str(run), "--json"])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"bench: environment.{part}: found {json.dumps(began)} in the journal; expected ")
    assert (run / "journal.jsonl").read_text() == content


def test_pictures_that_are_not_there_are_one_error_and_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    (tmp_path / "data.yaml").write_text("path: .\ntrain: images/train\nval: images/val\nnames: [tree]\n")
    suite = write_suite(tmp_path)
    content = json.loads(suite.read_text())
    content["workload"]["data"] = "data.yaml"
    suite.write_text(json.dumps(content))
    result = CliRunner().invoke(main, ["run", str(suite), "--json"])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"bench: {tmp_path / 'data.yaml'}: train: found ")
    assert result.stderr.count("\n") == 1
    assert list(elsewhere.iterdir()) == []
