"""The command ``bench benchmark power``."""

from __future__ import annotations

from pathlib import Path

import click

from bench.command_options import OUT, PATH, command_as_typed


@click.command("power", epilog="Example: bench benchmark power suites/quickstart.yaml --budget 10m")
@click.argument("suite", type=PATH)
@click.option("--budget", default="10m", show_default=True, help="Wall time of the run.")
@click.option("--launches", type=click.IntRange(2), default=6, show_default=True, help="Launches of every slowdown.")
@OUT
def command(suite: Path, budget: str, launches: int, out: Path) -> None:
    """Plant slowdowns of 3, 5 and 10 % in phases of SUITE's baseline, and tell which are found."""
    from bench.benchmarks.power import plant, table
    from bench.journal.file import read_journal
    from bench.progress import watching
    from bench.run import prepare, start

    prepared = prepare(suite, {"budget": budget, "launches": str(launches)})
    with watching(quiet=False) as progress:
        progress.stage("timing the baseline")
        planted = plant(prepared)
        run = start(planted, out, command_as_typed(), progress)
    click.echo(table(read_journal(run), launches))
    click.echo(f"\nRun: {run}")
