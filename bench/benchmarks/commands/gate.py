"""The command ``bench benchmark gate``."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench.benchmarks.keep import keep_figures
from bench.command_options import OUT, PATH, SEED, SET, command_as_typed, end_like_interrupted, overrides_of

if TYPE_CHECKING:
    from bench.benchmarks.gate import Real
    from bench.suite.model import Suite

SLOWDOWNS = (0.0, 0.05, 0.1)
PLANTED = 0.05
ROUNDS = 5


@click.command(
    "gate",
    epilog="""\b
Example: bench benchmark gate
Example: bench benchmark gate --suite suites/quickstart.yaml --real 20 --budget 4m
Example: bench benchmark gate --suite suites/quickstart.yaml --set 'measure=[epoch]' --real 20 --planted 5 --budget 2m
""",
)
@click.option(
    "--gates", type=click.IntRange(1), default=1000, show_default=True, help="Gates to simulate for each slowdown."
)
@SEED
@click.option("--suite", type=PATH, help="Suite to run real gates of, its baseline alone.")
@click.option("--real", type=click.IntRange(0), default=0, metavar="N", help="Run N gates of a commit against itself.")
@click.option(
    "--planted",
    type=click.IntRange(0),
    default=1,
    metavar="N",
    help="Then N against a slower commit.",
    show_default=True,
)
@click.option("--budget", metavar="TIME", help="Wall time of each real gate, such as 4m.")
@SET
@OUT
def command(
    gates: int,
    seed: int,
    suite: Path | None,
    real: int,
    planted: int,
    budget: str | None,
    settings: tuple[str, ...],
    out: Path,
) -> None:
    """Count false alarms and found slowdowns of gates and of asv continuous, simulated; run real gates of a suite."""
    from bench.benchmarks.gate import real_suite
    from bench.errors import InputError

    if real and suite is None:
        raise InputError("--real", str(real), "--suite beside it, the suite to run real gates of")
    if suite is not None and not real:
        raise InputError("--suite", str(suite), "--real beside it, how many gates to run of it")
    gated = None if suite is None else real_suite(suite, overrides_of(budget, None, None, settings))
    simulated = _simulated(gates, seed)
    keep_figures(out, "gate", {"simulated": simulated})
    if gated is not None:
        _really(gated, real, planted, out)


def _simulated(gates: int, seed: int) -> list[dict[str, object]]:
    """Simulate, print the table, and return its figures."""
    from tabulate import tabulate

    from bench.benchmarks.gate import count
    from bench.gate.simulation import TWO_PERCENT, Design
    from bench.suite.model import Gate

    rows: list[tuple[object, ...]] = []
    figures: list[dict[str, object]] = []
    louder, steady = dataclasses.replace(TWO_PERCENT, launch=0.01), dataclasses.replace(TWO_PERCENT, drift=0.0)
    for noise in (TWO_PERCENT, louder, steady):
        for combinations in (1, 2):
            design = Design(Gate(), margin=0.02, combinations=combinations, rounds=ROUNDS)
            for slowdown in SLOWDOWNS:
                counted = count(slowdown, noise, design, gates, seed)
                figures.append(
                    {
                        "noise": dataclasses.asdict(noise),
                        "combinations": combinations,
                        "rounds": ROUNDS,
                        **dataclasses.asdict(counted),
                    }
                )
                rows.append(
                    (
                        f"{noise.burst:.1%}, {noise.launch:.1%}, {noise.drift:.1%}",
                        combinations,
                        f"{slowdown:.0%}",
                        f"{counted.regressions / gates:.1%}",
                        f"{counted.not_judged / gates:.1%}",
                        f"{counted.trials:.1f}",
                        f"{counted.asv_worse / gates:.1%}",
                        counted.asv_trials,
                    )
                )
    heads = (
        "noise of bursts, launches, drift",
        "combinations",
        "slowdown",
        "gate: regression",
        "gate: could not judge",
        "gate: trials",
        "asv: worse",
        "asv: trials",
    )
    click.echo(tabulate(rows, headers=heads, tablefmt="github", disable_numparse=True))
    return figures


def _really(suite: Suite, real: int, planted: int, out: Path) -> None:
    """Run real gates, print what came of them and keep it; after an interrupt, of those that came to their end."""
    from bench.benchmarks.gate import real_gates
    from bench.environment import Machine, resolve_device
    from bench.progress import watching

    device = resolve_device(suite.workload.device, Machine.here())
    done: list[Real] = []
    end_like_interrupted()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, watching(quiet=False) as progress:
            typed = command_as_typed()
            for each in real_gates(suite, Path(folder), real, planted, PLANTED, out.resolve(), typed, progress):
                done.append(each)
    finally:
        if done:
            click.echo(f"\n{real_table(done)}\n")
            for line in said_of(done, suite.margin):
                click.echo(line)
            figures = {"suite": suite.name, "gates": [dataclasses.asdict(each) for each in done]}
            keep_figures(out, "gate-real", figures, device, suite.workload.threads)


def real_table(done: Sequence[Real]) -> str:
    """Return a line for each real gate."""
    from tabulate import tabulate

    from bench.reports.numbers import NOT_AVAILABLE

    rows = [
        (
            f"{each.slowdown:.0%}",
            int(each.code),
            *(NOT_AVAILABLE if value is None else f"{value:.3f}" for value in (each.ratio, each.low, each.high)),
            each.run,
        )
        for each in done
    ]
    heads = ("planted", "exit code", "epoch time, head / base", "low", "high", "run")
    return tabulate(rows, headers=heads, tablefmt="github", disable_numparse=True)


def said_of(done: Sequence[Real], margin: float) -> Iterator[str]:
    """Return how many gates of each true change called a regression or could not judge, and what that bounds."""
    from bench.benchmarks.gate import alarm_chance, at_most
    from bench.gate.decision import ExitCode

    for slowdown in dict.fromkeys(each.slowdown for each in done):
        alike = [each for each in done if each.slowdown == slowdown]
        codes = [each.code for each in alike]
        called, unsure = codes.count(ExitCode.REGRESSION), codes.count(ExitCode.NOT_JUDGED)
        of = f"{slowdown:.0%} planted" if slowdown else "nothing planted"
        yield f"{of}: {called} of {len(codes)} called a regression; {unsure} could not judge"
        if not slowdown:
            limit = "false alarms, with 95 % confidence: at most"
            yield f"{limit} {at_most(called, len(codes)):.1%} by their number"
            chance = alarm_chance(alike, margin)
            if chance is not None:
                yield f"{limit} {chance:.2%} by how far estimates scatter, if normal"
