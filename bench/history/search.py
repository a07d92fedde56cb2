"""A branch's history searched for changes, from asv's results to what each change is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.engines.progress import Progress
from bench.errors import InputError
from bench.history.asv_results import read_asv_history
from bench.history.change_points import find_change_points
from bench.history.changes import Change, Kind, changes_of
from bench.history.commits import Commit, commit_hash, commits_of, is_shallow
from bench.history.lines import Filters, Line, Name, in_order, wanted

LEAST_POINTS = 4
"""Two levels of two points each; of fewer no test can tell a level from its noise."""


@dataclass(frozen=True)
class Findings:
    """What the search of a history found.

    Attributes:
        branch: the branch, or whatever revision was asked for.
        commits: how many commits it has along first parents.
        measured: how many of them have at least one figure that was searched.
        searched: the series that were searched.
        too_short: how many series have fewer than ``LEAST_POINTS`` points.
        margin: changes by less than this share were taken for none.
        changes: what was found, the first commit first.
        notes: what could not be read or is left out.
    """

    branch: str
    commits: int
    measured: int
    searched: tuple[Name, ...]
    too_short: int
    margin: float
    changes: tuple[Change, ...]
    notes: tuple[str, ...]

    @property
    def standing_regressions(self) -> tuple[Change, ...]:
        """The regressions that no later commit has undone."""
        return tuple(change for change in self.changes if change.kind is Kind.REGRESSION and change.stands)


def search_history(
    configuration: Path, branch: str | None, since: str | None, filters: Filters, margin: float, progress: Progress
) -> Findings:
    """Search asv's results along the first parents of a branch.

    Args:
        configuration: asv's, usually ``asv.conf.json``.
        branch: the branch; None for the first one that asv is configured for.
        since: a revision on the branch; only changes after it are told, though all commits are searched.
        filters: which lines to search.
        margin: changes by less than this share of a level are none.
        progress: told what is going on.

    Raises:
        InputError: there is nothing to search, or an argument names what is not there.
        OtavaUnavailableError: Apache Otava cannot be installed, or failed.
    """
    history = read_asv_history(configuration)
    chosen = branch or history.branch
    commits = commits_of(history.repository, chosen)
    first = 0 if since is None else _place(history.repository, since, commits, chosen) + 1
    lines = wanted(history.lines, filters)
    notes = [*history.notes, *_strangers(lines, commits, chosen, history.repository)]
    series = [in_order(line, commits) for line in lines]
    searched = [each for each in series if len(each.values) >= LEAST_POINTS]
    found = find_change_points([each.values for each in searched], margin, progress) if searched else []
    recent = {commit.hash: place for place, commit in enumerate(commits) if place >= first}
    changes = [
        change
        for each, points in zip(searched, found, strict=True)
        for change in changes_of(each, points, commits)
        if change.commit.hash in recent
    ]
    return Findings(
        branch=chosen,
        commits=len(commits),
        measured=len({place for each in searched for place in each.positions}),
        searched=tuple(each.line.name for each in searched),
        too_short=len(series) - len(searched),
        margin=margin,
        changes=tuple(sorted(changes, key=lambda change: recent[change.commit.hash])),
        notes=tuple(notes),
    )


def _place(repository: Path, revision: str, commits: Sequence[Commit], branch: str) -> int:
    """Return where a revision stands among the commits of the branch."""
    wanted_hash = commit_hash(repository, revision, "--since")
    for place, commit in enumerate(commits):
        if commit.hash == wanted_hash:
            return place
    raise InputError("--since", repr(revision), f"a commit on the first-parent line of {branch}")


def _strangers(lines: Sequence[Line], commits: Sequence[Commit], branch: str, repository: Path) -> list[str]:
    """Return a note on measured commits that are not on the branch.

    Raises:
        InputError: no measured commit is.
    """
    measured = {commit for line in lines for commit in line.values}
    strangers = measured - {commit.hash for commit in commits}
    if not strangers:
        return []
    hint = "; this checkout is shallow: fetch all of its history" if is_shallow(repository) else ""
    if strangers == measured:
        expected = f"a branch with some of the {len(measured)} commits that have results{hint}"
        raise InputError("--branch", repr(branch), expected)
    who = "1 measured commit is" if len(strangers) == 1 else f"{len(strangers)} measured commits are"
    return [f"{who} not on the first-parent line of {branch} and left out{hint}"]
