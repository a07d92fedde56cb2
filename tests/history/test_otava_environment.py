"""Otava's environment where it cannot be made, and what runs in a group of its own."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from processes import group

from bench.engines.progress import Silent
from bench.history.otava_environment import (
    OtavaUnavailableError,
    environment_folder,
    failure_line,
    otava_python,
    requirements,
)
from bench.history.own_group import TimedOutError, run_in_own_group


def test_without_an_index_one_line_says_what_to_do_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(OtavaUnavailableError, match=r"apache-otava==0\.8\.0") as caught:
        otava_python(Silent())
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    assert "set PIP_INDEX_URL, and run the command again" in str(caught.value)
    assert [path.name for path in (tmp_path / "cache" / "otava").iterdir() if path.suffix != ".lock"] == []


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "file"))
    with pytest.raises(OtavaUnavailableError, match="set BENCH_CACHE to a folder that can be written"):
        otava_python(Silent())


def test_the_environment_is_made_once(otava: Path) -> None:
    made = otava.stat().st_ctime_ns
    assert otava_python(Silent()) == otava
    assert otava.stat().st_ctime_ns == made


def test_other_requirements_and_another_python_have_a_folder_of_their_own() -> None:
    folders = {
        environment_folder(Path("cache"), requirements, python)
        for requirements in (b"numpy==2.2.0", b"numpy==2.2.1")
        for python in ("3.11.7", "3.12.1")
    }
    assert len(folders) == 4
    assert all(folder.parent == Path("cache/otava") for folder in folders)


def test_every_requirement_is_pinned() -> None:
    assert "apache-otava==0.8.0" in requirements()
    assert all("==" in line for line in requirements())


def test_the_first_of_pips_errors_says_most() -> None:
    output = "Looking\nERROR: Could not find numpy (from versions: none)\nERROR: No matching distribution\nbye\n"
    assert failure_line(output) == "ERROR: Could not find numpy (from versions: none)"
    assert failure_line("Traceback\n  File\nOSError: disk full\n") == "OSError: disk full"
    assert failure_line("") == "no output"


def test_a_command_reads_its_input_and_is_ended_with_its_children_when_late(tmp_path: Path) -> None:
    done = run_in_own_group([sys.executable, "-c", "print(input()[::-1])"], "abc\n", 60.0)
    assert (done.returncode, done.stdout) == (0, "cba\n")
    told = tmp_path / "group"
    late = (
        "import os, pathlib, subprocess, sys, time;"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        f"pathlib.Path({str(told)!r}).write_text(str(os.getpgid(0)));"
        "time.sleep(600)"
    )
    with pytest.raises(TimedOutError, match="took more than 5 s"):
        run_in_own_group([sys.executable, "-c", late], "", 5.0)
    number = int(told.read_text())
    patience = time.monotonic() + 60.0
    while group(number) and time.monotonic() < patience:
        time.sleep(0.05)
    assert group(number) == set()
