"""The elements of an XML file, one after another, with their places: bounded, and deaf to what XML can be made to do.

expat is used as defusedxml uses it: a document type or an entity of its own ends the reading, so nothing expands and nothing is
fetched. Since a report is often cut off, or holds bytes that XML forbids, what was read before stays, and what is wrong is said.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol
from xml.parsers import expat

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES: Final = 128 << 20
MOST_DEPTH: Final = 64
MOST_TAG: Final = 8 << 20
PIECE: Final = 1 << 20
_DECLARED: Final = regex(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
# an encoding that a file of single bytes cannot be in: the declaration is wrong (some loggers write "utf-16" into UTF-8)
_UTF8: Final = regex(rb"(?i)utf-?8|utf-?16(?:le|be)?|utf-?32|unicode|us-ascii|ascii")
_FORBIDDEN: Final = regex(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_STRAY: Final = regex("[\udc80-\udcff]")


class Listener(Protocol):
    """Is told of elements. Offsets are of the file's bytes; names are without their prefix."""

    def begin(self, name: str, attributes: dict[str, str], offset: int) -> None:
        """An element begins."""
        ...

    def end(self, name: str, offset: int) -> None:
        """An element ends."""
        ...

    def text(self, text: str) -> None:
        """Text stands between the last two."""
        ...


class _StoppedError(Exception):
    """The reading ends here. Never leaves this module."""


@dataclass(slots=True)
class _Depth:
    now: int = 0


def walk(file: BinaryIO, listener: Listener) -> str:
    """Read the file from its beginning and tell `listener`; return "" or why it was not read to its end."""
    parser, clean = _parser(file, listener)
    fed = 0
    try:
        while piece := file.read(PIECE):
            fed += len(piece)
            if fed > MOST_BYTES:
                return f"it is larger than {MOST_BYTES >> 20} MB; what stands behind is not read"
            parser.Parse(clean(piece))
            if fed - max(0, parser.CurrentByteIndex) > MOST_TAG:
                return f"one of its tags is longer than {MOST_TAG >> 20} MB"
        parser.Parse(clean(b""), True)  # noqa: FBT003 - as expat takes it
    except expat.ExpatError as error:
        return f"it is no well-formed XML from line {error.lineno} on ({expat.ErrorString(error.code)})"
    except _StoppedError as error:
        return str(error)
    return ""


def _parser(file: BinaryIO, listener: Listener) -> tuple[expat.XMLParserType, Callable[[bytes], bytes]]:
    file.seek(0)
    declared = _DECLARED.match(file.read(512))
    file.seek(0)
    as_utf8 = declared is None or _UTF8.fullmatch(declared[1]) is not None or not _of_single_bytes(declared[1].decode())
    parser = expat.ParserCreate("utf-8" if as_utf8 else None)
    parser.buffer_text = True
    depth = _Depth()

    def begin(name: str, attributes: dict[str, str]) -> None:
        depth.now += 1
        if depth.now > MOST_DEPTH:
            raise _StoppedError(f"its elements stand more than {MOST_DEPTH} deep")
        listener.begin(_local(name), attributes, parser.CurrentByteIndex)

    def end(name: str) -> None:
        depth.now -= 1
        listener.end(_local(name), parser.CurrentByteIndex)

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = listener.text
    parser.StartDoctypeDeclHandler = _no_document_type
    parser.EntityDeclHandler = _no_entity
    parser.UnparsedEntityDeclHandler = _no_entity
    parser.ExternalEntityRefHandler = _no_entity
    return parser, _cleaner() if as_utf8 else lambda piece: _FORBIDDEN.sub(b"?", piece)


def _of_single_bytes(encoding: str) -> bool:
    """Whether expat can be told this encoding. What it cannot is read as UTF-8: tags are ASCII everywhere, only words suffer."""
    try:
        return len(bytes(range(256)).decode(encoding, "replace")) == 256  # noqa: PLR2004 - a character for each byte
    except (LookupError, ValueError):
        return False


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _no_document_type(name: str, *_: object) -> None:
    if name.lower() == "html":
        raise _StoppedError("it is an HTML page")
    raise _StoppedError("it declares a document type (DOCTYPE), which is not read: it could define entities")


def _no_entity(*_: object) -> int:
    raise _StoppedError("it declares entities, which are not read")


def _cleaner() -> Callable[[bytes], bytes]:
    """Make what replaces bytes that XML or UTF-8 forbids, each by one byte, so that offsets stay."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")

    def clean(piece: bytes) -> bytes:
        text = decoder.decode(_FORBIDDEN.sub(b"?", piece), final=not piece)
        return _STRAY.sub("?", text).encode("utf-8")

    return clean
