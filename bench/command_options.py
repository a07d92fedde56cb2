"""What several commands share: options that change a suite, and how a command talks to its caller."""

from __future__ import annotations

import importlib
import json
import pkgutil
import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

PATH = click.Path(path_type=Path)
RESULTS = Path("results")
OUT = click.option("--out", type=PATH, default=RESULTS, show_default=True, help="Folder of all results.")

SET = click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="Change any field of the suite.")

SEED = click.option("--seed", default=0, show_default=True, help="Of every random choice.")


def add_commands(group: click.Group, package: ModuleType) -> None:
    """Add to ``group`` the ``command`` of every module of ``package``, by name."""
    for info in pkgutil.iter_modules(package.__path__):
        group.add_command(importlib.import_module(f"{package.__name__}.{info.name}").command)


def json_option(of: str) -> Callable[[Command], Command]:
    """Return the option ``--json`` of a command that prints ``of``."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print {of} as JSON.")


def suite_options(command: Command) -> Command:
    """Give a command the options that change a suite."""
    options = [
        click.argument("suite", type=PATH),
        click.option("--budget", metavar="TIME", help="Wall time of the whole run, such as 90s, 10m or 1h."),
        click.option("--device", metavar="DEVICE", help="cpu, cuda:N or auto."),
        click.option("--margin", metavar="PERCENT", help="Differences smaller than this are equivalent, such as 2%."),
        SET,
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


def show_report(analysis: Any, folder: Path, as_json: bool) -> None:
    """Print a report and where it lies."""
    if as_json:
        from bench.reports.json_report import report_json

        click.echo(json.dumps(report_json(analysis), indent=2))
        return
    from bench.reports.terminal import terminal_table

    click.echo(terminal_table(analysis, terminal_width()))
    click.echo(f"\nReport: {folder / 'report.md'}")


def terminal_width() -> int:
    """Return how many characters a line of the terminal holds; 120 where there is no terminal."""
    return shutil.get_terminal_size((120, 24)).columns


def command_as_typed() -> str:
    """Return the command line, quoted for a shell."""
    return shlex.join(["bench", *sys.argv[1:]])


@contextmanager
def no_answer_from_errors(without: str) -> Iterator[None]:
    """Keep what goes wrong inside from leaving with 1, in commands where that is an answer.

    Args:
        without: what the command could not do for it, the beginning of the message.

    Raises:
        NoAnswerError: anything went wrong that would leave with 1.
    """
    from bench.errors import BenchError, NoAnswerError

    try:
        yield
    except BenchError as error:
        if error.exit_code != 1:
            raise
        raise NoAnswerError(f"{without}: {error}") from error
    except Exception as error:
        raise NoAnswerError(f"{without}: {type(error).__name__}: {error}") from error


def end_like_interrupted() -> None:
    """Let a polite request to end, or the end of the terminal, clean up as an interrupt does.

    Under nohup, which has the end of the terminal ignored, it stays so.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            # The shell and the system both tell of a closed terminal: the second is not to interrupt the cleaning up.
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, interrupt)
