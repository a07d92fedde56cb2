"""The command ``bench gate``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from bench.command_options import (
    OUT,
    PATH,
    command_as_typed,
    end_like_interrupted,
    json_option,
    no_answer_from_errors,
    overrides_of,
)


@click.command(
    "gate",
    epilog="""\b
Example: bench gate "$(git merge-base origin/main HEAD)" HEAD --suite suites/quickstart.yaml --markdown gate.md
Exit code: 0 no regression, 1 regression, 2 could not judge.
""",
)
@click.argument("base")
@click.argument("head")
@click.option("--suite", type=PATH, required=True, help="What is trained, and what is gated (key gate).")
@click.option("--bisect", is_flag=True, help="After a regression, find the commit between BASE and HEAD it came with.")
@click.option("--markdown", type=PATH, metavar="FILE", help="Write the report for a pull request to FILE.")
@click.option("--budget", metavar="TIME", help="Wall time of one comparison, such as 90s, 10m or 1h.")
@click.option("--device", metavar="DEVICE", help="cpu, cuda:N or auto.")
@click.option("--margin", metavar="PERCENT", help="A change smaller than this is none, such as 2%.")
@click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="Change any field of the suite.")
@OUT
@json_option("the report")
def command(
    base: str,
    head: str,
    suite: Path,
    bisect: bool,
    markdown: Path | None,
    out: Path,
    as_json: bool,
    **options: Any,
) -> None:
    """Compare commit HEAD with commit BASE: tell whether training got slower or needs more memory."""
    end_like_interrupted()
    with no_answer_from_errors("could not judge"):
        from bench.gate.judged import judge_commits
        from bench.gate.report import bisected_json, bisected_markdown
        from bench.gate.run import Gate
        from bench.progress import watching

        check_place(markdown)

        def write_markdown(gate: Gate) -> None:
            if markdown is not None:
                markdown.write_text(bisected_markdown(gate.judgement, None), encoding="utf-8")

        with watching(quiet=as_json) as progress:
            gate, bisection = judge_commits(
                base, head, suite, overrides_of(**options), out, command_as_typed(), progress, bisect, write_markdown
            )
        text = bisected_markdown(gate.judgement, bisection)
        if markdown is not None:
            markdown.write_text(text, encoding="utf-8")
        data = bisected_json(gate.judgement, bisection)
        click.echo(json.dumps(data, indent=2) if as_json else f"{text}\nReport: {gate.folder / 'report.md'}")
        code = int(gate.judgement.code)
    click.get_current_context().exit(code)


def check_place(markdown: Path | None) -> None:
    """Refuse a file that could not be written once everything is measured.

    Raises:
        InputError: it lies in no folder that can be written to, or is a folder.
    """
    from bench.errors import InputError

    if markdown is None:
        return
    folder = markdown.parent
    if markdown.is_dir() or not folder.is_dir() or not os.access(markdown if markdown.exists() else folder, os.W_OK):
        raise InputError("--markdown", str(markdown), "a file in a folder that is there and can be written to")
