"""What a search found, as people and as programs read it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from tabulate import tabulate

from bench.analysis.result import Analysis, Ratio
from bench.environment import Environment
from bench.reports.escape import escaped, fenced
from bench.reports.learning_tables import deciding_loss
from bench.reports.metrics import metric_name
from bench.reports.numbers import NOT_AVAILABLE, percentage_text, ratio_text
from bench.reports.tables import WARNING_MARK
from bench.reports.write import MARKDOWN_NAME
from bench.search.front import Point, Standing, standings
from bench.search.loop import Search
from bench.search.outcome import Outcome, baseline_outcome
from bench.suite.describe import workload_text

IS_OPEN = (Standing.ON_UNDECIDED, Standing.BEHIND_UNDECIDED)


@dataclass(frozen=True)
class Page:
    """A search and what it was of.

    Attributes:
        head: of the first run, which says where all of them ran, and how.
        time: the metric of time, such as ``epoch.seconds``.
        possible: combinations that can run, the baseline left out.
        seed: of the proposals.
        search: how far it has come.
    """

    head: Analysis
    time: str
    possible: int
    seed: int
    search: Search

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The baseline's, and that of every combination in the order of the runs."""
        return (baseline_outcome(self.head), *self.search.outcomes)

    @property
    def standings(self) -> dict[str, Standing]:
        """Label to where the combination stands to the front; without those that have a problem."""
        return standings(
            {
                each.label: Point(each.time, each.loss)
                for each in self.outcomes
                if each.time is not None and each.loss is not None
            }
        )


def search_markdown(page: Page) -> str:
    """Return a search as a Markdown page, for the folder that its runs lie in.

    Raises:
        InputError: the first run's record of its environment is not one.
    """
    parts = [
        f"# {escaped(page.head.suite.name)}: a search",
        escaped(_extent(page)),
        escaped(front_sentence(page.standings)),
        _circumstances(page),
        _how_to_read(page),
        _table(page),
    ]
    return "\n\n".join(parts) + "\n"


def search_json(page: Page) -> dict[str, Any]:
    """Return a search as plain JSON values; ratios have no unit, and ``null`` is "not available"."""
    head, standing = page.head, page.standings
    return {
        "suite": head.suite.name,
        "command": head.run.command,
        "seed": page.seed,
        "environment": head.run.environment,
        "time_metric": page.time,
        "loss_metric": deciding_loss(head),
        "learning_images": head.suite.learning.images,
        "confidence": head.confidence,
        "possible": page.possible,
        "stopped": page.search.stopped or None,
        "combinations": [_outcome_json(each, standing.get(each.label)) for each in page.outcomes],
    }


def front_sentence(standing: dict[str, Standing]) -> str:
    """Return what is on the front, and for what that is undecided."""
    front = [name for name, where in standing.items() if where in (Standing.ON, Standing.ON_UNDECIDED)]
    undecided = [name for name, where in standing.items() if where in IS_OPEN]
    doubt = (
        f"Intervals overlap, so that it is undecided whether these are on it: {'; '.join(undecided)}."
        if undecided
        else "No interval leaves a doubt about that."
    )
    return f"On the front by their estimates: {'; '.join(front)}. {doubt}"


def _extent(page: Page) -> str:
    """Say how much was measured, and why it is not more."""
    count, runs = len(page.search.outcomes), len({each.run for each in page.search.outcomes})
    times = "1 run" if runs == 1 else f"{runs} runs"
    over = page.search.stopped or "it has not come to its end"
    return f"{count} of {page.possible} combinations were run beside the baseline, in {times}: {over}."


def _circumstances(page: Page) -> str:
    run = page.head.run
    return (
        f"- Environment of the first run: {escaped(Environment.from_json(run.environment).describe())}\n"
        f"- Workload: {escaped(workload_text(page.head.suite.workload))}\n"
        f"- Proposed by Optuna's multi-objective TPE, seed {page.seed}\n\n"
        f"{fenced(run.command)}"
    )


def _how_to_read(page: Page) -> str:
    loss = metric_name(deciding_loss(page.head))
    return (
        f"A ratio is the combination's {metric_name(page.time)} or {loss} over the baseline's of the same run, below 1 "
        f"where it takes less, with its {percentage_text(page.head.confidence)} interval, not adjusted for the number "
        f"of combinations; [{NOT_AVAILABLE}] means that there are too few launches for one. On the front is what no "
        "other is at least as good as in both ratios and better than in one, by the estimates. That is undecided where "
        "the ends of the intervals would say otherwise. What a search picks looks better than it is, by chance: run "
        "the front again, as an explicit design with more launches, before relying on it."
    )


def _table(page: Page) -> str:
    interval, loss = f"[{percentage_text(page.head.confidence)} interval]", metric_name(deciding_loss(page.head))
    headings = (
        "combination",
        f"{metric_name(page.time)} ratio {interval}",
        f"{loss} after {page.head.suite.learning.images} images, ratio {interval}",
        "parameters",
        "front",
        "run",
        "remark",
    )
    standing = page.standings
    rows = [_cells(each, standing.get(each.label)) for each in page.outcomes]
    return tabulate(rows, headings, tablefmt="github", disable_numparse=True)


def _cells(outcome: Outcome, standing: Standing | None) -> tuple[str, ...]:
    flag = "" if outcome.flag is None else f"{WARNING_MARK} {outcome.flag}"
    remark = "; ".join(each for each in (flag, outcome.remark) if each)
    return (
        escaped(outcome.label),
        _ratio_cell(outcome, outcome.time),
        _ratio_cell(outcome, outcome.loss),
        NOT_AVAILABLE if outcome.parameters is None else f"{outcome.parameters:,}",
        NOT_AVAILABLE if standing is None else standing.value,
        f"[{outcome.run}]({outcome.run}/{MARKDOWN_NAME})" if outcome.run else "all",
        escaped(outcome.problem or remark),
    )


def _ratio_cell(outcome: Outcome, ratio: Ratio | None) -> str:
    """Return a ratio with its interval; the baseline's is 1 by definition."""
    return ratio_text(ratio) if outcome.run else "1"


def _outcome_json(outcome: Outcome, standing: Standing | None) -> dict[str, Any]:
    return {
        "label": outcome.label,
        "levels": outcome.combination.levels,
        "run": outcome.run or None,
        "time_ratio": None if outcome.time is None else dataclasses.asdict(outcome.time),
        "loss_ratio": None if outcome.loss is None else dataclasses.asdict(outcome.loss),
        "parameters": outcome.parameters,
        "front": None if standing is None else standing.value,
        "flag": None if outcome.flag is None else outcome.flag.value,
        "problem": outcome.problem or None,
        "remark": outcome.remark or None,
    }
