"""The command ``bench techniques``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("techniques", epilog="Example: bench techniques > docs/techniques.md")
def command() -> None:
    """Print the page of all techniques, as Markdown; run it in a checkout of the harness."""
    from bench.catalogue.page import read_sources, techniques_page
    from bench.optimizations.registry import registry

    click.echo(techniques_page(read_sources(registry(), Path.cwd())), nl=False)
