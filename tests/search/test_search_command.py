"""The command: what it refuses before anything is created, and one short search by real training."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from runs import lines_of, write_suite

import bench.search.loop
from bench.cli import main
from bench.engines.progress import Silent
from bench.search.loop import ENOUGH
from bench.search.run import prepare_search, run_search

MEASURE = ["epoch", "learning"]
LEARNING = {"images": 16}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the command is called in, with nothing but the suite."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def search(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["search", *map(str, arguments)], catch_exceptions=False)


@pytest.mark.parametrize(
    ("changes", "options", "said"),
    [
        ({"measure": ["epoch", "memory"]}, [], "measure: found epoch, memory; expected learning and epoch"),
        ({"measure": ["memory", "learning"]}, [], "measure: found memory, learning; expected learning and epoch"),
        ({"axes": {"precision": ["fp32"]}}, [], "axes: found nothing but the baseline; expected at least one"),
        ({"axes": {"precison": ["fp32"]}}, [], "axes.precison: found 'precison'; expected an optimization"),
        ({}, ["--budget", "0.1s"], "budget.time: found 0.1 s; expected at least "),
    ],
    ids=["no learning", "no time", "nothing to search", "unknown axis", "too little time"],
)
def test_what_cannot_be_searched_is_one_line_and_creates_nothing(
    changes: dict[str, object], options: list[str], said: str, here: Path
) -> None:
    suite = write_suite(here, **{"measure": MEASURE, "learning": LEARNING, **changes})
    result = search(suite, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.startswith(f"bench: {suite}:") == (not options), "what an option said has no line"
    assert result.stderr.count("\n") == 1
    assert list(here.iterdir()) == [suite]


def test_axes_that_multiply_beyond_looking_through_are_refused(here: Path) -> None:
    """101 widths by 101 depths are 10201 combinations, in a design that by itself is small."""
    factors = [1.0, *(round(1 + 0.01 * step, 2) for step in range(1, 101))]
    suite = write_suite(
        here, measure=MEASURE, learning=LEARNING, axes={"width": factors, "depth": factors}, design="one_at_a_time"
    )
    result = search(suite)
    assert result.exit_code == 2
    assert "axes: found 10201 combinations; expected at most 10000" in result.stderr
    assert list(here.iterdir()) == [suite]


def test_without_optuna_the_extra_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = write_suite(here, measure=MEASURE, learning=LEARNING)
    monkeypatch.setitem(sys.modules, "optuna", None)
    result = search(suite)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "bench: bench search needs the extra search: pip install 'yolo-train-bench[search]'\n"
    assert list(here.iterdir()) == [suite]


def test_what_cannot_run_is_no_part_of_the_space(here: Path) -> None:
    pytest.importorskip("optuna")
    rule = {"when": {"precision": "bf16", "memory_format": "channels_last"}, "reason": "known to crash"}
    suite = write_suite(here, measure=MEASURE, learning=LEARNING, design="one_at_a_time", exclude=[rule])
    space = prepare_search(suite, {}, 12).space
    assert [each.label(space.baseline) for each in space.possible] == ["memory_format=channels_last", "precision=bf16"]


def test_a_search_is_made_of_ordinary_runs(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of three combinations, one in each run."""
    pytest.importorskip("optuna")
    monkeypatch.setattr(bench.search.loop, "GENERATION", 1)
    suite = write_suite(here, measure=MEASURE, learning=LEARNING, budget={"rounds": 1}, launches=1)
    command = "bench search tiny.yaml --combinations 2"
    page, file = run_search(prepare_search(suite, {}, 2), here / "results", 0, command, Silent())

    folder = here / "results" / "tiny"
    runs = sorted(each for each in folder.iterdir() if each.is_dir())
    assert sorted(folder.iterdir()) == sorted([*runs, file])
    assert page.search.stopped == ENOUGH
    assert {each.run for each in page.search.outcomes} == {each.name for each in runs}
    assert len(runs) == 2
    for outcome in page.search.outcomes:
        run = folder / outcome.run
        assert [row["label"] for row in lines_of(run, "row")] == ["baseline", outcome.label]
        assert {line["in_force"] for line in lines_of(run, "evidence")} == {True}
        assert lines_of(run, "run")[0]["command"] == command
        assert outcome.problem == ""
        assert outcome.values is not None
        assert outcome.parameters == page.outcomes[0].parameters
        assert f"[{outcome.run}]({outcome.run}/report.md)" in file.read_text()
        assert (run / "report.md").is_file()
    assert len({each.label for each in page.search.outcomes}) == 2
