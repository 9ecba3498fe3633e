"""`ci-diagnose run -- CMD`: the command is started before anything is imported that only its failure needs."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from diagnose.running.capture import Capture
    from diagnose.running.supervise import Ended

OURS: Final = 125
"""Exit code of a mistake of ours, or in our options: what `env` and `timeout` say, for no command has run."""

SWITCH: Final = 0.0005
"""Seconds after which a thread that moves bytes may take its turn from one that imports."""

BY_SIGNAL: Final = 128
"""What shells add to the number of the signal that ended a command."""


def main(arguments: Sequence[str]) -> int:
    """Run a command line behind the word `run`. Returns the command's exit code; a signal that ended it ends this process too."""
    if sys.platform == "win32":
        return _not_here()
    if arguments[:1] == ["--"] and len(arguments) > 1:
        return execute([*arguments[1:]], {})
    import click

    from diagnose.cli.run import command

    try:
        code = command.main([*arguments], prog_name="ci-diagnose run", standalone_mode=False)
    except click.exceptions.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        from diagnose.cli.out import complain

        complain(error.format_message(), "ci-diagnose run --help")
        return OURS
    return int(code or 0)


def execute(argv: list[str], options: Mapping[str, Any]) -> int:
    """Run `argv`, then say why it failed. options: by the names of click; {} for none."""
    from diagnose.running.capture import Capture
    from diagnose.running.start import NotStarted
    from diagnose.running.supervise import Terms, supervise

    _open_standard_streams()
    sys.setswitchinterval(SWITCH)
    defaults = Terms()
    terms = Terms(options.get("grace", defaults.grace), defaults.settle, options.get("leave", False))
    capture = Capture()
    try:
        ended = supervise(argv, os.environ, capture, _warm, terms)
        if isinstance(ended, NotStarted):
            from diagnose.cli.run_said import not_started

            not_started(argv, ended)
            if options:
                from diagnose.cli.forms import nothing_to_publish

                nothing_to_publish(options)
            return ended.code
        _afterwards(argv, options, capture, ended)
    finally:
        capture.close()
    return leave(ended)


def _afterwards(argv: list[str], options: Mapping[str, Any], capture: Capture, ended: Ended) -> None:
    """Say, diagnose, record. Whatever becomes of it, the command's exit code stands."""
    try:
        from diagnose.cli.run_after import after

        after(argv, options, capture, ended)
    except (KeyboardInterrupt, BrokenPipeError):
        return
    except Exception as error:  # noqa: BLE001 - a bug of ours is no failure of the command
        from diagnose.cli.crash import report_crash

        report_crash(error)


def leave(ended: Ended) -> int:
    """Give the command's exit code; when a signal ended it, end by the same one, as the command itself would have."""
    if ended.code >= 0:
        return ended.code
    number = -ended.code
    try:
        sys.stdout.flush()
        sys.stderr.flush()
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the command's core is the one to look at
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    except (OSError, ValueError):  # a reader that has gone, a limit that may not be set: the number says it
        return BY_SIGNAL + number
    return BY_SIGNAL + number  # the first process of a container is not ended by its own signal


def _warm() -> Callable[[], float]:
    """Import, while the command runs, what its end needs; give a clock. A mistake comes to light at the end, and does not touch the command."""
    from diagnose.kit.clock import system_clock

    with suppress(Exception):
        from diagnose.cli import run_after

        run_after.warm()
    return system_clock().elapsed


def _open_standard_streams() -> None:
    """Give a stream that is closed to nobody, so that no file of ours takes its number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - as long as the process


def _not_here() -> int:
    from diagnose.cli.out import complain

    complain(
        "run needs process groups and pseudo-terminals, which Windows does not have in this form. Nothing was run.",
        "CMD > build.log 2>&1    and, when it fails, ci-diagnose --log build.log",
    )
    return OURS
