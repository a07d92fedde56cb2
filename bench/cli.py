"""The command line; each command imports what it needs when it runs, so that ``--help`` answers at once."""

from __future__ import annotations

import json
import shlex
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import click

from bench import __version__
from bench.benchmarks.commands import benchmark

Command = TypeVar("Command", bound=Callable[..., Any])

PATH = click.Path(path_type=Path)
RESULTS = Path("results")
INTERRUPTED = 130
"""Exit code of whatever an interrupt (signal 2) ended, as shells have it: 128 + 2."""


class Group(click.Group):
    """Prints errors that a user can act on as one line, with the traceback before it where ``--debug`` asks for it."""

    def invoke(self, context: click.Context) -> Any:
        """Run a command; leave with 2 for bad input, 1 for other known errors, 130 when interrupted."""
        from bench.errors import BenchError

        try:
            return super().invoke(context)
        except BenchError as error:
            _leave(context, error, str(error), error.exit_code)
        except KeyboardInterrupt as error:
            _leave(context, error, "stopped", INTERRUPTED)
        except BrokenPipeError:
            raise  # click leaves quietly when whoever read the output has gone
        except OSError as error:
            _leave(context, error, str(error), 1)

    def resolve_command(self, context: click.Context, args: list[str]) -> Any:
        """Find a command; for an unknown one name the nearest."""
        from bench.errors import InputError, nearest_name

        if args and self.get_command(context, args[0]) is None and not args[0].startswith("-"):
            names = self.list_commands(context)
            expected = "one of " + ", ".join(names)
            raise InputError("COMMAND", repr(args[0]), expected, nearest_name(args[0], names))
        return super().resolve_command(context, args)


def _leave(context: click.Context, error: BaseException, text: str, code: int) -> None:
    """Say on standard error why a command ended, and leave."""
    if context.params.get("debug"):
        traceback.print_exception(error)
    click.echo(f"bench: {text}", err=True)
    context.exit(code)


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  bench plan suites/quickstart.yaml         what would be run, and for how long
  bench run suites/quickstart.yaml          measure, and print the table
  bench run suites/trees.yaml --budget 10m --set workload.batch=16
  bench report results/quickstart/...       make a run's reports again
""",
)
@click.version_option(__version__, prog_name="bench")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def main(debug: bool) -> None:
    """Find out which training speed-ups make this YOLO training faster on this machine, with evidence."""


def suite_options(command: Command) -> Command:
    """Give a command the options that change a suite."""
    options = [
        click.argument("suite", type=PATH),
        click.option("--budget", metavar="TIME", help="Wall time of the whole run, such as 90s, 10m or 1h."),
        click.option("--device", metavar="DEVICE", help="cpu, cuda:N or auto."),
        click.option("--margin", metavar="PERCENT", help="Differences smaller than this are equivalent, such as 2%."),
        click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="Change any field of the suite."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def overrides_of(
    budget: str | None, device: str | None, margin: str | None, settings: tuple[str, ...]
) -> dict[str, str]:
    """Return the suite's fields that options change, by dotted path."""
    from bench.errors import InputError

    overrides: dict[str, str] = {}
    for text in settings:
        field, equals, value = text.partition("=")
        if not equals:
            raise InputError(field="--set", found=repr(text), expected="FIELD=VALUE, such as workload.batch=16")
        overrides[field] = value
    named = {"budget": budget, "workload.device": device, "margin": margin}
    return overrides | {field: value for field, value in named.items() if value is not None}


@main.command(epilog="Example: bench plan suites/quickstart.yaml --json")
@suite_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def plan(suite: Path, as_json: bool, **options: Any) -> None:
    """Show what SUITE would run, and for how long; run nothing."""
    from bench.plan_view import plan_json, plan_text
    from bench.run import prepare

    prepared = prepare(suite, overrides_of(**options))
    click.echo(json.dumps(plan_json(prepared), indent=2) if as_json else plan_text(prepared))


@main.command(epilog="Example: bench run suites/quickstart.yaml --budget 3m")
@suite_options
@click.option("--out", type=PATH, default=RESULTS, show_default=True, help="Folder of all results.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def run(suite: Path, out: Path, as_json: bool, **options: Any) -> None:
    """Measure every combination of SUITE, and print the comparison."""
    from bench.progress import watching
    from bench.run import prepare, report, start

    prepared = prepare(suite, overrides_of(**options))
    _end_like_interrupted()
    with watching(quiet=as_json) as progress:
        folder = start(prepared, out, _command_as_typed(), progress)
    _show(report(folder), folder, as_json)


@main.command(epilog="Example: bench noise suites/quickstart.yaml --copies 7 --budget 5m")
@suite_options
@click.option("--copies", type=click.IntRange(1, 200), default=7, show_default=True, help="Identical trials.")
@click.option("--out", type=PATH, default=RESULTS, show_default=True, help="Folder of all results.")
@click.option("--json", "as_json", is_flag=True, help="Print the noise floor as JSON.")
def noise(suite: Path, copies: int, out: Path, as_json: bool, **options: Any) -> None:
    """Compare SUITE's baseline with itself: what identical trials differ by on this machine."""
    from bench.noise_view import noise_text
    from bench.progress import watching
    from bench.run import prepare_noise, start, take_noise_floor

    prepared = prepare_noise(suite, overrides_of(**options), copies)
    _end_like_interrupted()
    with watching(quiet=as_json) as progress:
        folder = start(prepared, out, _command_as_typed(), progress)
    floor, file = take_noise_floor(folder, out)
    click.echo(floor.model_dump_json(indent=2) if as_json else noise_text(floor, file, folder))


@main.command(epilog="Example: bench resume results/quickstart/20260102T030405Z-ab12cd")
@click.argument("folder", metavar="RUN", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def resume(folder: Path, as_json: bool) -> None:
    """Go on with a RUN that was stopped or killed; what it has measured is kept."""
    from bench.progress import watching
    from bench.run import resume as go_on

    _end_like_interrupted()
    with watching(quiet=as_json) as progress:
        analysis = go_on(folder, progress)
    _show(analysis, folder, as_json)


@main.command(epilog="Example: bench report results/quickstart/20260102T030405Z-ab12cd")
@click.argument("folder", metavar="RUN", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def report(folder: Path, as_json: bool) -> None:
    """Make the reports of a RUN again, from its journal alone."""
    from bench.run import report as make

    _show(make(folder), folder, as_json)


@main.command("list", epilog="Example: bench list --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_optimizations(as_json: bool) -> None:
    """List the optimizations that suites can use as axes."""
    from bench.cards import list_json, list_text
    from bench.optimizations.registry import registry

    known = registry()
    click.echo(json.dumps(list_json(known), indent=2) if as_json else list_text(known, _width()))


@main.command(epilog="Example: bench show precision")
@click.argument("optimization")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(optimization: str, as_json: bool) -> None:
    """Show the card of an OPTIMIZATION: what it does, its levels, its evidence."""
    from bench.cards import card_json, card_text
    from bench.errors import InputError
    from bench.optimizations.registry import registry

    try:
        chosen = registry()[optimization]
    except InputError as error:
        raise InputError("OPTIMIZATION", error.found, error.expected, error.nearest) from None
    click.echo(json.dumps(card_json(chosen), indent=2) if as_json else card_text(chosen, _width()))


@main.command(epilog="Example: bench doctor --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:
    """Show what this machine has, and what that rules out."""
    from bench.doctor import examine, findings_json, findings_table
    from bench.environment import Machine
    from bench.optimizations.registry import registry

    found = examine(Machine.here(), registry())
    click.echo(findings_json(found) if as_json else findings_table(found))


@main.command(epilog="Example: bench trace suites/quickstart.yaml --combination precision=bf16")
@suite_options
@click.option("--combination", "labels", multiple=True, metavar="LABEL", help="As `bench plan` shows it.")
@click.option("--out", type=PATH, default=RESULTS / "traces", show_default=True, help="Folder of traces.")
def trace(suite: Path, labels: tuple[str, ...], out: Path, **options: Any) -> None:
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


main.add_command(benchmark)


@main.command(epilog="Example: bench schema > suites/suite.schema.json")
def schema() -> None:
    """Print the JSON Schema of suites, for editors."""
    from bench.suite.schema import schema_text

    click.echo(schema_text(), nl=False)


def _show(analysis: Any, folder: Path, as_json: bool) -> None:
    """Print a report and where it lies."""
    if as_json:
        from bench.reports.json_report import report_json

        click.echo(json.dumps(report_json(analysis), indent=2))
        return
    from bench.reports.terminal import terminal_table

    click.echo(terminal_table(analysis, _width()))
    click.echo(f"\nReport: {folder / 'report.md'}")


def _width() -> int:
    """Return how many characters a line of the terminal holds; 120 where there is no terminal."""
    return shutil.get_terminal_size((120, 24)).columns


def _command_as_typed() -> str:
    return shlex.join(["bench", *sys.argv[1:]])


def _end_like_interrupted() -> None:
    """Let a polite request to end clean up as an interrupt does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
