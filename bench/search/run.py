"""A search from its suite to its page: it proposes, and ordinary runs measure."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bench.analysis.result import Analysis
from bench.engines.progress import Progress
from bench.errors import InputError
from bench.project import Project, find_project
from bench.reports.write import write_whole
from bench.run import prepare_suite, report, start
from bench.schedule.duration import least_seconds
from bench.schedule.plan import Plan, check_comparison
from bench.search.loop import GENERATION, generations, searched
from bench.search.outcome import Outcome, outcomes_of, time_metric
from bench.search.proposals import Proposer, check_optuna
from bench.search.space import Space
from bench.search.table import Page, search_markdown
from bench.suite.checks import MAX_COMBINATIONS
from bench.suite.combination import Combination
from bench.suite.design import Row
from bench.suite.load import load_suite
from bench.suite.model import Budget, Suite
from bench.suite.place import placed


@dataclass(frozen=True)
class PreparedSearch:
    """A suite that has been read for a search; nothing is created yet.

    Attributes:
        file: the suite's YAML file.
        suite: the resolved suite; its design is left aside.
        project: the user's own code that it may train with.
        time: the metric that is made small beside the loss.
        space: what is searched.
        combinations: how many are run at most, beside the baseline.
        least_seconds: what any generation needs at least, guessed.
    """

    file: Path
    suite: Suite
    project: Project | None
    time: str
    space: Space
    combinations: int
    least_seconds: float


def prepare_search(file: Path, overrides: Mapping[str, str], combinations: int) -> PreparedSearch:
    """Read a suite and see what can be searched here.

    Args:
        file: the suite's YAML file.
        overrides: see ``load_suite``.
        combinations: how many are run at most, beside the baseline.

    Raises:
        SearchUnavailableError: Optuna is not installed.
        InputError: the suite cannot be used, does not measure both aims, has too many combinations, or has a budget
            that they do not fit in.
    """
    check_optuna()
    project = find_project(file.parent)
    suite = load_suite(file, overrides, project=project)
    try:
        time = _aim(suite)
        _check_size(suite)
        # By rounds, since the budget is not to hold all that might be proposed.
        whole = suite.model_copy(update={"design": "full", "budget": Budget(time=None, rounds=1)})
        plan = prepare_suite(file, whole, project).plan
        check_comparison(whole, plan)
        space = Space.of(plan.running)
        least = _least_seconds(suite, plan, space)
        _check_budget(suite, min(combinations, len(space.possible)), least)
    except InputError as error:
        raise placed(error, file, overrides) from None
    return PreparedSearch(file, suite, project, time, space, combinations, least)


def run_search(
    prepared: PreparedSearch, results: Path, seed: int, command: str, progress: Progress
) -> tuple[Page, Path]:
    """Search, and write the page anew after every generation.

    Args:
        prepared: what is searched.
        results: the folder of all results; the page lies beside the runs, in ``results/<suite>``.
        seed: of the proposals.
        command: the command as typed, for the reports.
        progress: somebody who watches.

    Returns:
        What was found, and the page's file.

    Raises:
        InputError: pictures are missing, the user's code cannot be used, or ``results`` cannot be written to.
        BenchError: the data cannot be had, or the baseline failed.
        StoppedError: an interrupt stopped a run; the page has those before it.
    """
    suite, space = prepared.suite, prepared.space
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}-search.md"
    file = results / suite.name / name
    analyses: list[Analysis] = []

    def measure(chosen: Sequence[Combination], seconds: float | None) -> tuple[Outcome, ...]:
        progress.note(f"run {len(analyses) + 1}: {'; '.join(each.label(space.baseline) for each in chosen)}")
        budget = suite.budget if seconds is None else Budget(time=seconds, rounds=None)
        design = tuple(each.levels for each in chosen)
        generation = suite.model_copy(update={"design": design, "budget": budget})
        folder = start(prepare_suite(prepared.file, generation, prepared.project), results, command, progress)
        analyses.append(report(folder))
        return outcomes_of(analyses[-1], folder.name, prepared.time)

    pages = (
        Page(analyses[0], prepared.time, len(space.possible), seed, search)
        for search in searched(
            space, prepared.combinations, Proposer(space, seed), measure, suite.budget.time, prepared.least_seconds
        )
    )
    for page in pages:
        write_whole(file, search_markdown(page))
    return page, file


def _aim(suite: Suite) -> str:
    """Return the metric of time that is made small, if the suite measures both aims."""
    time = time_metric(suite)
    if time is None or "learning" not in suite.measure:
        expected = "learning and epoch (or forward_backward) among them: a search makes loss and time small"
        raise InputError("measure", ", ".join(suite.measure), expected)
    return time


def _check_size(suite: Suite) -> None:
    """Refuse axes that multiply beyond what can be looked through."""
    size = math.prod(len(levels) for levels in suite.axes.values())
    if size > MAX_COMBINATIONS:
        raise InputError("axes", f"{size} combinations", f"at most {MAX_COMBINATIONS}")


def _least_seconds(suite: Suite, plan: Plan, space: Space) -> float:
    """Return what a generation of the neediest combinations needs at least, in blocks that hold any of them."""

    def least(combinations: Sequence[Combination]) -> float:
        rows = tuple(Row(each, None) for each in (space.baseline, *combinations))
        return least_seconds(suite, replace(plan, rows=rows))

    return least(sorted(space.possible, key=lambda each: least([each]))[-GENERATION:])


def _check_budget(suite: Suite, combinations: int, least: float) -> None:
    """Refuse a budget whose first share does not hold a generation."""
    runs = generations(combinations)
    if suite.budget.time is not None and suite.budget.time / runs < least:
        raise InputError(
            field="budget.time",
            found=f"{suite.budget.time:g} s",
            expected=f"at least {math.ceil(least * runs)} s, for {combinations} combinations, {GENERATION} in a run",
        )
