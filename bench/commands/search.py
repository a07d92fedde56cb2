"""The command ``bench search``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bench.command_options import (
    OUT,
    SEED,
    command_as_typed,
    end_like_interrupted,
    json_option,
    overrides_of,
    suite_options,
)


@click.command("search", epilog="Example: bench search suites/architecture_search.yaml --combinations 9")
@suite_options
@click.option(
    "--combinations",
    type=click.IntRange(min=1),
    default=12,
    show_default=True,
    help="Combinations to measure at most, beside the baseline.",
)
@SEED
@OUT
@json_option("what was found")
def command(suite: Path, combinations: int, seed: int, out: Path, as_json: bool, **options: Any) -> None:
    """Look for the combinations of SUITE that train fast and learn well, without measuring them all."""
    from bench.progress import watching
    from bench.search.run import prepare_search, run_search
    from bench.search.table import search_json, search_markdown

    prepared = prepare_search(suite, overrides_of(**options), combinations)
    end_like_interrupted()
    with watching(quiet=as_json) as progress:
        page, file = run_search(prepared, out, seed, command_as_typed(), progress)
    if as_json:
        click.echo(json.dumps({**search_json(page), "report": str(file)}, indent=2))
    else:
        click.echo(f"{search_markdown(page)}\nReport: {file}")
