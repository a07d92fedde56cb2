"""The command ``bench report``."""

from __future__ import annotations

from pathlib import Path

import click

from bench.command_options import PATH, json_option, show_report


@click.command("report", epilog="Example: bench report results/quickstart/20260102T030405Z-ab12cd")
@click.argument("folder", metavar="RUN", type=PATH)
@json_option("the report")
def command(folder: Path, as_json: bool) -> None:
    """Make the reports of a RUN again, from its journal alone."""
    from bench.run import report as make

    show_report(make(folder), folder, as_json)
