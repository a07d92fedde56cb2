"""The command ``bench show``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bench.command_options import OUT, json_option, terminal_width


@click.command("show", epilog="Example: bench show precision")
@click.argument("optimization")
@OUT
@json_option("the card")
def command(optimization: str, out: Path, as_json: bool) -> None:
    """Show the card of an OPTIMIZATION: what it does, its levels, its conflicts, its evidence, what was measured."""
    from bench.cards import card_json, card_text
    from bench.catalogue.measured import all_reports, last_measured
    from bench.errors import InputError
    from bench.optimizations.registry import registry
    from bench.project import find_project

    known = registry(find_project(Path.cwd()))
    try:
        name = known[optimization].name
    except InputError as error:
        raise InputError("OPTIMIZATION", error.found, error.expected, error.nearest) from None
    measured = last_measured(all_reports(out)).get(name, ())
    if as_json:
        click.echo(json.dumps(card_json(name, known, measured), indent=2))
    else:
        click.echo(card_text(name, known, measured, terminal_width()))
