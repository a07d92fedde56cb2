"""The command line; each command imports what it needs when it runs, so that ``--help`` answers at once."""

from __future__ import annotations

import traceback
from typing import Any

import click

import bench.commands
from bench import __version__
from bench.command_options import add_commands

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


add_commands(main, bench.commands)
