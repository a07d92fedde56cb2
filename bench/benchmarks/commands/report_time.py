"""The command ``bench benchmark report-time``."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from bench.benchmarks.keep import keep_figures
from bench.command_options import OUT, PATH


@click.command("report-time", epilog="Example: bench benchmark report-time results/quickstart/20260102T030405Z-ab12cd")
@click.argument("run", type=PATH)
@click.option(
    "--combinations",
    "sizes",
    type=click.IntRange(2),
    multiple=True,
    default=(16, 64, 256),
    show_default=True,
    help="Widen RUN to so many combinations at least, by copies of its own; may be given several times.",
)
@click.option("--repeats", type=click.IntRange(1), default=3, show_default=True, help="Times that each part is timed.")
@OUT
def command(run: Path, sizes: tuple[int, ...], repeats: int, out: Path) -> None:
    """Time the reports of ever wider runs, each made of copies of a RUN."""
    from tabulate import tabulate

    from bench.benchmarks.report_time import report_time, widened
    from bench.progress import watching
    from bench.run_folder import read_run

    records = read_run(run)
    timed = []
    with watching(quiet=False) as progress:
        for done, size in enumerate(sizes):
            progress.stage(f"a run of {size} combinations")
            progress.advance(done / len(sizes), None)
            timed.append(report_time(widened(records, size), repeats))
    figures = [dataclasses.asdict(each) for each in timed]
    keep_figures(out, "report-time", {"run": run.name, "repeats": repeats, "results": figures})
    rows = [
        (
            each.combinations,
            each.records,
            f"{each.closing:.3g} s",
            f"{each.analysis:.3g} s",
            f"{each.rendering:.3g} s",
            f"{1e6 * (each.analysis + each.rendering) / each.records:.3g} µs",
        )
        for each in timed
    ]
    heads = ("combinations", "lines", "look between launches", "analysis", "rendering", "report, a line")
    click.echo(tabulate(rows, headers=heads, tablefmt="github", disable_numparse=True))
