"""The command ``bench plan``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bench.command_options import json_option, overrides_of, suite_options


@click.command("plan", epilog="Example: bench plan suites/quickstart.yaml --json")
@suite_options
@json_option("the plan")
def command(suite: Path, as_json: bool, **options: Any) -> None:
    """Show what SUITE would run, and for how long; run nothing."""
    from bench.plan_view import plan_json, plan_text
    from bench.run import prepare

    prepared = prepare(suite, overrides_of(**options))
    click.echo(json.dumps(plan_json(prepared), indent=2) if as_json else plan_text(prepared))
