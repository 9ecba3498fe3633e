"""Paths from outside: which may be used at all, and how a file below a root is read."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Final
from unicodedata import category, normalize

from diagnose.kit.regex import regex
from diagnose.model.incident import Missing
from diagnose.model.text import Phrase, Untrusted, phrase
from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from pathlib import Path

    from diagnose.model.incident import Absence

NAME_BYTES: Final = 255
PATH_BYTES: Final = 4_096

_ELSEWHERE = regex(r"[/~]|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*://")
_ENCODED = regex(r"(?:^|/)(?:%2e|\.){2}(?:%2f|%5c|/|$)|%2f|%5c|%00", re.IGNORECASE)
# Names that Windows takes for devices, with any ending: learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICE = regex(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9]|conin\$|conout\$)(?:\..*)?", re.IGNORECASE)
_GIT = regex(r"\.git\s*|git~\d+", re.IGNORECASE)
_RESERVED: Final = frozenset('<>:"|?*')


def to_path(text: str | Untrusted | Phrase) -> str | None:
    """Return a relative path with `/` between its names; None when it leads elsewhere or means more than a name.

    Refused: absolute, home, drive, URL, `..` in any spelling, control and format characters, devices, `.git`, names that
    Windows cannot hold, more than 255 bytes a name or 4,096 in all. The file need not exist.
    """
    path = plain(text).replace("\\", "/")
    if not path or _ELSEWHERE.match(path) or _ENCODED.search(path):
        return None
    try:
        size = len(path.encode())
    except UnicodeEncodeError:
        return None
    if size > PATH_BYTES or any(category(character) in ("Cc", "Cf", "Zl", "Zp") for character in path):
        return None
    names = [name for name in path.split("/") if name not in ("", ".")]
    return "/".join(names) if names and all(map(_is_name, names)) else None


def open_below(root: Path, relative: str | Untrusted, max_bytes: int) -> bytes | Missing:
    """Read a regular file below `root`, following no link on the way.

    max_bytes: a larger file is not read at all. Every reason not to read it comes back as Missing.
    """
    path = to_path(relative)
    if path is None:
        return _missing(relative, "denied", phrase("the path leads out of the work tree or is no plain file name"))
    try:
        handle = _descend(root, path)
    except (OSError, ValueError) as error:
        kind: Absence = "denied" if isinstance(error, PermissionError) else "not-stored"
        return _missing(
            relative,
            kind,
            phrase("the file cannot be opened: ", Untrusted(getattr(error, "strerror", None) or "bad name")),
        )
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return _missing(relative, "unreadable", phrase("it is no regular file"))
    with os.fdopen(handle, "rb") as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        return _missing(relative, "too-large", phrase(f"it has more than {max_bytes:,} bytes"))
    return data


def _is_name(name: str) -> bool:
    form = normalize("NFKC", name)
    return not (
        form in (".", "..")
        or "/" in form
        or "\\" in form
        or _DEVICE.fullmatch(name.rstrip(" ."))
        or _GIT.fullmatch(name)
        or name.endswith((".", " "))
        or not _RESERVED.isdisjoint(name)
        or len(name.encode()) > NAME_BYTES
    )


def _descend(root: Path, path: str) -> int:
    """Open name after name below a directory handle. A FIFO must not block, so nothing is waited for."""
    *folders, last = path.split("/")
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    at = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for folder in folders:
            below = os.open(folder, flags | os.O_DIRECTORY, dir_fd=at)
            os.close(at)
            at = below
        return os.open(last, flags | os.O_NOCTTY, dir_fd=at)
    finally:
        os.close(at)


def _missing(path: str | Untrusted, kind: Absence, why: Phrase) -> Missing:
    return Missing(phrase("the file ", Untrusted(plain(path))), kind, why)
