"""Two commits judged, and the commit that made things worse where that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bench.engines.progress import Progress
from bench.errors import BenchError
from bench.gate.bisect import Bisection, bisect, same_regression
from bench.gate.decision import ExitCode
from bench.gate.repository import Commit
from bench.gate.run import CannotJudgeError, Gate, prepare_gate, run_gate

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
) -> tuple[Gate, Bisection | None]:
    """Compare two commits and, after a regression, bisect between them where ``bisecting``.

    Raises:
        InputError: the suite or a commit cannot be used.
        CannotJudgeError: nothing could be said for a reason that no report tells.
        BenchError: an interrupt stopped it.
    """
    try:
        plan = prepare_gate(file, overrides, results)
        before, after = plan.repository.commit(base, "BASE"), plan.repository.commit(head, "HEAD")
        commits = plan.repository.between(before, after) if bisecting else ()
        if plan.repository.has_changes():
            progress.note("uncommitted changes take no part: commits are compared, with the suite as it is here")
        gate = run_gate(plan, before, after, results, command, progress)
        if not bisecting or gate.judgement.code is not ExitCode.REGRESSION:
            return gate, None

        def judge(commit: Commit) -> ExitCode:
            try:
                judgement = run_gate(plan, before, commit, results, command, progress).judgement
                code = same_regression(gate.judgement, judgement)
            except CannotJudgeError as error:
                progress.note(str(error))
                code = ExitCode.NOT_JUDGED
            progress.note(f"bisecting: {commit}: {SAID[code]}")
            return code

        return gate, bisect(commits, judge)
    except BenchError as error:
        if error.exit_code == ExitCode.REGRESSION:
            raise CannotJudgeError(f"could not judge: {error}") from error
        raise
    except Exception as error:
        # Whatever goes wrong, nobody may read it as a regression, which the exit code of an uncaught error would say.
        raise CannotJudgeError(f"could not judge: {type(error).__name__}: {error}") from error
