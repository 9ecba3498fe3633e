"""One line's bytes to the text that a terminal would show, and what must be undone before."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

ESC: Final = b"\x1b"
# CSI up to its final byte; OSC, DCS, SOS, PM, APC up to BEL, ST or the line's end; two-byte sequences; one cut in half.
_SEQUENCE: Final = regex(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P^_X][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]+[0-~]|[0-OQ-WYZ\\`-~]|(?:\[[0-?]*)?(?=[\n\r]|$))"
)
# `gh run view --log` writes the control character as two: mapControlToCaret in cli/go-gh, pkg/asciisanitizer; `cat -v` does too
_CARET: Final = b"^[["
_CARET_SEQUENCE: Final = regex(rb"\^\[\[[0-9]{1,3}(?:;[0-9]{1,3}){0,15}[mKGJ]")
_BOM: Final = "\ufeff"
UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def strip_colours(data: bytes) -> bytes:
    """Remove escape sequences, never across a newline; line numbers stay.

    Repeated until nothing is left, since removing one sequence may join the halves of another.
    """
    for _ in range(4):
        if ESC not in data:
            break
        shorter = _SEQUENCE.sub(b"", data)
        if len(shorter) == len(data):
            break
        data = shorter
    return _CARET_SEQUENCE.sub(b"", data) if _CARET in data else data


def shown(raw: bytes) -> str:
    r"""Decode one line (without `\n`, colours removed): what stands on the screen when all of it was printed.

    A lone `\r` starts the line anew: the last segment that holds anything counts. Bytes that are not UTF-8 become `\xNN`.
    """
    if b"\r" in raw:
        raw = raw.rstrip(b"\r")
        if b"\r" in raw:
            raw = raw[raw.rfind(b"\r") + 1 :]
    return entire(raw)


def entire(raw: bytes) -> str:
    r"""Decode one line (without `\n`, colours removed) with all that a `\r` in it makes a terminal overwrite."""
    raw = raw.rstrip(b"\r")
    if b"\x08" in raw:
        raw = _backspaced(raw)
    text = raw.decode("utf-8", "backslashreplace")
    return text.lstrip(_BOM) if text.startswith(_BOM) else text


def _backspaced(raw: bytes) -> bytes:
    # spinners: "\x08\\\x08|"; a backspace takes the character before it away, of however many bytes
    out: list[str] = []
    for character in raw.decode("utf-8", "surrogateescape"):
        if character != "\x08":
            out.append(character)
        elif out:
            out.pop()
    return "".join(out).encode("utf-8", "surrogateescape")


def utf16_to_utf8(source: BinaryIO, mark: bytes) -> Iterator[bytes]:
    """Read UTF-16 text from its beginning in pieces and give UTF-8; `mark` is its byte order mark."""
    name = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    decoder = codecs.getincrementaldecoder(name)("replace")
    source.seek(len(mark))
    while piece := source.read(1 << 20):
        yield decoder.decode(piece).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")
