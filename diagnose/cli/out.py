"""How anything leaves: the answer on standard output, everything else on standard error."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from typing import TYPE_CHECKING, Final, TextIO

from diagnose.kit.atomic import write_atomic
from diagnose.render.interface import View
from diagnose.safety.plain import plain
from diagnose.safety.terminal import to_terminal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from diagnose.model.text import Phrase
    from diagnose.sources.refusal import Refusal

MARKS: Final = "✗✓■▸│↪·…\u2013"
NARROWEST: Final = 40


def view(env: Mapping[str, str], *, color: str, plain: bool, full: bool) -> View:
    """How standard output is looked at: width, colours, glyphs; the flag wins over the environment."""
    tty = sys.stdout.isatty()
    dumb = env.get("TERM") == "dumb"
    return View(
        width=columns(env),
        colour=_colour(env, color, tty=tty and not dumb),
        plain=plain or dumb,
        full=full,
        ascii=not encodes(sys.stdout),
        tty=tty and not dumb,
    )


def columns(env: Mapping[str, str]) -> int:
    """How many columns a row may take."""
    return max(NARROWEST, _width(env, tty=sys.stdout.isatty()))


def _width(env: Mapping[str, str], *, tty: bool) -> int:
    told = env.get("COLUMNS", "")
    if told.isdigit() and int(told):
        return int(told)
    return shutil.get_terminal_size((80, 24)).columns if tty else 80


def _colour(env: Mapping[str, str], color: str, *, tty: bool) -> bool:
    if color in ("always", "never"):
        return color == "always"
    if env.get("NO_COLOR"):
        return False
    if env.get("CLICOLOR_FORCE", "0") != "0" or env.get("FORCE_COLOR"):
        return True
    return tty and not env.get("GITHUB_ACTIONS")


def encodes(stream: TextIO) -> bool:
    """Whether the stream can show our marks, by trial and not by locale."""
    try:
        MARKS.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def answer(text: str, env: Mapping[str, str], output: Path | None = None, *, for_runner: bool = False) -> str:
    """Write the answer, already gated by its renderer. Returns "" or why the file could not be written.

    for_runner: it holds commands of ours that a runner of GitHub Actions is to obey, and nothing else that it would.
    """
    if output is not None:
        return write_atomic(output, text.encode("utf-8", "backslashreplace"))
    if env.get("GITHUB_ACTIONS") == "true" and not for_runner and not _is_file(sys.stdout):
        from diagnose.safety.runner import is_dead_json, to_runner

        text = text if is_dead_json(text) else to_runner(text.splitlines())
    data = text.encode(sys.stdout.encoding or "utf-8", "backslashreplace")
    sys.stdout.flush()
    if hasattr(sys.stdout, "buffer"):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(text)
    return ""


def _is_file(stream: TextIO) -> bool:
    """Whether a stream leads into a regular file: no runner reads there, and what was asked for is the answer as it is."""
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # a stream of a test, or a closed one
        return False


def complain(message: str | Phrase, remedy: str = "") -> None:
    """Write an error in our shape: what is wrong, what it means, and one thing to try."""
    from diagnose.safety.redact import Redactor

    text = to_terminal(Redactor(os.environ).redact(plain(message))).strip()
    lines = [f"ci-diagnose: {text}"]
    if remedy:
        lines.append(f"try: {to_terminal(remedy)}")
    rest = "\n".join(lines).split("\n")
    out = "\n".join([rest[0], *(f"             {line.strip()}" for line in rest[1:])])
    tell(out)


def refuse(refusal: Refusal) -> None:
    """Say why there is nothing to diagnose."""
    complain(refusal.message, refusal.remedy)


def tell(line: str) -> None:
    """Write a line of our own, already gated, to standard error."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from diagnose.safety.runner import to_runner

        line = to_runner(line.splitlines()).rstrip("\n")
    sys.stderr.write(
        line.encode(sys.stderr.encoding or "utf-8", "backslashreplace").decode(sys.stderr.encoding or "utf-8") + "\n"
    )
    sys.stderr.flush()
