"""The command ``bench report``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bench.command_options import PATH, json_option, show_report


@click.command("report", epilog="Example: bench report results/quickstart/20260102T030405Z-ab12cd")
@click.argument("folder", metavar="RUN", type=PATH)
@json_option("the report")
def command(folder: Path, as_json: bool) -> None:
    """Make the reports of a RUN or a gate again, from its journal alone."""
    from bench.gate.judgement import is_gate
    from bench.gate.report import gate_json, gate_markdown
    from bench.gate.run import report_gate
    from bench.run import report
    from bench.run_folder import read_run

    if is_gate(read_run(folder)):
        judgement = report_gate(folder)
        click.echo(json.dumps(gate_json(judgement), indent=2) if as_json else gate_markdown(judgement))
    else:
        show_report(report(folder), folder, as_json)
