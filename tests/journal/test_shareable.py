"""Reports that people commit do not show where their home is."""

from __future__ import annotations

from pathlib import Path

import pytest
from journals import SUITE, burst, head, row

from bench.analysis.analyse import analyse
from bench.analysis.workload import workload_digest
from bench.journal.records import AnyRecord, FailureRecord, RunRecord
from bench.journal.shareable import shareable
from bench.suite.model import UserData
from bench.trials.outcome import Failure

HOME, FOLDER = "/home/ann", "/home/ann/trees/suites"


def journal(command: str = "bench run", data: str = "/data.yaml") -> list[AnyRecord]:
    workload = SUITE.workload.model_copy(update={"data": UserData(path=Path(data))})
    first = head(SUITE.model_copy(update={"workload": workload}))
    named = first.model_copy(update={"command": command, "suite_folder": FOLDER, "home": HOME})
    return [named, row("base"), row("a"), burst("base", 0, 0, 1.0)]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("/home/ann/trees/suites/data/trees.yaml", "data/trees.yaml"),
        ("/home/ann/trees/other/trees.yaml", "~/trees/other/trees.yaml"),
        ("/home/anna/trees.yaml", "/home/anna/trees.yaml"),
        ("/mnt/home/ann/trees.yaml", "/mnt/home/ann/trees.yaml"),
        ("/home/ann/trees/suites.old/trees.yaml", "~/trees/suites.old/trees.yaml"),
        ("/data/trees.yaml", "/data/trees.yaml"),
    ],
)
def test_paths_are_shown_from_the_suite_or_from_home(written: str, shown: str) -> None:
    analysis = analyse(shareable(journal(data=written)))
    assert isinstance(analysis.suite.workload.data, UserData)
    assert str(analysis.suite.workload.data.path) == shown


def test_commands_and_failures_are_shortened_and_figures_are_not() -> None:
    failure = FailureRecord(
        launch=0,
        block=0,
        combination="a",
        failure=Failure.EXCEPTION,
        message="no /home/ann/x.pt",
        detail='File "/home/ann/.venv/torch.py", line 1\nin /home/ann/trees/suites',
    )
    records = [*journal("bench run '/home/ann/trees/suites/mine.yaml' --out=/home/ann/out"), failure]
    first, *others = shareable(records)
    assert isinstance(first, RunRecord)
    assert first.command == "bench run 'mine.yaml' --out=~/out"
    assert others[-1] == failure.model_copy(
        update={"message": "no ~/x.pt", "detail": 'File "~/.venv/torch.py", line 1\nin .'}
    )
    assert others[:-1] == records[1:-1]


def test_journals_that_name_no_folders_stay_as_they_are() -> None:
    records: list[AnyRecord] = [head(), row("base")]
    assert shareable(records) == tuple(records)
    root = head().model_copy(update={"home": "/", "command": "bench run /a.yaml"})
    assert shareable([root]) == (root,)


def test_a_workload_is_the_same_however_its_paths_are_shown() -> None:
    first, other = (journal(data=f"{FOLDER}/{name}.yaml")[0] for name in ("mine", "other"))
    (shown,) = shareable([first])
    assert isinstance(first, RunRecord)
    assert isinstance(shown, RunRecord)
    assert isinstance(other, RunRecord)
    assert workload_digest(first) == workload_digest(shown) != workload_digest(other)
