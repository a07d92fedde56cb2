"""Two commits judged, and the commit that made things worse where that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from bench.engines.progress import Progress
from bench.errors import BenchError
from bench.gate.bisect import Bisection, Judge, bisect, same_regression
from bench.gate.decision import ExitCode
from bench.gate.judgement import Judgement
from bench.gate.repository import Commit, GitError
from bench.gate.run import Gate, GatePlan, GateStoppedError, prepare_gate, run_gate

SAID = {
    ExitCode.CLEAN: "good",
    ExitCode.REGRESSION: "bad",
    ExitCode.NOT_JUDGED: "skipped, it could not be judged",
}


def judge_commits(
    base: str,
    head: str,
    file: Path,
    overrides: Mapping[str, str],
    results: Path,
    command: str,
    progress: Progress,
    bisecting: bool,
    judged: Callable[[Gate], None],
) -> tuple[Gate, Bisection | None]:
    """Compare two commits and, after a regression, bisect between them where ``bisecting``.

    Where no commits lie between them the report says so, and nothing is bisected.

    ``judged`` is told the comparison before the bisection begins, which takes long and may be stopped.

    Raises:
        InputError: the suite or a commit cannot be used.
        CannotJudgeError: nothing could be said for a reason that no report tells.
        GateStoppedError: an interrupt stopped it.
        BenchError: the data cannot be had.
    """
    plan = prepare_gate(file, overrides, results)
    before, after = plan.repository.commit(base, "BASE"), plan.repository.commit(head, "HEAD")
    commits: tuple[Commit, ...] = ()
    if bisecting:
        try:
            commits = plan.repository.between(before, after)
        except GitError as error:
            remark = f"nothing is bisected: {error}"
            progress.note(remark)
            plan = _remarking(plan, remark)
    if plan.repository.has_changes():
        progress.note("uncommitted changes take no part: commits are compared, with the suite as it is here")
    gate = run_gate(plan, before, after, results, command, progress)
    judged(gate)
    if not commits or gate.judgement.code is not ExitCode.REGRESSION:
        return gate, None

    def compare(commit: Commit) -> Judgement:
        return run_gate(plan, before, commit, results, command, progress).judgement

    return gate, bisect(commits, judge_of_steps(gate.judgement, compare, progress))


def _remarking(plan: GatePlan, remark: str) -> GatePlan:
    """Return a gate whose report says one thing more."""
    return replace(plan, gated=replace(plan.gated, remarks=(*plan.gated.remarks, remark)))


def judge_of_steps(regressed: Judgement, compare: Callable[[Commit], Judgement], progress: Progress) -> Judge:
    """Return a judge of single commits for which whatever goes wrong with one is nothing against the others.

    Args:
        regressed: the judgement whose regression is searched for.
        compare: compares a commit with base.
        progress: is told what was said of each commit, and why nothing could be.
    """

    def judge(commit: Commit) -> ExitCode:
        try:
            code = same_regression(regressed, compare(commit))
        except GateStoppedError:
            raise
        except Exception as error:
            said = str(error) if isinstance(error, BenchError) else f"{type(error).__name__}: {error}"
            progress.note(f"bisecting: {commit}: {said}")
            code = ExitCode.NOT_JUDGED
        progress.note(f"bisecting: {commit}: {SAID[code]}")
        return code

    return judge
