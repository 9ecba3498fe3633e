"""Replies kept between runs with their ETags, so that what has not changed is asked for without being sent, or counted, again.

GitHub answers 304 to a conditional request whose ETag still holds, and such an answer costs nothing of the hour's requests (docs, "Best
practices for using the REST API"). A reply belongs to the token that it was given to (`Vary: Authorization`): each is sealed with a key made
of that token, so that a folder which somebody else has written into (a cache restored from elsewhere) tells this program nothing. Without a
token nothing is kept. What cannot be read or written is as if it were not there.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from diagnose.kit.atomic import write_atomic
from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from diagnose.sources.github.token import Token

HEAD: Final = b"ci-diagnose reply 1\n"
ETAG: Final = regex(r'(?:W/)?"[\x21\x23-\x7e]{1,200}"')
MOST_BODY: Final = 1 << 20
MOST_FILE: Final = MOST_BODY + (16 << 10)
MOST_FILES: Final = 2_000
MOST_BYTES: Final = 64 << 20
SEAL: Final = hashlib.sha256().digest_size * 2
_NAME: Final = regex(r"[0-9a-f]{64}\.reply")


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply as it was: its ETag, the address of its next page ("" for none), its bytes."""

    etag: str
    following: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of replies for one token. Methods read and write files: call them in a thread."""

    folder: Path
    key: bytes

    def find(self, url: str, accept: str) -> Kept | None:
        """Return the reply that `url` gave when it was asked for as `accept`; None when there is none that is whole and ours."""
        found = _read(self._place(url, accept))
        if found is None or not found.startswith(HEAD):
            return None
        seal, _, rest = found[len(HEAD) :].partition(b"\n")
        if not hmac.compare_digest(seal, self._seal(rest)):
            return None
        head, _, body = rest.partition(b"\n")
        told = _told(head)
        if told is None or (told["url"], told["accept"]) != (url, accept) or not ETAG.fullmatch(told["etag"]):
            return None
        return Kept(told["etag"], told["next"], body)

    def keep(self, url: str, accept: str, reply: Kept) -> None:
        """Write a reply down, for its owner alone. What is too large, or has no proper ETag, is not kept."""
        if len(reply.body) > MOST_BODY or not ETAG.fullmatch(reply.etag):
            return
        told = {"url": url, "accept": accept, "etag": reply.etag, "next": reply.following}
        rest = json.dumps(told).encode() + b"\n" + reply.body
        write_atomic(self._place(url, accept), HEAD + self._seal(rest) + b"\n" + rest)

    def touch(self, url: str, accept: str) -> None:
        """Say that a reply was of use: what has not been for longest goes first."""
        with suppress(OSError):
            os.utime(self._place(url, accept), follow_symlinks=False)

    def forget(self, url: str, accept: str) -> None:
        """Take a reply away."""
        with suppress(OSError):
            self._place(url, accept).unlink()

    def trim(self) -> None:
        """Take away the oldest replies until MOST_FILES and MOST_BYTES hold; nothing that is not a reply is touched."""
        found: list[tuple[float, int, Path]] = []
        with suppress(OSError):
            for entry in os.scandir(self.folder):
                if _NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    known = entry.stat(follow_symlinks=False)
                    found.append((known.st_mtime, known.st_size, Path(entry.path)))
        size = 0
        for place, (_, each, path) in enumerate(sorted(found, key=lambda entry: -entry[0]), 1):
            size += each
            if place > MOST_FILES or size > MOST_BYTES:
                with suppress(OSError):
                    path.unlink()

    def _place(self, url: str, accept: str) -> Path:
        named = hmac.new(self.key, f"{accept}\n{url}".encode(), hashlib.sha256).hexdigest()
        return self.folder / f"{named}.reply"

    def _seal(self, rest: bytes) -> bytes:
        return hmac.new(self.key, rest, hashlib.sha256).hexdigest().encode()


def open_shelf(folder: Path | None, token: Token | None) -> Shelf | None:
    """Open the folder for a token; None where there is no token, or no folder that is this user's alone."""
    if folder is None or token is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        known = folder.lstat()
    except OSError:
        return None
    if not stat.S_ISDIR(known.st_mode):
        return None
    if hasattr(os, "getuid") and (known.st_uid != os.getuid() or known.st_mode & 0o077):
        return None
    return Shelf(folder, token.seal(b"ci-diagnose replies 1"))


def _read(path: Path) -> bytes | None:
    """Read a file that is a plain one and not too large; a link is not followed."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        body = file.read(MOST_FILE + 1)
    return body if len(body) <= MOST_FILE else None


def _told(head: bytes) -> dict[str, str] | None:
    try:
        told = json.loads(head)
    except (ValueError, RecursionError):
        return None
    names = ("url", "accept", "etag", "next")
    fits = isinstance(told, dict) and all(isinstance(told.get(name), str) for name in names)
    return {name: told[name] for name in names} if fits else None
