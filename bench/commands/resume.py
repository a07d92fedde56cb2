"""The command ``bench resume``."""

from __future__ import annotations

from pathlib import Path

import click

from bench.command_options import PATH, end_like_interrupted, json_option, show_report


@click.command("resume", epilog="Example: bench resume results/quickstart/20260102T030405Z-ab12cd")
@click.argument("folder", metavar="RUN", type=PATH)
@json_option("the report")
def command(folder: Path, as_json: bool) -> None:
    """Go on with a RUN that was stopped or killed; what it has measured is kept.

    One of `bench noise` leaves its noise floor then.
    """
    from bench.noise_view import noise_text
    from bench.progress import watching
    from bench.run import is_noise_run, take_noise_floor
    from bench.run import resume as go_on

    end_like_interrupted()
    with watching(quiet=as_json) as progress:
        analysis = go_on(folder, progress)
    show_report(analysis, folder, as_json)
    if is_noise_run(folder):
        floor, file = take_noise_floor(folder)
        if not as_json:
            click.echo(noise_text(floor, file, folder))
