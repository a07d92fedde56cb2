"""Which of several commits in a row made a metric worse; a pure search over a judge of single commits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.gate.decision import ExitCode, GateVerdict, exit_code
from bench.gate.judgement import GatedMetric, Judgement
from bench.gate.repository import Commit

Judge = Callable[[Commit], ExitCode]
"""Compares a commit with base: 0 still good, 1 already bad, 2 could not be judged."""


@dataclass(frozen=True)
class Step:
    """One commit that was compared with base.

    Attributes:
        commit: it.
        code: what came of it.
    """

    commit: Commit
    code: ExitCode


@dataclass(frozen=True)
class Bisection:
    """What a bisection came to.

    Attributes:
        candidates: the commits that the regression came with, oldest first; more than one only where commits between
            them could not be judged.
        steps: the comparisons that were made, in order.
    """

    candidates: tuple[Commit, ...]
    steps: tuple[Step, ...]

    @property
    def skipped(self) -> tuple[Commit, ...]:
        """The commits that could not be judged."""
        return tuple(step.commit for step in self.steps if step.code is ExitCode.NOT_JUDGED)


def bisect(commits: Sequence[Commit], judge: Judge) -> Bisection:
    """Return the commit that a regression came with.

    Args:
        commits: those after base, oldest first; the last is known to be bad.
        judge: compares one of them with base.
    """
    steps: list[Step] = []
    good, bad = -1, len(commits) - 1
    skipped: set[int] = set()
    while True:
        between = [index for index in range(good + 1, bad) if index not in skipped]
        if not between:
            return Bisection(tuple(commits[good + 1 : bad + 1]), tuple(steps))
        middle = (good + bad) / 2
        index = min(between, key=lambda each: (abs(each - middle), each))
        code = judge(commits[index])
        steps.append(Step(commits[index], code))
        if code is ExitCode.REGRESSION:
            bad = index
        elif code is ExitCode.CLEAN:
            good = index
        else:
            skipped.add(index)


def same_regression(regressed: Judgement, judgement: Judgement) -> ExitCode:
    """Return what ``judgement`` says of the metrics that ``regressed`` found worse, whatever it says of others."""
    worse = {
        (result.judged.combination, result.judged.metric): result
        for result in regressed.results
        if result.judged.verdict is GateVerdict.REGRESSION
    }
    return exit_code(
        _same(worse[key], result)
        for result in judgement.results
        if (key := (result.judged.combination, result.judged.metric)) in worse
    )


def _same(sought: GatedMetric, found: GatedMetric) -> GateVerdict:
    """Return the verdict on one metric: a commit that cannot train is not slow, and one that is slow can train."""
    if sought.head_failed == found.head_failed:
        return found.judged.verdict
    if found.head_failed:
        return GateVerdict.NOT_JUDGED
    return GateVerdict.CLEAN if found.judged.verdict is GateVerdict.REGRESSION else found.judged.verdict
