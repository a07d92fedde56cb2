"""The command ``bench benchmark history``."""

from __future__ import annotations

from pathlib import Path

import click

from bench.benchmarks.keep import keep_figures
from bench.command_options import OUT, SEED

COMMITS = 50
NOISE = 0.02
OUTLIERS = 0.05
STEPS = (
    (0.0, 0, 0.0),
    (0.06, 2, 0.0),
    (0.06, 3, 0.0),
    (0.06, 5, 0.0),
    (0.06, 10, 0.0),
    (0.06, 25, 0.0),
    (0.10, 5, 0.0),
    (0.03, 25, 0.0),
    (0.0, 0, OUTLIERS),
    (0.06, 5, OUTLIERS),
)
"""Size of a planted step as a share of the level, its age in commits, and the share of figures that are outliers."""


@click.command("history", epilog="Example: bench benchmark history --histories 1000")
@click.option(
    "--histories", type=click.IntRange(1), default=1000, show_default=True, help="Histories of each kind to simulate."
)
@SEED
@OUT
def command(histories: int, seed: int, out: Path) -> None:
    """Plant steps in simulated histories, and count which `bench history` and asv's own detection find."""
    import dataclasses
    import random
    from importlib.metadata import version
    from typing import Any

    from tabulate import tabulate

    from bench.benchmarks.histories import NEAR, Scenario, asv_regressions, reported_by_us, simulated, tally
    from bench.commands.history import DEFAULT_MARGIN, margin_of
    from bench.history.change_points import MAX_P_VALUE, find_change_points
    from bench.history.otava_environment import requirements
    from bench.progress import watching
    from bench.reports.numbers import NOT_AVAILABLE, percentage_text

    rng = random.Random(seed)
    scenarios = [Scenario(COMMITS, NOISE, step, age, outliers) for step, age, outliers in STEPS]
    series = [(scenario, simulated(scenario, rng)) for scenario in scenarios for _ in range(histories)]
    margin = margin_of(DEFAULT_MARGIN)
    with watching(quiet=False) as progress:
        found = find_change_points([values for _, values in series], margin, progress)
        ours = [reported_by_us(points, scenario) for (scenario, _), points in zip(series, found, strict=True)]
        progress.stage("asv's own detection")
        theirs = []
        for number, (_, values) in enumerate(series):
            theirs.append(asv_regressions(values))
            progress.advance(number / len(series), None)
    rows, figures = [], []
    for number, scenario in enumerate(scenarios):
        part = slice(number * histories, (number + 1) * histories)
        mine, asvs = tally(ours[part], scenario), tally(theirs[part], scenario)
        figures.append(
            {
                "scenario": dataclasses.asdict(scenario),
                "bench history": dataclasses.asdict(mine),
                "asv": dataclasses.asdict(asvs),
            }
        )
        if scenario.planted is None:
            cells = [
                "nothing",
                NOT_AVAILABLE,
                *(f"{each.reported / histories:.1%} false alarms" for each in (mine, asvs)),
                NOT_AVAILABLE,
                NOT_AVAILABLE,
            ]
        else:
            cells = [f"{scenario.step:.0%}", f"{scenario.age} commits"]
            cells += [f"{each.found / histories:.1%}" for each in (mine, asvs)]
            cells += [f"{each.named / histories:.1%}" for each in (mine, asvs)]
        rows.append([*cells[:2], percentage_text(scenario.outliers), *cells[2:]])
    parameters: dict[str, Any] = {
        "histories": histories,
        "seed": seed,
        "margin": margin,
        "max_p_value": MAX_P_VALUE,
        "near": NEAR,
    }
    parameters["versions"] = [*requirements(), f"asv=={version('asv')}"]
    keep_figures(out, "history", parameters | {"results": figures})
    click.echo(
        f"{histories} histories of each kind, {COMMITS} commits, {NOISE:.0%} noise, seed {seed}; found: a regression "
        f"is reported at most {NEAR} commits from the planted one; named: at that very commit\n"
    )
    heads = ("planted", "age", "outliers", "bench history found", "asv found", "bench history named", "asv named")
    click.echo(tabulate(rows, headers=heads, tablefmt="github"))
