"""``bench init`` in a fresh repository whose training code is a user's own subclass."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML
from runs import lines_of, only_run, run_bench
from starting import TINY
from user_technique import TECHNIQUE

from bench.cli import main
from bench.init.texts import SUITE, WORKFLOW
from bench.project import find_project
from bench.suite.load import load_suite

TRAINER = """\
from pathlib import Path

from ultralytics.models.yolo.detect import DetectionTrainer


class CarefulTrainer(DetectionTrainer):
    def optimizer_step(self):
        super().optimizer_step()
        with Path(__file__).with_name("steps.txt").open("a") as file:
            print("step", file=file)


if __name__ == "__main__":
    CarefulTrainer(overrides={"model": "yolo26n.yaml"}).train()
"""
FILES = {
    ".github/workflows/bench.yml",
    ".gitignore",
    "asv.conf.json",
    "pyproject.toml",
    "suites/__init__.py",
    "suites/benchmarks.py",
    "suites/suite.schema.json",
    "suites/training.yaml",
}
SHORT = (f"workload.model={TINY}", "workload.image_size=64", "workload.data={kind: shapes, images: 16, size: 64}")
SHORT += ("workload.batch=4", "workload.settings={nbs: 4}", "axes.memory_format=[contiguous]")
SHORT += ("budget={rounds: 1}", "launches=1", "measure=[epoch]")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    subprocess.run(["git", "init", "--quiet", "--initial-branch=trunk"], cwd=folder, check=True)
    (folder / "training").mkdir()
    (folder / "training" / "careful.py").write_text(TRAINER)
    return folder


def init(folder: Path, *options: str) -> dict[str, Any]:
    done = CliRunner().invoke(main, ["init", str(folder), "--json", *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a repository by its path, those of git and of Python left out."""
    apart = {".git", "__pycache__"}
    files = (each.relative_to(folder) for each in folder.rglob("*") if each.is_file())
    return {str(file): (folder / file).read_bytes() for file in files if apart.isdisjoint(file.parts)}


def refused(folder: Path, *options: str) -> str:
    """Why ``bench init`` changes nothing, in one line."""
    before = contents(folder)
    done = run_bench("init", *options, folder=folder)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert contents(folder) == before
    return done.stderr


def test_it_writes_files_that_all_can_be_read(repository: Path) -> None:
    before = set(contents(repository))
    done = init(repository)
    assert {step["file"] for step in done["files"] if step["action"] == "written"} == FILES
    assert set(contents(repository)) == before | FILES

    project = find_project(repository / "suites")
    assert project is not None
    assert project.trainers == {"careful_trainer": "training/careful.py:CarefulTrainer"}
    suite = load_suite(repository / SUITE, project=project)
    assert (suite.name, suite.workload.trainer) == ("training", "careful_trainer")

    from asv.config import Config

    configuration = Config.load(str(repository / "asv.conf.json"))
    assert (configuration.branches, configuration.benchmark_dir) == (["trunk"], "suites")
    assert configuration.build_command == configuration.install_command == []
    schema = json.loads((repository / "suites" / "suite.schema.json").read_text())
    first = (repository / SUITE).read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=suite.schema.json"
    assert "trainer" in schema["$defs"]["Workload"]["properties"]


def test_the_workflow_gates_pull_requests(repository: Path) -> None:
    (repository / "requirements.txt").write_text("ultralytics\n")
    (repository / "setup.py").write_text("")
    init(repository)
    workflow = YAML(typ="safe").load((repository / WORKFLOW).read_text())
    assert list(workflow["on"]) == ["pull_request"]
    assert workflow["permissions"] == {"contents": "read", "pull-requests": "write"}
    steps = workflow["jobs"]["gate"]["steps"]
    assert steps[0]["with"]["fetch-depth"] == 0
    scripts = [step["run"] for step in steps if "run" in step]
    assert scripts[0].endswith(" -r requirements.txt -e .")
    assert f"HEAD --suite {SUITE} --markdown gate.md 2>&1 | tee gate.txt" in scripts[1]
    assert "--body-file gate.md" in scripts[2]
    # What a stranger's pull request is called must never become part of a script.
    assert not any("${{" in script for script in scripts)
    for script in scripts:
        subprocess.run(["bash", "-n", "-c", script], check=True)


@pytest.mark.parametrize(
    ("status", "report", "ends"),
    [(0, True, 0), (1, True, 1), (2, True, 0), (2, False, 0), (1, False, 1), (130, False, 130)],
)
def test_the_workflows_scripts_end_as_the_gate_says(
    repository: Path, status: int, report: bool, ends: int, tmp_path: Path
) -> None:
    init(repository)
    steps = YAML(typ="safe").load((repository / WORKFLOW).read_text())["jobs"]["gate"]["steps"]
    compare, verdict = (
        next(step["run"] for step in steps if step.get("name") == name) for name in ("Compare", "Verdict")
    )
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "git").write_text("#!/bin/sh\necho fork-point\n")
    written = 'while [ "$1" != --markdown ]; do shift; done; echo table > "$2"' if report else "echo no commit >&2"
    (tools / "bench").write_text(f'#!/bin/sh\necho "$@" > called\n{written}\nexit {status}\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    environment = {"PATH": f"{tools}:/usr/bin:/bin", "BASE": "b", "GITHUB_OUTPUT": "out", "GITHUB_STEP_SUMMARY": "sum"}
    done = subprocess.run(["bash", "-e", "-c", compare], cwd=work, env=environment, check=False)
    assert (work / "called").read_text().startswith(f"gate fork-point HEAD --suite {SUITE} ")
    if done.returncode == 0:
        outputs = dict(line.split("=", 1) for line in (work / "out").read_text().splitlines())
        assert outputs == {"status": str(status)} | ({} if report else {"reason": "no commit"})
        assert ("table" if report else "    no commit") in (work / "sum").read_text().splitlines()
        environment |= {name.upper(): value for name, value in outputs.items()}
        done = subprocess.run(
            ["bash", "-e", "-c", verdict], cwd=work, env=environment, check=False, stdout=subprocess.PIPE, text=True
        )
        warning = f"::warning::bench gate could not judge: {'see its table' if report else 'no commit'}\n"
        assert done.stdout == (warning if status == 2 else "")
    assert done.returncode == ends


def test_a_second_time_changes_nothing_and_force_changes_no_table(repository: Path) -> None:
    init(repository)
    (repository / SUITE).write_text("description: mine now\n")
    after = contents(repository)
    done = init(repository)
    assert contents(repository) == after
    assert {step["action"] for step in done["files"]} == {"kept"}
    with (repository / "pyproject.toml").open("a") as file:
        file.write("# a remark of mine\n")
    table = (repository / "pyproject.toml").read_text()
    init(repository, "--force")
    assert (repository / "pyproject.toml").read_text() == table
    assert "trainer: careful_trainer" in (repository / SUITE).read_text()


def test_a_pyproject_is_appended_to(repository: Path) -> None:
    before = '[project]\nname = "mine of old"\nversion = "1"\n\n[tool.ruff]\nline-length = 100'
    (repository / "pyproject.toml").write_text(before)
    done = init(repository)
    assert {step["file"] for step in done["files"] if step["action"] == "appended to"} == {"pyproject.toml"}
    after = (repository / "pyproject.toml").read_text()
    assert after.startswith(before + "\n")
    assert tomllib.loads(after)["tool"]["ruff"] == {"line-length": 100}
    configuration = json.loads((repository / "asv.conf.json").read_text())
    assert configuration["project"] == "mine-of-old"
    assert len(configuration["install_command"]) == 1
    assert done["missing_table"] == '[tool.setuptools.packages.find]\ninclude = ["training", "training.*"]'
    assert done["missing_table"] in run_bench("init", folder=repository).stdout


def test_asv_gets_what_the_project_needs_as_it_is_installed_here(repository: Path) -> None:
    (repository / "pyproject.toml").write_text('[project]\nname = "mine"\nversion = "1"\ndependencies = ["SciPy>=1"]\n')
    (repository / "requirements.txt").write_text("tabulate\nnowhere-to-be-found\nultralytics>=8\n")
    init(repository)
    required = json.loads((repository / "asv.conf.json").read_text())["matrix"]["req"]
    assert (required["scipy"], required["tabulate"]) == ([version("scipy")], [version("tabulate")])
    assert (required["ultralytics"], "nowhere-to-be-found" in required) == ([version("ultralytics")], False)


def test_a_table_that_names_trainers_by_other_names_is_followed(repository: Path) -> None:
    table = '[tool.yolo-train-bench.trainers]\nours = "training/careful.py:CarefulTrainer"\n'
    (repository / "pyproject.toml").write_text(table)
    init(repository)
    assert (repository / "pyproject.toml").read_text() == table
    assert "trainer: ours" in (repository / SUITE).read_text()


@pytest.mark.parametrize("text", ["tool = {ruff = {}}\n", "[tool\n"])
def test_a_pyproject_that_cannot_be_added_to_is_refused(repository: Path, text: str) -> None:
    (repository / "pyproject.toml").write_text(text)
    assert "pyproject.toml" in refused(repository)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('optimizations = ["ours.py"]', "line 1 of ours.py raised RuntimeError: not now"),
        ('trainers = {mine = "ours.py:Mine"}', "tool.yolo-train-bench.trainers.mine: found"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(repository: Path, table: str, words: str) -> None:
    (repository / "ours.py").write_text('raise RuntimeError("not now")\n')
    (repository / "pyproject.toml").write_text(f"[tool.yolo-train-bench]\n{table}\n")
    assert words in refused(repository)


def test_a_wrong_trainer_is_refused_even_where_the_suite_is_kept(repository: Path) -> None:
    init(repository)
    (repository / "asv.conf.json").unlink()
    (repository / "training" / "careful.py").write_text("")
    assert "'CarefulTrainer', which training/careful.py does not define" in refused(repository)


@pytest.mark.parametrize("name", ["suites", ".github"])
def test_a_file_where_a_folder_has_to_be_is_refused(repository: Path, name: str) -> None:
    (repository / name).write_text("mine\n")
    assert f"FOLDER: found {repository / name}, which is no folder" in refused(repository)


def test_a_folder_where_a_file_has_to_be_is_refused(repository: Path) -> None:
    (repository / "asv.conf.json").mkdir()
    assert f"FOLDER: found a folder {repository / 'asv.conf.json'}" in refused(repository, "--force")


def test_a_gitignore_that_is_no_utf8_is_refused(repository: Path) -> None:
    (repository / ".gitignore").write_text("caf\xe9/\n", encoding="latin-1")
    assert f"{repository / '.gitignore'}: found 'utf-8' codec" in refused(repository)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file system on which any bytes are a name")
def test_files_whose_names_are_no_utf8_are_passed_over(repository: Path) -> None:
    (repository / os.fsdecode(b"caf\xe9.py")).write_text(TRAINER)
    done = init(repository)
    assert [each["target"] for each in done["trainers"]] == ["training/careful.py:CarefulTrainer"]
    project = find_project(repository)
    assert project is not None
    assert project.trainers == {"careful_trainer": "training/careful.py:CarefulTrainer"}


def test_only_techniques_of_an_existing_table_are_run(repository: Path) -> None:
    (repository / "training" / "careful.py").write_text("import os; os._exit(3)\n" + TRAINER)
    (repository / "ours.py").write_text(TECHNIQUE)
    (repository / "pyproject.toml").write_text('[tool.yolo-train-bench]\noptimizations = ["ours.py"]\n')
    done = run_bench("init", folder=repository)
    assert done.returncode == 0, done.stderr
    schema = json.loads((repository / "suites" / "suite.schema.json").read_text())
    assert "blur" in schema["properties"]["axes"]["properties"]


def test_only_the_top_of_a_checkout_will_do(repository: Path, tmp_path: Path) -> None:
    for folder, words in ((tmp_path, "is no git repository"), (repository / "training", "lies in the checkout")):
        done = run_bench("init", folder=folder)
        assert done.returncode == 2
        assert words in done.stderr
    assert set(contents(repository)) == {"training/careful.py"}


def test_their_trainer_is_what_runs(repository: Path) -> None:
    init(repository)
    plan = run_bench("plan", SUITE, "--json", folder=repository)
    assert plan.returncode == 0, plan.stderr
    settings = [part for each in SHORT for part in ("--set", each)]
    done = run_bench("run", SUITE, *settings, folder=repository)
    assert done.returncode == 0, done.stderr
    run = only_run(repository / "results")
    assert [line["facts"]["trainer"] for line in lines_of(run, "launch")] == ["CarefulTrainer"] * 2
    steps = sum(len(line["series"]["step"]) for line in lines_of(run, "burst"))
    assert 0 < steps <= (repository / "training" / "steps.txt").read_text().count("step")
