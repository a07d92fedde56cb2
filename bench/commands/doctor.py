"""The command ``bench doctor``."""

from __future__ import annotations

import click

from bench.command_options import json_option


@click.command("doctor", epilog="Example: bench doctor --json")
@json_option("the findings")
def command(as_json: bool) -> None:
    """Show what this machine has, and what that rules out."""
    from bench.doctor import examine, findings_json, findings_table
    from bench.environment import Machine
    from bench.optimizations.registry import registry

    found = examine(Machine.here(), registry())
    click.echo(findings_json(found) if as_json else findings_table(found))
