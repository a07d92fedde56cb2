"""The commands ``bench benchmark ...``."""

from __future__ import annotations

import click

import bench.benchmarks.commands
from bench.command_options import add_commands


@click.group("benchmark", epilog="Example: bench benchmark own-cost suites/quickstart.yaml")
def command() -> None:
    """Benchmark the harness itself: what it costs, what it finds, how it compares with the usual way."""


add_commands(command, bench.benchmarks.commands)
