"""The command ``bench trace``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bench.command_options import PATH, RESULTS, overrides_of, suite_options


@click.command("trace", epilog="Example: bench trace suites/quickstart.yaml --combination precision=bf16")
@suite_options
@click.option("--combination", "labels", multiple=True, metavar="LABEL", help="As `bench plan` shows it.")
@click.option("--out", type=PATH, default=RESULTS / "traces", show_default=True, help="Folder of traces.")
def command(suite: Path, labels: tuple[str, ...], out: Path, **options: Any) -> None:
    """Profile one epoch of combinations of SUITE (the baseline unless told) for TensorBoard or Perfetto."""
    from bench.progress import watching
    from bench.run import prepare
    from bench.trace import choose
    from bench.trace import trace as take

    prepared = prepare(suite, overrides_of(**options))
    combinations = choose(prepared, labels)
    with watching(quiet=False) as progress:
        traces = take(prepared, combinations, out, progress)
    for file in traces:
        click.echo(file)
    click.echo(f"Open them with: tensorboard --logdir {out / prepared.suite.name}")
