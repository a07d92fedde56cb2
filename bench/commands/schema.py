"""The command ``bench schema``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("schema", epilog="Example: bench schema > suites/suite.schema.json")
def command() -> None:
    """Print the JSON Schema of suites, for editors."""
    from bench.optimizations.registry import registry
    from bench.project import find_project
    from bench.suite.schema import schema_text

    click.echo(schema_text(registry(find_project(Path.cwd()))), nl=False)
