"""The commands of the harness's own benchmarks; each prints a table and leaves its figures as JSON."""

from __future__ import annotations

import dataclasses
import json
import random
import shlex
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

SUITE = click.argument("suite", type=click.Path(path_type=Path))
OUT = click.option("--out", type=click.Path(path_type=Path), default=Path("results"), help="Folder of all results.")
SEED = click.option("--seed", default=0, show_default=True, help="Of every random choice.")
LOAD = click.option("--neighbours", default=0, show_default=True, help="Busy processes to load the machine with.")


@click.group(epilog="Example: bench benchmark own-cost suites/quickstart.yaml")
def benchmark() -> None:
    """Benchmark the harness itself: what it costs, what it finds, how it compares with the usual way."""


@benchmark.command("own-cost", epilog="Example: bench benchmark own-cost suites/quickstart.yaml --launches 6")
@SUITE
@click.option("--launches", default=6, show_default=True, help="Pairs of processes.")
@click.option("--rounds", default=10, show_default=True, help="Epochs of each process.")
@SEED
@OUT
def own_cost(suite: Path, launches: int, rounds: int, seed: int, out: Path) -> None:
    """Compare probed with bare epochs, forked with spawned starts; tell the share of SUITE's run spent in steps."""
    from bench.benchmarks.own_cost import newest_run, probed_over_bare, share_in_steps, starts
    from bench.benchmarks.stage import stage
    from bench.journal.file import read_journal
    from bench.run import prepare

    prepared = prepare(suite, {})
    rng = random.Random(seed)
    with stage(prepared.suite.workload, prepared.plan.device) as place:
        ratio = probed_over_bare(place, launches, rounds, rng)
        begun = starts(place, 5, rng)
    run = newest_run(out / prepared.suite.name)
    share = share_in_steps(read_journal(run)) if run is not None else None
    _keep(
        out,
        "own-cost",
        {"probed_over_bare": dataclasses.asdict(ratio), "starts": dataclasses.asdict(begun), "share_in_steps": share},
    )
    click.echo(f"epoch with probes / bare epoch: {ratio.value:.4f} [{ratio.low:.4f}, {ratio.high:.4f}]")
    click.echo(
        f"start of a trial: {begun.forked:.2f} s forked, {begun.spawned:.2f} s spawned: "
        f"1/{begun.spawned / begun.forked:.1f}"
    )
    click.echo("share of wall time in bursts: " + ("no run of this suite yet" if share is None else f"{share:.0%}"))


@benchmark.command("usual-way", epilog="Example: bench benchmark usual-way suites/quickstart.yaml --neighbours 2")
@SUITE
@click.option("--pairs", default=12, show_default=True, help="Pairs of identical trials, in either way.")
@click.option("--rounds", default=5, show_default=True, help="Epochs of each trial.")
@LOAD
@SEED
@OUT
def usual_way(suite: Path, pairs: int, rounds: int, neighbours: int, seed: int, out: Path) -> None:
    """Compare identical trials of SUITE's baseline interleaved, and one process after the other as scripts do."""
    from bench.benchmarks.stage import stage
    from bench.benchmarks.usual_way import compare
    from bench.run import prepare

    prepared = prepare(suite, {})
    with stage(prepared.suite.workload, prepared.plan.device) as place, _loaded(neighbours, seed):
        spread = compare(place, pairs, rounds, random.Random(seed))
    _keep(out, "usual-way", {**dataclasses.asdict(spread), "neighbours": neighbours})
    click.echo(
        f"standard deviation of A/A ratios over {pairs} pairs of {rounds} epochs, {neighbours} busy neighbours: "
        f"interleaved {spread.interleaved:.2%}, one after the other {spread.one_after_other:.2%}, "
        f"1/{spread.one_after_other / spread.interleaved:.1f}"
    )


@benchmark.command("power", epilog="Example: bench benchmark power suites/quickstart.yaml --budget 10m")
@SUITE
@click.option("--budget", default="10m", show_default=True, help="Wall time of the run.")
@click.option("--launches", default=6, show_default=True, help="Launches of every slowdown.")
@OUT
def power(suite: Path, budget: str, launches: int, out: Path) -> None:
    """Plant slowdowns of 3, 5 and 10 % in phases of SUITE's baseline, and tell which are found."""
    from bench.benchmarks.power import plant, table
    from bench.journal.file import read_journal
    from bench.progress import watching
    from bench.run import prepare, start

    prepared = prepare(suite, {"budget": budget, "launches": str(launches)})
    with watching(quiet=False) as progress:
        progress.stage("timing the baseline")
        planted = plant(prepared)
        run = start(planted, out, shlex.join(["bench", *sys.argv[1:]]), progress)
    click.echo(table(read_journal(run), launches))
    click.echo(f"\nRun: {run}")


@benchmark.command("stopwatch", epilog="Example: bench benchmark stopwatch suites/quickstart.yaml")
@SUITE
@click.option("--pairs", default=5, show_default=True, help="Bare runs, each beside a probed trial.")
@click.option("--epochs", default=10, show_default=True, help="Epochs that are timed in each.")
@SEED
@OUT
def stopwatch(suite: Path, pairs: int, epochs: int, seed: int, out: Path) -> None:
    """Hold the epoch seconds that trials report against a stopwatch around bare runs of Ultralytics."""
    from bench.benchmarks.stage import stage
    from bench.benchmarks.stopwatch import reported_over_stopwatch
    from bench.run import prepare

    prepared = prepare(suite, {})
    with stage(prepared.suite.workload, prepared.plan.device) as place:
        ratio = reported_over_stopwatch(place, pairs, epochs, random.Random(seed))
    _keep(out, "stopwatch", dataclasses.asdict(ratio))
    click.echo(f"reported epoch / stopwatch: {ratio.value:.3f} [{ratio.low:.3f}, {ratio.high:.3f}]")


@benchmark.command("coverage", epilog="Example: bench benchmark coverage results/noise/20260102T030405Z-ab12cd")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--runs", default=300, show_default=True, help="Runs to simulate for each number of combinations.")
@SEED
@OUT
def coverage(run: Path, runs: int, seed: int, out: Path) -> None:
    """Simulate runs with the noise of a RUN of identical trials, and count right intervals and wrong verdicts."""
    from tabulate import tabulate

    from bench.analysis.simulation import Shape
    from bench.benchmarks.coverage import simulated_coverage
    from bench.benchmarks.noise_model import fit_noise
    from bench.journal.file import read_journal

    noise = fit_noise(read_journal(run))
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
    _keep(out, "coverage", {"run": run.name, "noise": dataclasses.asdict(noise), "results": counted})
    click.echo(
        f"noise fitted to {run.name}: launch {noise.launch:.2%}, burst {noise.burst:.2%}, drift {noise.drift:.2%}, "
        f"{noise.outlier_share:.1%} outliers of {noise.outlier_size:.0%}"
    )
    heads = ("combinations", "launches", "rounds each", "comparisons", "covered", "false alarms")
    click.echo(tabulate(rows, headers=heads, tablefmt="github"))


def _loaded(count: int, seed: int) -> AbstractContextManager[None]:
    from bench.benchmarks.load import neighbours

    return neighbours(count, seed) if count else nullcontext()


def _keep(out: Path, name: str, figures: dict[str, Any]) -> None:
    """Leave a benchmark's figures, its command and its environment in ``out/benchmarks``."""
    from bench.environment import Environment
    from bench.run import REPOSITORY

    now = datetime.now(UTC)
    folder = out / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    record = {
        "benchmark": name,
        "taken": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "command": shlex.join(["bench", *sys.argv[1:]]),
        "environment": Environment.collect("cpu", 1, REPOSITORY).to_json(),
        "figures": figures,
    }
    (folder / f"{name}-{now:%Y%m%dT%H%M%SZ}.json").write_text(json.dumps(record, indent=2) + "\n")
