"""The command ``bench benchmark usual-way``."""

from __future__ import annotations

import dataclasses
import random
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import click

from bench.benchmarks.keep import keep_figures
from bench.command_options import OUT, PATH, SEED


@click.command("usual-way", epilog="Example: bench benchmark usual-way suites/quickstart.yaml --neighbours 2")
@click.argument("suite", type=PATH)
@click.option(
    "--pairs", type=click.IntRange(2), default=12, show_default=True, help="Pairs of identical trials, in either way."
)
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="Epochs of each trial.")
@click.option(
    "--neighbours",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Busy processes to load the machine with.",
)
@SEED
@OUT
def command(suite: Path, pairs: int, rounds: int, neighbours: int, seed: int, out: Path) -> None:
    """Compare identical trials of SUITE's baseline interleaved, and one process after the other as scripts do."""
    from bench.benchmarks.stage import stage
    from bench.benchmarks.usual_way import compare
    from bench.run import prepare

    prepared = prepare(suite, {})
    workload, device = prepared.suite.workload, prepared.plan.device
    with stage(workload, device, prepared.project) as place, _loaded(neighbours, seed):
        spread = compare(place, pairs, rounds, random.Random(seed))
    figures = {**dataclasses.asdict(spread), "neighbours": neighbours}
    keep_figures(out, "usual-way", figures, device, workload.threads)
    click.echo(
        f"standard deviation of A/A ratios over {pairs} pairs of {rounds} epochs, {neighbours} busy neighbours: "
        f"interleaved {spread.interleaved:.2%}, one after the other {spread.one_after_other:.2%}, "
        f"1/{spread.one_after_other / spread.interleaved:.1f}"
    )


def _loaded(count: int, seed: int) -> AbstractContextManager[None]:
    from bench.benchmarks.load import neighbours

    return neighbours(count, seed) if count else nullcontext()
