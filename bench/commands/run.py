"""The command ``bench run``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bench.command_options import (
    OUT,
    PATH,
    command_as_typed,
    end_like_interrupted,
    json_option,
    overrides_of,
    show_report,
    suite_options,
)


@click.command("run", epilog="Example: bench run suites/quickstart.yaml --budget 3m")
@suite_options
@click.option("--code", type=PATH, metavar="DIR", help="Another checkout of your repository, to train its code.")
@OUT
@json_option("the report")
def command(suite: Path, code: Path | None, out: Path, as_json: bool, **options: Any) -> None:
    """Measure every combination of SUITE, and print the comparison."""
    from bench.progress import watching
    from bench.run import prepare, report, start

    prepared = prepare(suite, overrides_of(**options), code)
    end_like_interrupted()
    with watching(quiet=as_json) as progress:
        folder = start(prepared, out, command_as_typed(), progress)
    show_report(report(folder), folder, as_json)
