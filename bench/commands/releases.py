"""The command ``bench releases``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bench.command_options import PATH, json_option

CONFIGURATION = Path("asv.releases.conf.json")


@click.command("releases", epilog="Example: bench releases suites/releases.yaml")
@click.argument("suite", type=PATH)
@click.option("--config", type=PATH, default=CONFIGURATION, show_default=True, help="asv's configuration.")
@click.option("--commit", default="HEAD", show_default=True, help="Commit that was measured with all releases.")
@click.option("--machine", metavar="NAME", help="asv's name of the machine, where it has results of several.")
@json_option("the comparison")
def command(suite: Path, config: Path, commit: str, machine: str | None, as_json: bool) -> None:
    """Tell from asv's results of SUITE which release of a package made training slower."""
    from bench.integrations.asv_releases import read_releases
    from bench.integrations.asv_releases_view import releases_json, releases_markdown
    from bench.suite.load import load_suite

    releases = read_releases(load_suite(suite), config, commit, machine)
    click.echo(json.dumps(releases_json(releases), indent=2) if as_json else releases_markdown(releases))
