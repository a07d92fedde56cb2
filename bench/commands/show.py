"""The command ``bench show``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bench.command_options import json_option, terminal_width


@click.command("show", epilog="Example: bench show precision")
@click.argument("optimization")
@json_option("the card")
def command(optimization: str, as_json: bool) -> None:
    """Show the card of an OPTIMIZATION: what it does, its levels, its evidence."""
    from bench.cards import card_json, card_text
    from bench.errors import InputError
    from bench.optimizations.registry import registry
    from bench.project import find_project

    try:
        chosen = registry(find_project(Path.cwd()))[optimization]
    except InputError as error:
        raise InputError("OPTIMIZATION", error.found, error.expected, error.nearest) from None
    click.echo(json.dumps(card_json(chosen), indent=2) if as_json else card_text(chosen, terminal_width()))
