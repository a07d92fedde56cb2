"""The command ``bench largest-batch``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bench.command_options import end_like_interrupted, json_option, overrides_of, suite_options


@click.command(
    "largest-batch", epilog="Example: bench largest-batch suites/quickstart.yaml --combination precision=bf16"
)
@suite_options
@click.option("--combination", "label", metavar="LABEL", help="As `bench plan` shows it; the baseline unless told.")
@click.option(
    "--memory",
    type=click.FloatRange(min=0, min_open=True),
    metavar="GIB",
    help="Memory that training may take, in GiB; 80 % of what is free (on a GPU, of all it has) unless told.",
)
@json_option("the search")
def command(suite: Path, label: str | None, memory: float | None, as_json: bool, **options: Any) -> None:
    """Find the largest batch that a combination of SUITE trains with on this machine, and what each one tried needs."""
    from dataclasses import replace

    from bench.environment import Machine
    from bench.fitting.grant import granted_here
    from bench.fitting.suite import largest_json, largest_of_suite, largest_text
    from bench.progress import watching
    from bench.run import prepare
    from bench.trace import choose

    prepared = prepare(suite, overrides_of(**options))
    (combination,) = choose(prepared, [label] if label else [])
    device = prepared.plan.device
    grant = granted_here(Machine.here(), device)
    if memory is not None:
        granted = int(memory * 2**30)
        grant = replace(grant, host=granted) if grant.device is None else replace(grant, device=granted)
    end_like_interrupted()
    with watching(quiet=as_json) as progress:
        attempts = largest_of_suite(prepared, combination, grant, progress)
    name = combination.label(prepared.plan.baseline)
    if as_json:
        click.echo(json.dumps(largest_json(name, device, grant, attempts), indent=2))
    else:
        click.echo(largest_text(name, device, grant, attempts))
