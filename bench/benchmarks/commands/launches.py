"""The command ``bench benchmark launches``."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import click

from bench.benchmarks.keep import keep_figures
from bench.command_options import OUT, PATH, SEED


@click.command("launches", epilog="Example: bench benchmark launches suites/quickstart.yaml --launches 6 --rounds 6")
@click.argument("suite", type=PATH)
@click.option("--launches", type=click.IntRange(2), default=6, show_default=True, help="Of each condition.")
@click.option("--rounds", type=click.IntRange(2), default=6, show_default=True, help="Epochs of each trial.")
@SEED
@OUT
def command(suite: Path, launches: int, rounds: int, seed: int, out: Path) -> None:
    """Launch identical trials of SUITE's baseline under several conditions; tell what makes launches differ."""
    from tabulate import tabulate

    from bench.benchmarks.launches import CONDITIONS, launch_spreads
    from bench.benchmarks.stage import stage
    from bench.run import prepare

    prepared = prepare(suite, {})
    workload, device = prepared.suite.workload, prepared.plan.device
    with stage(workload, device, prepared.project) as place:
        spreads = list(launch_spreads(place, CONDITIONS, launches, rounds, random.Random(seed)))
    figures = {"spreads": [dataclasses.asdict(each) for each in spreads]}
    keep_figures(out, "launches", figures, device, workload.threads)
    heads = ("condition", "launches x rounds", "launches' A/A ratios", "rounds explain", "launches add")
    rows = [
        (
            each.condition,
            f"{each.launches} x {each.rounds}",
            f"{each.locations:.1%}",
            f"{each.explained:.1%}",
            f"{each.between:.1%}",
        )
        for each in spreads
    ]
    click.echo("Standard deviations of log ratios:\n")
    click.echo(tabulate(rows, headers=heads, tablefmt="github"))
