"""The command ``bench benchmark coverage``."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from bench.benchmarks.keep import keep_figures
from bench.command_options import OUT, PATH, SEED


@click.command("coverage", epilog="Example: bench benchmark coverage results/noise/20260102T030405Z-ab12cd")
@click.argument("run", type=PATH)
@click.option(
    "--runs",
    type=click.IntRange(1),
    default=300,
    show_default=True,
    help="Runs to simulate for each number of combinations.",
)
@SEED
@OUT
def command(run: Path, runs: int, seed: int, out: Path) -> None:
    """Simulate runs with the noise of a RUN of identical trials, and count right intervals and wrong verdicts."""
    from tabulate import tabulate

    from bench.analysis.simulation import Shape
    from bench.benchmarks.coverage import simulated_coverage
    from bench.benchmarks.noise_model import fit_noise
    from bench.run_folder import read_run

    noise = fit_noise(read_run(run))
    shapes = (Shape(launches=3, rounds=5, margin=0.02), Shape(launches=5, rounds=3, margin=0.02))
    cases = [(shape, combinations) for shape in shapes for combinations in (1, 7, 15)]
    results = [(shape, n, simulated_coverage(noise, shape, n, runs, seed)) for shape, n in cases]
    rows = [
        (
            n,
            s.launches,
            s.rounds,
            c.comparisons,
            f"{c.covered / c.comparisons:.1%}",
            f"{c.false_alarms / c.comparisons:.1%}",
        )
        for s, n, c in results
    ]
    counted = [{"shape": dataclasses.asdict(s), "combinations": n, **dataclasses.asdict(c)} for s, n, c in results]
    keep_figures(out, "coverage", {"run": run.name, "noise": dataclasses.asdict(noise), "results": counted})
    click.echo(
        f"noise fitted to {run.name}: launch {noise.launch:.2%}, burst {noise.burst:.2%}, drift {noise.drift:.2%}, "
        f"{noise.outlier_share:.1%} outliers of {noise.outlier_size:.0%}"
    )
    heads = ("combinations", "launches", "rounds each", "comparisons", "covered", "false alarms")
    click.echo(tabulate(rows, headers=heads, tablefmt="github"))
