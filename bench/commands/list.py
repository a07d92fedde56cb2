"""The command ``bench list``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bench.command_options import json_option, terminal_width


@click.command("list", epilog="Example: bench list --json")
@json_option("the list")
def command(as_json: bool) -> None:
    """List the optimizations that suites can use as axes, and what of them can run on this machine."""
    from bench.cards import list_json, list_text
    from bench.environment.machine import Machine
    from bench.optimizations.registry import registry
    from bench.project import find_project

    known, machine = registry(find_project(Path.cwd())), Machine.here()
    text = json.dumps(list_json(known, machine), indent=2) if as_json else list_text(known, machine, terminal_width())
    click.echo(text)
