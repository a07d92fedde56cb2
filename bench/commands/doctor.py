"""The command ``bench doctor``."""

from __future__ import annotations

from pathlib import Path

import click

from bench.command_options import json_option


@click.command("doctor", epilog="Example: bench doctor --json")
@json_option("the findings")
def command(as_json: bool) -> None:
    """Show what this machine has, and what that rules out."""
    from bench.doctor import examine, findings_json, findings_table
    from bench.environment import Machine
    from bench.optimizations.registry import registry
    from bench.project import find_project

    found = examine(Machine.here(), registry(find_project(Path.cwd())))
    click.echo(findings_json(found) if as_json else findings_table(found))
