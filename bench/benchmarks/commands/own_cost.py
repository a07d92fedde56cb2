"""The command ``bench benchmark own-cost``."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import click

from bench.benchmarks.keep import keep_figures
from bench.command_options import OUT, PATH, SEED


@click.command("own-cost", epilog="Example: bench benchmark own-cost suites/quickstart.yaml --launches 6")
@click.argument("suite", type=PATH)
@click.option("--launches", type=click.IntRange(2), default=6, show_default=True, help="Pairs of processes.")
@click.option("--rounds", type=click.IntRange(1), default=10, show_default=True, help="Epochs of each process.")
@SEED
@OUT
def command(suite: Path, launches: int, rounds: int, seed: int, out: Path) -> None:
    """Compare epochs with probes and bare, in turns and whole; starts; tell the share of SUITE's run spent in steps."""
    from bench.benchmarks.alike import check_alike
    from bench.benchmarks.own_cost import newest_run, parted_over_whole, probed_over_bare, share_in_steps, starts
    from bench.benchmarks.stage import stage
    from bench.journal.file import read_journal
    from bench.run import prepare

    prepared = prepare(suite, {})
    check_alike(prepared)
    rng = random.Random(seed)
    workload, device = prepared.suite.workload, prepared.plan.device
    with stage(workload, device, prepared.project) as place:
        ratio = probed_over_bare(place, launches, rounds, rng)
        parted = None if place.turn is None else parted_over_whole(place, launches, rounds, place.turn, rng)
        begun = starts(place, 5, rng)
    run = newest_run(out / prepared.suite.name)
    share = share_in_steps(read_journal(run)) if run is not None else None
    figures = {
        "probed_over_bare": dataclasses.asdict(ratio),
        "parted_over_whole": None if parted is None else dataclasses.asdict(parted),
        "starts": dataclasses.asdict(begun),
        "share_in_steps": share,
    }
    keep_figures(out, "own-cost", figures, device, workload.threads)
    click.echo(f"epoch with probes / bare epoch: {ratio.value:.4f} [{ratio.low:.4f}, {ratio.high:.4f}]")
    if parted is not None:
        click.echo(f"epoch in turns / whole epoch: {parted.value:.4f} [{parted.low:.4f}, {parted.high:.4f}]")
    click.echo(
        f"start of a trial: {begun.forked:.2f} s forked, {begun.spawned:.2f} s spawned: "
        f"1/{begun.spawned / begun.forked:.1f}"
    )
    click.echo("share of wall time in bursts: " + ("no run of this suite yet" if share is None else f"{share:.0%}"))
