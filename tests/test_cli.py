"""The command line as a user meets it: help, errors, exit codes, and what is imported for it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from journals import burst, head, row
from runs import TINY, bench_command, run_bench

import bench
from bench.cli import main
from bench.environment import Environment, Machine
from bench.journal.file import Journal, read_journal
from bench.journal.records import EndRecord, RowRecord, RunRecord
from bench.optimizations.registry import registry
from bench.run_folder import create_run
from bench.suite.load import load_suite, suite_json
from bench.suite.schema import schema_text

PLAIN_MACHINE = Machine(cores=2, memory_bytes=16_000_000_000, cuda=(), cpp_compiler=True)

GOOD = f"""\
workload:
  model: {TINY}
  data: {{kind: shapes, images: 16, validation_images: 4, size: 64}}
  image_size: 64
  device: cpu
axes:
  precision: [fp32, bf16]
budget: 10m
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite that can be run, in a folder beside the one the command is called in."""
    file = tmp_path / "suites" / "mine.yaml"
    file.parent.mkdir()
    file.write_text(GOOD)
    return file


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The empty folder the command is called in, on a machine without a GPU."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(Machine, "here", classmethod(lambda cls: PLAIN_MACHINE))
    return folder


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], catch_exceptions=False)


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command there is, as it is typed."""
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


# columns: what is wrong, what to replace in the suite by what, the line, the rest of the error
BAD_SUITES = [
    ("an unknown key", "image_size: 64", "image_sise: 64", 4, "workload.image_sise: found 'image_sise'", "image_size"),
    ("a missing level", "bf16", "bf15", 7, "axes.precision[1]: found 'bf15'", "bf16"),
    ("a level that is no level", "precision:", "precison:", 7, "axes.precison: found 'precison'", "precision"),
    (
        "an excluded baseline",
        "budget: 10m",
        "exclude:\n  - when: {precision: fp32}",
        9,
        "exclude[0].when: found the baseline",
        None,
    ),
    ("a missing model", str(TINY), "yolo26q.yaml", 2, "workload.model: found 'yolo26q.yaml'", "yolo26.yaml"),
    (
        "missing data",
        "{kind: shapes, images: 16, validation_images: 4, size: 64}",
        "pictures.yaml",
        3,
        "workload.data: found 'pictures.yaml'",
        None,
    ),
    (
        "an axis named twice",
        "budget: 10m",
        "  precision: [fp32]",
        8,
        "axes.precision: found 'precision' a second time (first on line 7)",
        None,
    ),
    ("an empty design", "budget: 10m", "design: []", 8, "design: found []", None),
    ("nothing to compare", "[fp32, bf16]", "[fp32]", 6, "axes: found nothing but the baseline", None),
    (
        "nothing that can run here",
        "budget: 10m",
        "design:\n  - precision: bf16\nexclude:\n  - when: {precision: bf16}",
        8,
        "design: found nothing but the baseline that can run; precision=bf16 is not run: excluded by the suite",
        None,
    ),
    ("a budget that holds no round", "budget: 10m", "budget: 0.1s", 8, "budget.time: found 0.1 s", None),
    ("a device that is not here", "device: cpu", "device: cuda:0", 5, "workload.device: found 'cuda:0'", None),
    (
        "a baseline that cannot run here",
        "[fp32, bf16]",
        "[fp16, fp32]",
        7,
        "axes.precision[0]: found fp16 as the baseline",
        None,
    ),
    ("no YAML", "[fp32, bf16]", "[fp32", 8, "found ", None),
]


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize(
    ("old", "new", "line", "said", "nearest"), [case[1:] for case in BAD_SUITES], ids=[case[0] for case in BAD_SUITES]
)
def test_a_bad_suite_is_one_line_and_creates_nothing(
    command: str, old: str, new: str, line: int, said: str, nearest: str | None, suite: Path, here: Path
) -> None:
    assert GOOD.count(old) == 1
    suite.write_text(GOOD.replace(old, new))
    result = call(command, suite)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"bench: {suite}:{line}: {said}")
    assert "; expected " in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stderr.endswith(f"; did you mean {nearest!r}?\n") == (nearest is not None)
    assert list(here.iterdir()) == []
    assert list(suite.parent.iterdir()) == [suite]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--set", "workload.bach=4"], "workload.bach: found 'bach'; expected one of model, data, "),
        (["--set", "workload.batch"], "--set: found 'workload.batch'; expected FIELD=VALUE, such as"),
        (["--budget", "soon"], "budget: found 'soon'; expected a number (wall time such as 10m"),
        (["--budget", "0.1s"], "budget.time: found 0.1 s; expected at least "),
        (["--device", "gpu"], "workload.device: found 'gpu'; expected cpu, cuda:N, or auto"),
        (
            ["--device", "cuda:9"],
            "workload.device: found 'cuda:9'; expected a device of this machine: one of auto, cpu",
        ),
        (["--margin", "200%"], "margin: found '200%'; expected "),
    ],
)
def test_a_bad_option_is_one_line_and_creates_nothing(options: list[str], said: str, suite: Path, here: Path) -> None:
    result = call("run", suite, *options)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"bench: {said}")
    assert result.stderr.count("\n") == 1
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "mine.yml"], "mine.yml: found nothing to read (No such file or directory); expected a suite's file"),
        (["run", "."], ".: found nothing to read (Is a directory); expected a suite's file"),
        (["report", "."], "RUN: found .; expected the folder of a run, with journal.jsonl in it"),
        (["report", "nowhere"], "RUN: found nowhere; expected the folder of a run, with journal.jsonl in it"),
        (["resume", "nowhere"], "RUN: found nowhere; expected the folder of a run, with journal.jsonl in it"),
        (["show", "precison"], "OPTIMIZATION: found 'precison'; expected an optimization; did you mean 'precision'?"),
    ],
)
def test_what_is_not_there_is_one_line_and_creates_nothing(arguments: list[str], said: str, here: Path) -> None:
    result = call(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"bench: {said}\n"
    assert list(here.iterdir()) == []


def test_an_unknown_command_names_the_nearest() -> None:
    result = call("pln")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("bench: COMMAND: found 'pln'; expected one of ")
    assert result.stderr.endswith("; did you mean 'plan'?\n")


def test_an_unknown_option_is_bad_input(suite: Path, here: Path) -> None:
    for arguments in (["--nope"], ["run", suite, "--bugdet", "3m"], ["run"], ["list", "more"]):
        assert call(*arguments).exit_code == 2
    assert "--budget" in call("run", suite, "--bugdet", "3m").stderr
    assert list(here.iterdir()) == []


def test_benchmarks_of_too_few_for_a_figure_are_bad_input(suite: Path, here: Path) -> None:
    for name, option in (
        ("own-cost", "--launches"),
        ("power", "--launches"),
        ("stopwatch", "--pairs"),
        ("usual-way", "--pairs"),
    ):
        result = call("benchmark", name, suite, option, "1")
        assert (result.exit_code, option in result.stderr) == (2, True)
    assert list(here.iterdir()) == []


def test_results_that_cannot_be_written_to_are_bad_input(suite: Path, here: Path) -> None:
    (here / "taken").write_text("")
    result = call("run", suite, "--json", "--out", "taken")
    assert result.exit_code == 2
    assert result.stderr == "bench: --out: found taken (Not a directory); expected a folder that can be written to\n"
    assert [each.name for each in here.iterdir()] == ["taken"]


def test_an_error_of_the_system_is_one_line_and_no_traceback(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> None:
        raise OSError(28, "No space left on device", "report.md")

    monkeypatch.setattr("bench.run_folder.read_run", refuse)
    result = call("report", ".")
    assert result.exit_code == 1
    assert result.stderr == "bench: [Errno 28] No space left on device: 'report.md'\n"


def test_an_interrupt_where_nothing_can_be_resumed(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(folder: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bench.run_folder.read_run", interrupt)
    result = call("report", ".")
    assert (result.exit_code, result.stderr) == (130, "bench: stopped\n")


def test_debug_shows_where_an_error_came_from() -> None:
    result = call("--debug", "show", "precison")
    assert result.exit_code == 2
    assert result.stderr.startswith("Traceback (most recent call last):\n")
    assert "bench.errors.InputError" in result.stderr
    assert result.stderr.splitlines()[-1].startswith("bench: OPTIMIZATION: found 'precison'")
    assert "Traceback" not in call("show", "precison").stderr


@pytest.mark.parametrize("path", [(), *commands()], ids=" ".join)
def test_every_command_explains_itself_with_an_example(path: tuple[str, ...]) -> None:
    result = call(*path, "--help")
    assert result.exit_code == 0
    assert "Example" in result.stdout
    assert f"bench {' '.join(path)}".rstrip() in result.stdout.partition("Example")[2]


def test_the_version() -> None:
    assert call("--version").stdout == f"bench, version {bench.__version__}\n"


def test_the_schema_is_the_one_of_suites() -> None:
    assert call("schema").stdout == schema_text()


def test_the_list_and_the_cards() -> None:
    assert sorted(card["name"] for card in json.loads(call("list", "--json").stdout)) == list(registry())
    assert call("list").stdout.startswith("data\n\naxis ")
    assert json.loads(call("show", "precision", "--json").stdout)["usual_levels"] == ["fp32", "bf16"]
    assert call("show", "precision").stdout.startswith("precision: ")


def test_the_doctor() -> None:
    findings = call("doctor").stdout
    assert "precision" in findings
    assert json.loads(call("doctor", "--json").stdout)


def test_a_plan_is_shown_and_nothing_is_run(suite: Path, here: Path) -> None:
    text = call("plan", suite, "--budget", "90s").stdout
    assert "precision=bf16" in text
    assert text.endswith("Expected time: 1 min 30 s (its budget).\n")
    shown = json.loads(call("plan", suite, "--json", "--set", "launches=4").stdout)
    assert (shown["suite"], shown["launches"], shown["trials"]) == ("mine", 4, 8)
    assert list(here.iterdir()) == []


def test_the_module_is_the_command() -> None:
    command = subprocess.run(bench_command("show", "nope"), capture_output=True, text=True)
    assert (command.returncode, command.stdout) == (2, "")
    assert command.stderr.startswith("bench: OPTIMIZATION: found 'nope'; expected an optimization")


def test_whoever_stops_reading_gets_no_traceback(tmp_path: Path) -> None:
    line = " ".join(bench_command("schema")) + " | head -n 1"
    command = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True)
    assert (command.stdout, command.stderr) == ("{\n", "")


IMPORTED = """
import sys
from bench.cli import main
try:
    main(sys.argv[1:])
finally:
    sys.stderr.write(" ".join(sorted(sys.modules)))
"""


def imported(*arguments: str | Path) -> set[str]:
    """Return the modules that a command had imported when it ended."""
    command = [sys.executable, "-c", IMPORTED, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["plan", "--help"], ["--version"]], ids=" ".join)
def test_help_imports_nothing_that_takes_time(arguments: list[str]) -> None:
    heavy = {"torch", "ultralytics", "numpy", "scipy", "pydantic", "rich", "ruamel.yaml", "tabulate", "psutil"}
    assert imported(*arguments) & heavy == set()


@pytest.fixture
def run_folder(suite: Path, tmp_path: Path) -> Path:
    """A run that was killed before its first trial."""
    folder = tmp_path / "runs" / "mine"
    first = RunRecord(
        run="abc123",
        started="2026-01-02T03:04:05Z",
        command="bench run mine.yaml",
        suite=suite_json(load_suite(suite)),
        suite_file="mine.yaml",
        environment=Environment.collect("cpu", 1, tmp_path).to_json(),
        block_size=8,
    )
    rows = [
        RowRecord(combination="0000000a", levels={"precision": "fp32"}, label="baseline"),
        RowRecord(combination="0000000b", levels={"precision": "bf16"}, label="precision=bf16"),
    ]
    create_run(folder, suite, first, rows)
    return folder


def test_commands_that_train_nothing_import_no_torch(suite: Path, run_folder: Path) -> None:
    for arguments in (["list"], ["show", "precision"], ["doctor"], ["schema"], ["plan", suite], ["report", run_folder]):
        assert imported(*arguments) & {"torch", "ultralytics", "cv2"} == set(), arguments


def test_a_run_killed_before_its_first_trial_is_reported(run_folder: Path) -> None:
    assert isinstance(read_journal(run_folder)[0], RunRecord)
    result = call("report", run_folder)
    assert result.exit_code == 0
    assert "has not come to its end" in result.stdout
    assert json.loads((run_folder / "report.json").read_text())["complete"] is False


def test_a_resumed_run_of_identical_trials_leaves_its_noise_floor(suite: Path, tmp_path: Path) -> None:
    """One that was killed between its last record and its floor."""
    environment = Environment.collect("cpu", 1, tmp_path)
    first = head(load_suite(suite)).model_copy(update={"environment": environment.to_json()})
    rows = [row(name).model_copy(update={"copy_of_baseline": copy}) for copy, name in enumerate(("base", "same"))]
    bursts = [burst(name, launch, number, 1.0) for launch in (0, 1) for number in (0, 1) for name in ("base", "same")]
    folder = tmp_path / "results" / "noise" / "run"
    create_run(folder, suite, first, rows)
    with Journal(folder / "journal.jsonl") as journal:
        for record in (*bursts, EndRecord(at=2.0, reason="rounds done")):
            journal.write(record)
    result = call("resume", folder)
    assert result.exit_code == 0, result.stderr
    assert "False alarms: 0 of 1 called faster or slower (0.0%)." in result.stdout
    file = folder.parent / f"{environment.machine_id}.json"
    assert json.loads(file.read_text())["comparisons"] == 1
    file.unlink()
    assert json.loads(call("resume", folder, "--json").stdout)["complete"] is True
    assert file.is_file()


def test_other_runs_leave_no_noise_floor(run_folder: Path) -> None:
    with Journal(run_folder / "journal.jsonl") as journal:
        journal.write(EndRecord(at=2.0, reason="rounds done"))
    result = call("resume", run_folder)
    assert (result.exit_code, "False alarms" in result.stdout) == (0, False)
    assert list(run_folder.parent.iterdir()) == [run_folder]


def test_a_run_keeps_all_that_its_suite_extends(suite: Path, run_folder: Path, tmp_path: Path) -> None:
    assert {each.name for each in run_folder.iterdir()} == {"suite.yaml", "environment.json", "journal.jsonl"}
    own = tmp_path / "some" / "deep"
    own.mkdir(parents=True)
    (tmp_path / "middle.yaml").write_text(f"extend: {suite.relative_to(tmp_path)}\nlaunches: 5\n")
    (own / "mine.yaml").write_text("extend: ../../middle.yaml\nmargin: 3%\n")
    first = read_journal(run_folder)[0]
    assert isinstance(first, RunRecord)
    kept = run_folder.with_name("second")
    create_run(kept, own / "mine.yaml", first, [])
    assert (kept / "suite.yaml").read_bytes() == (own / "mine.yaml").read_bytes()
    copies = {str(each.relative_to(kept / "extended")) for each in (kept / "extended").rglob("*.yaml")}
    assert copies == {"some/deep/mine.yaml", "middle.yaml", str(suite.relative_to(tmp_path))}
    assert load_suite(kept / "extended" / "some" / "deep" / "mine.yaml") == load_suite(own / "mine.yaml")


def test_a_run_is_made_whole_or_not_at_all(suite: Path, run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read_journal(run_folder)[0]
    assert isinstance(first, RunRecord)

    def interrupt(folder: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", interrupt)
    with pytest.raises(KeyboardInterrupt):
        create_run(run_folder.with_name("second"), suite, first, [])
    assert list(run_folder.parent.iterdir()) == [run_folder]


def test_bad_input_through_the_real_command(suite: Path, here: Path) -> None:
    suite.write_text(GOOD.replace("bf16", "bf15"))
    command = run_bench("run", suite, folder=here)
    assert (command.returncode, command.stdout) == (2, "")
    assert command.stderr.startswith(f"bench: {suite}:7: axes.precision[1]: found 'bf15'; expected one of fp32, ")
    assert list(here.iterdir()) == []
