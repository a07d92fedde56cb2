"""docs/in-your-project.md: its files do what it says, and its commands are there."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from documented import DOCS, commands_of, write_files

from bench.cli import main
from bench.project import find_project
from bench.suite.load import load_suite

DOCUMENT = "in-your-project.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert write_files(DOCUMENT, tmp_path) == ["train.py", "suites/small.yaml"]
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


def bench(*arguments: str) -> str:
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_init_writes_what_the_table_lists_and_names_the_trainer(folder: Path) -> None:
    before = {"train.py", "suites/small.yaml"}
    bench("init", str(folder))
    there = {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}
    written = {file for file in there if not file.startswith(".git/")} - before
    text = (DOCS / DOCUMENT).read_text()
    table = text[text.index("| it writes |") : text.index("Your code is read for this")]
    listed = {name for row in table.strip().splitlines()[2:] for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
    assert listed == written
    shown = next(tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL))
    assert tomllib.loads((folder / "pyproject.toml").read_text()) == shown


@pytest.mark.parametrize("suite", ["suites/training.yaml", "suites/small.yaml"])
def test_its_suites_can_be_used(folder: Path, suite: str) -> None:
    bench("init", str(folder))
    loaded = load_suite(folder / suite, project=find_project(folder))
    assert loaded.workload.trainer == ("careful_trainer" if suite == "suites/training.yaml" else None)


def test_its_commands_are_there() -> None:
    called = [line.split()[1] for line in commands_of(DOCUMENT) if line.startswith("bench ")]
    assert called == ["init", "plan", "run", "gate"]
    for name in called:
        assert "Usage:" in bench(name, "--help")
    gate = bench("gate", "--help")
    assert "--suite" in gate
    assert "--markdown" in gate
