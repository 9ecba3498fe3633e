"""Starting a program with exactly these streams, as `execvp` would: found on PATH, with the environment and directory of this process."""

from __future__ import annotations

import errno
import os
import signal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CANNOT, NOT_FOUND = 126, 127
"""Exit codes by which shells, `env` and `timeout` say that a program could not be run, or was not found."""

RESTORED: Final = tuple(getattr(signal, name) for name in ("SIGPIPE", "SIGXFSZ", "SIGXFZ") if hasattr(signal, name))
"""Signals that the interpreter ignores for itself; a program expects them as they are."""


class NotStarted(NamedTuple):
    """Why a program does not run, in words, and the exit code that says so."""

    why: str
    code: int


def start(
    argv: Sequence[str], env: Mapping[str, str], streams: Mapping[int, int], *, group: bool, terminal: str = ""
) -> int | NotStarted:
    """Start `argv` and return its number. streams: the child's 0, 1, 2 by descriptors of ours; one that is not named is inherited.

    group: give it a process group of its own. terminal: a pseudo-terminal's path: the child gets a session of its own, of which this is the
    controlling terminal, and its standard input.
    """
    if not argv[0]:
        return NotStarted("it has no name", NOT_FOUND)
    actions: list[tuple[Any, ...]] = []
    if terminal:
        actions.append((os.POSIX_SPAWN_OPEN, 0, terminal, os.O_RDWR, 0))
    actions += [(os.POSIX_SPAWN_DUP2, own, theirs) for theirs, own in streams.items()]
    options: dict[str, Any] = {"setsid": True} if terminal else {"setpgroup": 0} if group else {}
    try:
        return os.posix_spawnp(
            argv[0], [*argv], env, file_actions=actions, setsigmask=(), setsigdef=RESTORED, **options
        )
    except OSError as error:
        if error.errno == errno.ENOEXEC:
            return _by_shell(argv, env, actions, options)
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return NotStarted("there is no such program, or it names an interpreter that is missing", NOT_FOUND)
        return NotStarted((error.strerror or "it cannot be run").lower(), CANNOT)


def _by_shell(
    argv: Sequence[str], env: Mapping[str, str], actions: Sequence[tuple[Any, ...]], options: Mapping[str, Any]
) -> int | NotStarted:
    """Run a script without a first line that names its interpreter, as `execvp` does."""
    path = (
        argv[0]
        if os.sep in argv[0]
        else next((place for place in _places(argv[0], env) if os.access(place, os.X_OK)), argv[0])
    )
    try:
        return os.posix_spawn(
            "/bin/sh",
            ["/bin/sh", path, *argv[1:]],
            env,
            file_actions=actions,
            setsigmask=(),
            setsigdef=RESTORED,
            **options,
        )
    except OSError as error:
        return NotStarted((error.strerror or "it cannot be run").lower(), CANNOT)


def _places(name: str, env: Mapping[str, str]) -> list[str]:
    return [os.path.join(folder or ".", name) for folder in env.get("PATH", os.defpath).split(os.pathsep)]  # noqa: PTH118 - an empty folder is the current one
