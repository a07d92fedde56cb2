"""The command ``bench benchmark stopwatch``."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import click

from bench.benchmarks.keep import keep_figures
from bench.command_options import OUT, PATH, SEED


@click.command("stopwatch", epilog="Example: bench benchmark stopwatch suites/quickstart.yaml")
@click.argument("suite", type=PATH)
@click.option(
    "--pairs", type=click.IntRange(2), default=5, show_default=True, help="Bare runs, each beside a probed trial."
)
@click.option("--epochs", type=click.IntRange(1), default=10, show_default=True, help="Epochs that are timed in each.")
@SEED
@OUT
def command(suite: Path, pairs: int, epochs: int, seed: int, out: Path) -> None:
    """Hold the epoch seconds that trials report against a stopwatch around bare runs of Ultralytics."""
    from bench.benchmarks.alike import check_alike
    from bench.benchmarks.stage import stage
    from bench.benchmarks.stopwatch import reported_over_stopwatch
    from bench.run import prepare

    prepared = prepare(suite, {})
    check_alike(prepared)
    workload, device = prepared.suite.workload, prepared.plan.device
    with stage(workload, device, prepared.project) as place:
        ratio = reported_over_stopwatch(place, pairs, epochs, random.Random(seed))
    keep_figures(out, "stopwatch", dataclasses.asdict(ratio), device, workload.threads)
    click.echo(f"reported epoch / stopwatch: {ratio.value:.3f} [{ratio.low:.3f}, {ratio.high:.3f}]")
