"""Functions run where trials run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from bench.errors import BenchError, InputError
from bench.trials.errand import run_errand
from bench.trials.server import trial_context


def note_modules(path: Path) -> None:
    path.write_text(f"{os.getpid()} {'torch' in sys.modules} {'ultralytics' in sys.modules}")


def refuse(path: Path) -> None:
    raise InputError(field="train", found="nothing", expected="pictures", nearest="val", file=path, line=3)


def die(path: Path) -> None:
    os._exit(3)


def test_an_errand_has_the_imports_of_trials_in_a_process_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "note"
    run_errand(trial_context("cpu"), note_modules, file)
    number, torch, ultralytics = file.read_text().split()
    assert int(number) != os.getpid()
    assert (torch, ultralytics) == ("True", "True")


def test_what_an_errand_raises_comes_back_whole(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        run_errand(trial_context("cpu"), refuse, tmp_path)
    assert str(caught.value) == f"{tmp_path}:3: train: found nothing; expected pictures; did you mean 'val'?"


def test_an_errand_that_dies_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=f"a process that was to look at {tmp_path} died"):
        run_errand(trial_context("cpu"), die, tmp_path)
