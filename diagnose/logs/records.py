r"""Logs that an API gives as a JSON list of pieces, turned into the text that they are of.

CircleCI's `output_url`: `[{"message": "...", "time": "...", "type": "out"}]`, messages of any number of lines, `\r\n` in them.
Drone (harness/drone at f9432e9, livelog.go): `[{"pos": 0, "out": "...\n", "time": 0}]`. Woodpecker (woodpecker-ci/woodpecker at
a4cb541, server/model/log.go): `[{"id": 1, "step_id": 1, "time": 0, "line": 0, "data": "<base64>", "type": 0}]`, a line each; type 2
is the exit code, 3 and 4 are notes. Such a list is one line of the file, so the lines that are counted are those of the text.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

MOST: Final = 64 << 20  # bytes of JSON; what is larger stays as it is
_EXIT_CODE: Final = 2


def text_of(source: BinaryIO, head: bytes) -> Iterator[bytes] | None:
    """Give the text of a list of pieces, from the beginning of `source`; None when it is none, or too large.

    head: the first bytes of `source`, at least 200.
    """
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith(b"[") or not start[1:200].lstrip().startswith(b"{"):
        return None
    source.seek(0)
    data = source.read(MOST + 1)
    if len(data) > MOST:
        return None
    try:
        pieces = json.loads(data)
    except (ValueError, RecursionError):
        return None
    reader = _reader(pieces)
    return None if reader is None else _encoded(map(reader, pieces))


def _reader(pieces: object) -> Callable[[dict[str, object]], str] | None:
    """Find the form that every piece has."""
    if not isinstance(pieces, list) or not pieces or not all(isinstance(piece, dict) for piece in pieces):
        return None
    if all(isinstance(piece.get("message"), str) and "time" in piece and "type" in piece for piece in pieces):
        return _circleci
    if all(isinstance(piece.get("out"), str) and "pos" in piece for piece in pieces):
        return _drone
    if all(isinstance(piece.get("data"), str | None) and "line" in piece and "step_id" in piece for piece in pieces):
        return _woodpecker
    return None


def _circleci(piece: dict[str, object]) -> str:
    return str(piece["message"])


def _drone(piece: dict[str, object]) -> str:
    return _ended(str(piece["out"]))


def _woodpecker(piece: dict[str, object]) -> str:
    kind = piece.get("type", 0)
    if isinstance(kind, int) and kind > _EXIT_CODE:
        return ""
    data = str(piece.get("data") or "")
    try:
        text = base64.b64decode(data, validate=True).decode("utf-8", "backslashreplace")
    except (binascii.Error, ValueError):
        text = data
    return _ended(f"exit code: {text}" if kind == _EXIT_CODE else text)


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def _encoded(texts: Iterable[str]) -> Iterator[bytes]:
    for text in texts:
        if text:
            yield text.encode("utf-8", "backslashreplace")
