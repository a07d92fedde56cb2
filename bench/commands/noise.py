"""The command ``bench noise``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bench.command_options import OUT, command_as_typed, end_like_interrupted, json_option, overrides_of, suite_options


@click.command("noise", epilog="Example: bench noise suites/quickstart.yaml --copies 7 --budget 5m")
@suite_options
@click.option(
    "--copies", type=click.IntRange(1, 200), help="Identical trials; as many as SUITE compares unless told, 3 to 7."
)
@OUT
@json_option("the noise floor")
def command(suite: Path, copies: int | None, out: Path, as_json: bool, **options: Any) -> None:
    """Compare SUITE's baseline with itself: what identical trials differ by on this machine."""
    from bench.noise_view import noise_text
    from bench.progress import watching
    from bench.run import prepare_noise, start, take_noise_floor

    prepared = prepare_noise(suite, overrides_of(**options), copies)
    end_like_interrupted()
    with watching(quiet=as_json) as progress:
        folder = start(prepared, out, command_as_typed(), progress)
    floor, file = take_noise_floor(folder)
    click.echo(floor.model_dump_json(indent=2) if as_json else noise_text(floor, file, folder))
