"""The command ``bench asv-export``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bench.command_options import PATH, json_option


@click.command("asv-export", epilog="Example: bench asv-export results/quickstart/20260102T030405Z-ab12cd")
@click.argument("runs", metavar="RUN...", type=PATH, nargs=-1, required=True)
@click.option("--config", type=PATH, default=Path("asv.conf.json"), show_default=True, help="asv's configuration.")
@click.option("--commit", metavar="COMMIT", help="Commit the runs are of, where they do not know or had changes.")
@click.option("--machine", metavar="NAME", help="asv's name for their machine; otherwise the id that they hold of it.")
@json_option("what was written")
def command(runs: tuple[Path, ...], config: Path, commit: str | None, machine: str | None, as_json: bool) -> None:
    """Write finished runs as results of asv's, beside those that asv has measured."""
    from bench.integrations.asv_export import export_runs
    from bench.integrations.asv_export_view import export_json, export_text

    exported = export_runs(runs, config, commit, machine)
    click.echo(json.dumps(export_json(exported), indent=2) if as_json else export_text(exported))
