"""The command line: the only place that prints or exits.

Nothing is imported before it is needed: `--version` and `--help` answer from this file and two data modules alone.
"""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS: Final = ("run", "explain", "resolve", "history", "learn", "patterns", "config", "doctor")
FAILED, USAGE, BLIND, INTERRUPTED = 1, 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (without the program's name) and return its exit code; the entry point exits with it."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("ci-diagnose: interrupted; nothing was recorded.\n")
        return INTERRUPTED
    except BrokenPipeError:
        # the reader of our output has gone, as `| head` does: not our failure, and nothing to say it to
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # noqa: BLE001 - the one place where a bug becomes a message
        from diagnose.cli.crash import report_crash

        return report_crash(error)


def _dispatch(arguments: list[str]) -> int:
    first = arguments[0] if arguments else ""
    if first in ("--version", "-V"):
        from diagnose.version import VERSION

        sys.stdout.write(f"ci-diagnose {VERSION}\n")
        return 0
    if first in ("--help", "-h", "help"):
        from diagnose.cli.help import HELP

        sys.stdout.write(HELP)
        return 0
    if first == "run":
        from diagnose.cli.run_now import main as run_now  # the command is started before click is imported

        return run_now(arguments[1:])
    if first in COMMANDS:
        return _run(first, arguments[1:])
    if first and not first.startswith("-"):
        from diagnose.cli.help import unknown_command

        sys.stderr.write(unknown_command(first))
        return USAGE
    return _run("diagnose_command", arguments)


def _run(module: str, arguments: list[str]) -> int:
    """Run a click command of this folder; click's own errors are told in our shape."""
    import click

    command = import_module(f"diagnose.cli.{module}").command
    name = "ci-diagnose" if module == "diagnose_command" else f"ci-diagnose {module}"
    try:
        result = command.main(arguments, prog_name=name, standalone_mode=False)
    except click.exceptions.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        from diagnose.cli.out import complain

        complain(error.format_message(), f"{name} --help")
        return USAGE
    return int(result or 0)


def entry() -> None:
    """Entry point of the installed script."""
    # a short process makes few cycles and many objects that stay: the collector's default costs a twentieth of a short log,
    # which with this threshold ends before the first collection
    gc.set_threshold(200_000, 20, 20)
    code = main()
    # at its end Python looks three times for cycles among all objects, before it drops them all: a tenth of a short log
    gc.freeze()
    sys.exit(code)
