"""What follows the end of a command that was run: what is to be said of it, the answer, a line in the trail."""

from __future__ import annotations

import os
import shlex
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from diagnose.config import Settings
    from diagnose.memory.trail import Run
    from diagnose.running.capture import Capture, Kept
    from diagnose.running.supervise import Ended

INTERRUPTED: Final = (-signal.SIGINT, 128 + signal.SIGINT)
FORMS: Final = ("always", "output", "writes", "summary", "outputs", "comment")
"""Options that want an answer of a command that passes too."""

BY_SIGNAL: Final = 128
LONGEST: Final = 400
"""Characters of a command line that are recorded."""


class Ran(NamedTuple):
    """A command that has ended. said: its words as a shell takes them, redacted."""

    argv: Sequence[str]
    said: str
    ended: Ended
    began: datetime
    capture: Capture

    @property
    def code(self) -> int:
        """The exit code as a shell tells it: 128 + n for a signal."""
        return self.ended.code if self.ended.code >= 0 else BY_SIGNAL - self.ended.code


def warm() -> None:
    """Import what every end needs; a failure's own needs wait until there is one."""
    from importlib import import_module

    from diagnose.safety.redact import Redactor

    for name in ("diagnose.cli.places", "diagnose.config", "diagnose.memory.trail"):
        import_module(name)
    Redactor(os.environ).redact("")  # reads its rules


def after(argv: Sequence[str], options: Mapping[str, Any], capture: Capture, ended: Ended) -> None:
    """Say what was lost or ended, diagnose a failure, and leave a record. Nothing here changes the exit code."""
    from datetime import timedelta

    from diagnose.kit.clock import system_clock
    from diagnose.safety.redact import Redactor

    began = system_clock().now() - timedelta(seconds=ended.seconds)
    ran = Ran(argv, Redactor(os.environ).redact(shlex.join(argv)), ended, began, capture)
    kept = capture.kept
    capture.close_with(f"[the command ended with exit code {ran.code}]")
    if ended.left or ended.undead or ended.losses or kept.problem or kept.left_out:
        from diagnose.cli.run_said import tell

        tell(ended, kept)
    _save(options.get("save"), capture)
    config = _settings(options)
    with _recorded(ran, config, kept) as run:
        if _wanted(ran, options):
            from diagnose.cli.run_answer import diagnose

            diagnose(ran, options, config, run)


def _wanted(ran: Ran, options: Mapping[str, Any]) -> bool:
    """A failure is looked into, not one that somebody asked for by a signal or Ctrl-C; what passed, when something is to be written of it."""
    if ran.ended.asked or ran.ended.code in INTERRUPTED:
        return False
    return ran.code != 0 or any(options.get(name) not in (None, False, ()) for name in FORMS)


def _settings(options: Mapping[str, Any]) -> Settings:
    """The settings; the defaults where they cannot be used: the command has run, and what it came to is worth more than a wrong key."""
    from diagnose.cli.places import settings
    from diagnose.config import ConfigError, Settings

    flags: dict[str, Any] = {
        "output_format": options.get("form"), "color": options.get("color"), "plain": options.get("plain") or None,
        "memory": False if options.get("no_memory") else None,
    }  # fmt: skip
    try:
        return settings(os.environ, flags)[0]
    except ConfigError as error:
        message, _, remedy = str(error).partition(" try: ")
        from diagnose.cli.out import complain

        complain(message.replace("Nothing was run.", "The defaults are taken."), remedy)
        return Settings(**{name: value for name, value in flags.items() if value is not None})


def _save(path: Path | None, capture: Capture) -> None:
    if path is None:
        return
    problem = capture.copy(path)
    if problem:
        from diagnose.cli.out import complain
        from diagnose.model.text import Untrusted, phrase

        complain(
            phrase("the output could not be saved to ", Untrusted(str(path)), f": {problem}."),
            "--save FILE in a folder that can be written",
        )


@contextmanager
def _recorded(ran: Ran, config: Settings, kept: Kept) -> Iterator[Run]:
    """Leave a line in the trail: what was executed, how it ended, and what the diagnosis inside came to."""
    from diagnose.kit.clock import system_clock
    from diagnose.kit.ledger import ledger
    from diagnose.memory.trail import Run, leave, line_of
    from diagnose.safety.redact import Redactor
    from diagnose.version import VERSION

    said = ran.said[:LONGEST]
    run = Run(
        ran.began.isoformat(timespec="seconds"),
        VERSION,
        {"command": "run", "target": said},
        outcome="passed" if ran.code == 0 else "failed",
        exit=ran.code,
    )
    with ledger() as book:
        try:
            yield run
        finally:
            folder = _folder(config)
            if folder is not None:
                run.seconds = (system_clock().now() - ran.began).total_seconds()
                run.executed = ((said,), *book.commands)
                run.looked_at = {
                    **run.looked_at,
                    "bytes": kept.printed,
                    "left_out": kept.left_out,
                    "streams": ran.ended.manner,
                }
                run.said = {**run.said, **_end(ran.ended)}
                leave(folder, line_of(run, Redactor(os.environ)))


def _folder(config: Settings) -> Path | None:
    """Where the trail is, as `diagnose.cli.trail.folder_of` says, without what only a diagnosis needs."""
    from pathlib import Path

    from diagnose.cli.places import data_folder

    if not config.memory:
        return None
    return Path(config.memory_folder).expanduser() if config.memory_folder else data_folder()


def _end(ended: Ended) -> dict[str, Any]:
    told = {
        "command_seconds": ended.seconds, "signal": -ended.code if ended.code < 0 else 0, "asked_to_end": ended.asked,
        "left_behind": ended.left, "not_ended": ended.undead, "lost": [f"{loss.stream}: {loss.size} bytes, {loss.why}" for loss in ended.losses],
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}
