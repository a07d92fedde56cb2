"""The command ``bench history``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bench.command_options import PATH, end_like_interrupted, json_option, no_answer_from_errors

DEFAULT_MARGIN = "2%"
"""What suites take for equivalent unless told."""

REGRESSED = 1
"""Exit code where a regression stands."""


@click.command(
    "history",
    epilog="""\b
Examples:
  bench history                                     all that asv has measured on the first branch of asv.conf.json
  bench history --suite quickstart --metric epoch --since v1.2
  bench history --branch main --machine gpu-box --json

Leaves with 0 where no regression stands, 1 where one does, 2 where the
input cannot be used or Apache Otava is not to be had.
""",
)
@click.option(
    "--config",
    "configuration",
    type=PATH,
    default=Path("asv.conf.json"),
    show_default=True,
    help="asv's configuration.",
)
@click.option(
    "--branch",
    metavar="NAME",
    help="Branch to follow, along first parents; the first of the configuration unless told.",
)
@click.option("--since", metavar="REVISION", help="Tell changes after this commit only; all commits are searched.")
@click.option("--machine", "machines", multiple=True, metavar="NAME", help="asv's name of a machine; may be repeated.")
@click.option("--suite", "suites", multiple=True, metavar="NAME", help="A suite by its name; may be repeated.")
@click.option("--metric", "metrics", multiple=True, metavar="NAME", help="Such as epoch or memory; may be repeated.")
@click.option(
    "--margin",
    default=DEFAULT_MARGIN,
    show_default=True,
    metavar="PERCENT",
    help="Smaller changes of a level are none.",
)
@json_option("the changes")
@click.pass_context
def command(
    context: click.Context,
    configuration: Path,
    branch: str | None,
    since: str | None,
    machines: tuple[str, ...],
    suites: tuple[str, ...],
    metrics: tuple[str, ...],
    margin: str,
    as_json: bool,
) -> None:
    """Find the commits that changed a figure for good, in what asv has measured along a branch."""
    end_like_interrupted()
    with no_answer_from_errors("could not search"):
        from bench.history.lines import Filters
        from bench.history.search import search_history
        from bench.history.view import findings_json, findings_text
        from bench.progress import watching

        filters = Filters(machines=machines, suites=suites, metrics=metrics)
        with watching(quiet=as_json) as progress:
            findings = search_history(configuration, branch, since, filters, margin_of(margin), progress)
        click.echo(json.dumps(findings_json(findings), indent=2) if as_json else findings_text(findings))
        regressed = bool(findings.standing_regressions)
    if regressed:
        context.exit(REGRESSED)


def margin_of(text: str) -> float:
    """Return the share that ``--margin`` asks for, such as 0.02 for ``2%``.

    Raises:
        InputError: it is no share of a level.
    """
    from bench.errors import InputError
    from bench.suite.model import parse_percentage

    expected = "a percentage from 0% to below 100%, such as 2%"
    try:
        share = float(str(parse_percentage(text)))
    except ValueError as error:
        raise InputError("--margin", repr(text), expected) from error
    if not 0 <= share < 1:
        raise InputError("--margin", repr(text), expected)
    return share
