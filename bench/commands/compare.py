"""The command ``bench compare``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bench.command_options import PATH, json_option


@click.command(
    "compare",
    epilog="Example: bench compare results/small/20260102T030405Z-ab12cd results/small/20260109T030405Z-cd34ef",
)
@click.argument("first", metavar="RUN", type=PATH)
@click.argument("second", metavar="RUN", type=PATH)
@click.option(
    "--across",
    metavar="ASPECTS",
    help="Compare though these differ: some of workload,machine,device,versions,protocol,levels.",
)
@json_option("the comparison")
def command(first: Path, second: Path, across: str | None, as_json: bool) -> None:
    """Compare two stored runs: what each combination gains over its own baseline, then and now."""
    from bench.compare.as_json import comparison_json
    from bench.compare.aspects import parse_across
    from bench.compare.comparison import compare
    from bench.compare.markdown import comparison_markdown
    from bench.run_folder import read_run

    allowed = parse_across(across)
    comparison = compare(read_run(first), read_run(second), allowed)
    click.echo(json.dumps(comparison_json(comparison), indent=2) if as_json else comparison_markdown(comparison))
