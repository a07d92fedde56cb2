"""The command ``bench schema``."""

from __future__ import annotations

import click


@click.command("schema", epilog="Example: bench schema > suites/suite.schema.json")
def command() -> None:
    """Print the JSON Schema of suites, for editors."""
    from bench.suite.schema import schema_text

    click.echo(schema_text(), nl=False)
