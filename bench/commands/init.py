"""The command ``bench init``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bench.command_options import PATH, json_option


@click.command("init", epilog="Example: bench init    # at the top of the repository with your training code")
@click.argument("folder", type=PATH, default=Path())
@click.option("--force", is_flag=True, help="Write over files that are there.")
@json_option("what was done")
def command(folder: Path, force: bool, as_json: bool) -> None:
    """Write a first suite, asv's configuration and a workflow for pull requests into the repository FOLDER.

    Subclasses of Ultralytics' DetectionTrainer are found by reading the code and named in pyproject.toml. Files that
    are there are kept.
    """
    import dataclasses

    from bench.init.repository import look_at
    from bench.init.texts import SUITE
    from bench.init.write import initialise, suite_trainer

    repository = look_at(folder)
    steps = initialise(repository, force)
    if as_json:
        trainers = [dataclasses.asdict(trainer) for trainer in repository.trainers]
        files = [dataclasses.asdict(step) for step in steps]
        done = {"files": files, "trainers": trainers, "missing_table": repository.missing_table}
        click.echo(json.dumps(done, indent=2))
        return
    for step in steps:
        click.echo(f"{step.action:<12} {step.file}" + (f" ({step.why})" if step.why else ""))
    if repository.missing_table is not None:
        click.echo(
            "\npip cannot install this project beside a folder of suites until setuptools is told which code is the "
            f"project's. Add to pyproject.toml:\n\n{repository.missing_table}"
        )
    trainer = suite_trainer(repository)
    trained = f"{trainer.target} trains" if trainer else "No trainer of yours is named, so Ultralytics' own trains"
    click.echo(f"\n{trained}. Next: bench plan {SUITE}")
