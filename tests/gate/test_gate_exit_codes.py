"""What goes wrong around a judgement is never read as a regression, and never hides one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from journals import SUITE, burst, end, head, row

import bench.gate.judged
from bench.cli import main
from bench.engines.progress import Silent
from bench.environment import Environment
from bench.gate.decision import ExitCode
from bench.gate.gated import Gated
from bench.gate.judged import judge_commits, judge_of_steps
from bench.gate.judgement import Judgement, judge
from bench.gate.repository import Commit, GitError
from bench.gate.run import CannotJudgeError, Gate, GateStoppedError
from bench.journal.records import CommitRecord, GatedRecord, GateRecord
from bench.suite.model import Gate as Settings

GATE = Settings(metrics=("epoch.seconds",))
COMMIT = Commit("1" * 40, "Change all")


def judgement(ratio: float, folder: Path) -> Judgement:
    """Ten launches of two rounds in which head takes so many times what base takes."""
    sides = CommitRecord(commit="1" * 40, subject="Before"), CommitRecord(commit="2" * 40, subject="After")
    gated = GatedRecord(label="baseline", base="base", head="head")
    first = head(SUITE.model_copy(update={"gate": GATE})).model_copy(
        update={"environment": Environment.collect("cpu", 1, folder).to_json()}
    )
    made = [
        burst(name, launch, number, seconds * (1 + 0.0001 * (launch % 2)))
        for launch in range(10)
        for number in range(2)
        for name, seconds in (("base", 1.0), ("head", ratio))
    ]
    rows = (row("base"), row("head"))
    return judge([first, *rows, GateRecord(base=sides[0], head=sides[1], gated=(gated,)), *made, end()])


class Notes(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.mark.parametrize("error", [GitError("git worktree: no space"), CannotJudgeError("no"), ZeroDivisionError("0")])
def test_whatever_goes_wrong_with_one_step_of_a_bisection_skips_its_commit(error: Exception, tmp_path: Path) -> None:
    def compare(commit: Commit) -> Judgement:
        raise error

    progress = Notes()
    assert judge_of_steps(judgement(1.5, tmp_path), compare, progress)(COMMIT) is ExitCode.NOT_JUDGED
    assert str(COMMIT) in progress.notes[0]
    assert str(error) in progress.notes[0]


def test_an_interrupt_stops_the_whole_bisection(tmp_path: Path) -> None:
    def compare(commit: Commit) -> Judgement:
        raise GateStoppedError(tmp_path)

    with pytest.raises(GateStoppedError):
        judge_of_steps(judgement(1.5, tmp_path), compare, Silent())(COMMIT)


def gate(monkeypatch: pytest.MonkeyPatch, folder: Path, ratio: float, markdown: Path, bisecting: object) -> int:
    """The exit code of the command whose comparison is made up, and whose bisection is ``bisecting``."""

    class Repository:
        def commit(self, name: str, field: str) -> Commit:
            return COMMIT

        def between(self, base: Commit, head: Commit) -> tuple[Commit, ...]:
            return (COMMIT,)

        def has_changes(self) -> bool:
            return False

    class Plan:
        repository = Repository()

    monkeypatch.setattr(bench.gate.judged, "prepare_gate", lambda *_: Plan())
    monkeypatch.setattr(bench.gate.judged, "run_gate", lambda *_: Gate(folder, judgement(ratio, folder)))
    monkeypatch.setattr(bench.gate.judged, "bisect", bisecting)
    arguments = ["gate", "a", "b", "--suite", "tiny.yaml", "--bisect", "--json", "--markdown", str(markdown)]
    return CliRunner().invoke(main, arguments).exit_code


def test_the_report_is_written_before_the_bisection(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    markdown = tmp_path / "gate.md"

    def stopped(*_: object) -> None:
        assert markdown.read_text().startswith("## Regression: handmade")
        raise KeyboardInterrupt

    assert gate(monkeypatch, tmp_path, 1.5, markdown, stopped) == 130
    assert markdown.exists()


@pytest.mark.parametrize(("ratio", "code"), [(1.0, 0), (1.5, 2)])
def test_a_report_that_cannot_be_written_at_the_end_is_no_regression(
    ratio: float, code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    markdown = tmp_path / "gate.md"

    def in_the_way(*_: object) -> None:
        markdown.unlink()
        markdown.mkdir()

    assert gate(monkeypatch, tmp_path, ratio, markdown, in_the_way) == code


def test_a_place_where_nothing_can_be_written_is_refused_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    assert gate(monkeypatch, tmp_path, 1.5, tmp_path / "no" / "gate.md", never) == 2
    assert gate(monkeypatch, tmp_path, 1.5, tmp_path, never) == 2


def test_where_no_commits_lie_between_the_gate_measures_and_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Repository:
        def commit(self, name: str, field: str) -> Commit:
            return COMMIT

        def between(self, base: Commit, head: Commit) -> tuple[Commit, ...]:
            raise GitError("head does not come after base")

        def has_changes(self) -> bool:
            return False

    @dataclass(frozen=True)
    class Plan:
        repository: Repository
        gated: Gated

    def measured(plan: Plan, *_: object) -> Gate:
        remarks.append(plan.gated.remarks)
        return Gate(tmp_path, judgement(1.5, tmp_path))

    remarks: list[tuple[str, ...]] = []
    monkeypatch.setattr(bench.gate.judged, "prepare_gate", lambda *_: Plan(Repository(), Gated((), ("no best",))))
    monkeypatch.setattr(bench.gate.judged, "run_gate", measured)
    progress = Notes()
    found, bisection = judge_commits(
        "a", "b", tmp_path / "tiny.yaml", {}, tmp_path, "bench gate a b", progress, True, lambda _: None
    )
    assert (found.judgement.code, bisection) == (ExitCode.REGRESSION, None)
    said = "nothing is bisected: head does not come after base"
    assert remarks == [("no best", said)]
    assert progress.notes == [said]
