"""The page of a search."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from search_cases import failed, run_records

from bench.analysis.analyse import analyse
from bench.analysis.deciding import EPOCH
from bench.analysis.result import Analysis, LearningFlag, Ratio
from bench.environment import Environment
from bench.reports.numbers import NOT_AVAILABLE
from bench.search.front import Standing
from bench.search.loop import ENOUGH, Search
from bench.search.outcome import Outcome
from bench.search.table import Page, front_sentence, search_json, search_markdown
from bench.suite.combination import Combination

NARROW = Outcome(
    Combination.of({"width": 0.5}),
    "width=0.5",
    "20260102T030405Z-aaaaaa",
    Ratio(0.82, 0.79, 0.85, rounds=12, launches=2),
    Ratio(1.10, 1.05, 1.15, rounds=2, launches=2),
    1234,
)
WIDE = Outcome(
    Combination.of({"width": 2.0}),
    "width=2.0",
    "20260102T030405Z-aaaaaa",
    Ratio(1.4, None, None, rounds=2, launches=1),
    Ratio(4.0, None, None, rounds=1, launches=1),
    9876543,
    LearningFlag.DIVERGES,
)
FAILED = failed(Combination.of({"width": 4.0}), "20260102T030410Z-bbbbbb")


@pytest.fixture
def head(tmp_path: Path) -> Analysis:
    """The first run of a search, here."""
    first, *rest = run_records({"fast": (0.5, 1.2)})
    return analyse([first.model_copy(update={"environment": Environment.collect("cpu", 1, tmp_path).to_json()}), *rest])


def page_of(head: Analysis, *outcomes: Outcome, stopped: str = ENOUGH) -> Page:
    return Page(head, EPOCH, 15, 7, Search(outcomes, stopped))


def table_of(markdown: str) -> list[list[str]]:
    """The cells of a page's one table, the line below the headings left out."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    return [cells[0], *cells[2:]]


def test_all_that_was_measured_is_in_the_table(head: Analysis) -> None:
    """Narrow is faster and learns less, clear of 1 in both; wide has no intervals, and its estimates are behind."""
    first, second = NARROW.run, FAILED.run
    assert table_of(search_markdown(page_of(head, NARROW, WIDE, FAILED))) == [
        [
            "combination",
            "epoch time ratio [95 % interval]",
            "validation loss after 100 images, ratio [95 % interval]",
            "parameters",
            "front",
            "run",
            "remark",
        ],
        ["base", "1", "1", NOT_AVAILABLE, "on, undecided", "all", ""],
        [
            "width=0.5",
            "0.82 [0.79, 0.85]",
            "1.10 [1.05, 1.15]",
            "1,234",
            "on, undecided",
            f"[{first}]({first}/report.md)",
            "",
        ],
        [
            "width=2.0",
            f"1.4 [{NOT_AVAILABLE}]",
            f"4.0 [{NOT_AVAILABLE}]",
            "9,876,543",
            "behind, undecided",
            f"[{first}]({first}/report.md)",
            "⚠ diverges",
        ],
        [
            "{'width': 4.0}",
            NOT_AVAILABLE,
            NOT_AVAILABLE,
            NOT_AVAILABLE,
            NOT_AVAILABLE,
            f"[{second}]({second}/report.md)",
            "failed: crashed: killed by SIGSEGV",
        ],
    ]


def test_a_page_says_how_much_was_measured_and_how(head: Analysis) -> None:
    markdown = search_markdown(page_of(head, NARROW, WIDE, FAILED))
    assert markdown.startswith("# handmade: a search\n")
    expected = "3 of 15 combinations were run beside the baseline, in 2 runs: as many were measured as were asked for."
    assert expected in markdown
    assert "multi-objective TPE, seed 7\n" in markdown
    assert "bench run handmade.yaml" in markdown
    assert "; device cpu, 1 thread; " in markdown


def test_a_page_of_a_search_that_goes_on_says_so(head: Analysis) -> None:
    assert "in 1 run: it has not come to its end." in search_markdown(page_of(head, NARROW, stopped=""))


def test_markup_in_a_label_stays_text(head: Analysis) -> None:
    odd = Outcome(Combination.of({"a": "x|*y*"}), "a=x|*y*", "run", NARROW.time, NARROW.loss, remark="said b|c")
    markdown = search_markdown(page_of(head, odd))
    assert r"a=x\|\*y\*" in markdown
    assert r"said b\|c" in markdown


def test_the_front_in_words() -> None:
    open_front = {
        "baseline": Standing.ON,
        "width=0.5": Standing.ON_UNDECIDED,
        "width=2": Standing.BEHIND_UNDECIDED,
        "width=4": Standing.BEHIND,
    }
    assert front_sentence(open_front) == (
        "On the front by their estimates: baseline; width=0.5. "
        "Intervals overlap, so that it is undecided whether these are on it: width=0.5; width=2."
    )
    assert front_sentence({"baseline": Standing.ON, "width=4": Standing.BEHIND}) == (
        "On the front by their estimates: baseline. No interval leaves a doubt about that."
    )


def test_programs_read_the_same(head: Analysis) -> None:
    found = json.loads(json.dumps(search_json(page_of(head, NARROW, WIDE, FAILED))))
    assert (found["suite"], found["seed"], found["possible"], found["stopped"]) == ("handmade", 7, 15, ENOUGH)
    assert (found["time_metric"], found["loss_metric"]) == ("epoch.seconds", "learning.validation_loss")
    base, narrow, wide, broken = found["combinations"]
    assert (base["run"], base["time_ratio"]["value"], base["front"]) == (None, 1.0, "on, undecided")
    assert narrow["levels"] == {"width": 0.5}
    assert narrow["run"] == "20260102T030405Z-aaaaaa"
    assert (narrow["time_ratio"]["low"], narrow["loss_ratio"]["high"], narrow["parameters"]) == (0.79, 1.15, 1234)
    assert (wide["time_ratio"]["low"], wide["flag"], wide["front"]) == (None, "diverges", "behind, undecided")
    assert (broken["time_ratio"], broken["front"]) == (None, None)
    assert broken["problem"] == "failed: crashed: killed by SIGSEGV"
    assert search_json(page_of(head, NARROW, stopped=""))["stopped"] is None
