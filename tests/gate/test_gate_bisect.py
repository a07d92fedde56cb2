"""The search for the commit that a regression came with."""

from __future__ import annotations

import pytest

from bench.gate.bisect import bisect
from bench.gate.decision import ExitCode
from bench.gate.repository import Commit

COMMITS = tuple(Commit(f"{number:040d}", f"Number {number}") for number in range(8))


def judged(first_bad: int, unknown: set[int], asked: list[int]) -> object:
    def judge(commit: Commit) -> ExitCode:
        number = int(commit.hash)
        asked.append(number)
        if number in unknown:
            return ExitCode.NOT_JUDGED
        return ExitCode.REGRESSION if number >= first_bad else ExitCode.CLEAN

    return judge


@pytest.mark.parametrize("first_bad", range(8))
def test_any_commit_is_found_in_three_steps_of_eight(first_bad: int) -> None:
    asked: list[int] = []
    found = bisect(COMMITS, judged(first_bad, set(), asked))  # type: ignore[arg-type]
    assert found.candidates == (COMMITS[first_bad],)
    assert len(asked) <= 3
    assert 7 not in asked  # head is known to be bad


def test_a_single_commit_needs_no_step() -> None:
    asked: list[int] = []
    assert bisect(COMMITS[:1], judged(0, set(), asked)).candidates == COMMITS[:1]  # type: ignore[arg-type]
    assert asked == []


def test_a_commit_that_cannot_be_judged_is_gone_around() -> None:
    asked: list[int] = []
    found = bisect(COMMITS, judged(6, {3}, asked))  # type: ignore[arg-type]
    assert found.candidates == (COMMITS[6],)
    assert found.skipped == (COMMITS[3],)


def test_commits_that_cannot_be_judged_before_the_first_bad_one_stay_candidates() -> None:
    found = bisect(COMMITS, judged(5, {3, 4}, []))  # type: ignore[arg-type]
    assert found.candidates == COMMITS[3:6]
    assert set(found.skipped) == {COMMITS[3], COMMITS[4]}
