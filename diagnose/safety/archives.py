"""Log archives: zip files from elsewhere, read member by member, never unpacked under a name of theirs.

Python's zipfile takes the second of two joined archives, one hidden in the comment, and a name cut at NUL without a word.
So the records are read here, and everything that two readers could understand differently is refused: what stands before,
between or behind, records that do not agree, members that share bytes. Format: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.4.
"""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final
from unicodedata import normalize

from diagnose.model.incident import Missing
from diagnose.model.text import Untrusted, phrase
from diagnose.safety.paths import to_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from diagnose.model.incident import Absence

_END: Final = struct.Struct("<4s4H2IH")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_END_MARK: Final = b"PK\5\6"
_CENTRAL_MARK: Final = b"PK\1\2"
_LOCAL_MARK: Final = b"PK\3\4"
_DESCRIPTOR_MARK: Final = b"PK\7\x08"

_ENCRYPTED: Final = 0x2041  # bits 0, 6 and 13: traditional, strong, and masked headers
_DESCRIPTOR: Final = 0x8  # bit 3: checksum and sizes follow the data
_UTF8: Final = 0x800
_STORED: Final = 0
_DEFLATED: Final = 8
_ZIP64: Final = 0xFFFFFFFF
_CHUNK: Final = 1 << 16
_UNIX: Final = 3
_KIND: Final = 0o170000
_KINDS_OF_FILE: Final = (0, 0o100000)
_FOLDER: Final = 0o040000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may hold. bytes count what is read, not what it says; ratio applies past `ratio_from` bytes."""

    archive_bytes: int = 512 << 20
    whole_bytes: int = 512 << 20
    member_bytes: int = 200 << 20
    members: int = 20_000
    ratio: int = 200
    ratio_from: int = 10 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its name as a key (no path to write to), its size as it says, and its bytes.

    copy_to writes the bytes to an open file, in pieces, and returns how many there were, or why it stopped: then what
    has been written is no log. Each member may be read once or more; every reading counts towards the archive's limit.
    """

    name: str
    size: int
    copy_to: Callable[[BinaryIO], int | Missing]


@dataclass(frozen=True, slots=True)
class LogArchive:
    """What an archive holds. skipped: members whose name or kind nobody should use, each with its reason."""

    members: tuple[Member, ...]
    skipped: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    raw_name: bytes
    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    mode: int


class _RefusedError(Exception):
    """An archive, or a member, that is not read. Never leaves this module."""

    def __init__(self, why: str, kind: Absence = "unreadable") -> None:
        super().__init__(why)
        self.kind = kind


def read_log_archive(path: Path, *, limits: Limits | None = None) -> LogArchive | Missing:
    """Read the records of a zip file; the members' bytes are read when asked for.

    path: a file that nobody else writes to. Returns Missing when the archive as a whole is not to be trusted.
    """
    caps = limits or Limits()
    try:
        with path.open("rb") as file:
            return _Reader(path, file, caps).read()
    except (_RefusedError, OSError) as error:
        return _refusal(error)


class _Reader:
    def __init__(self, path: Path, file: BinaryIO, limits: Limits) -> None:
        self._path = path
        self._file = file
        self._limits = limits
        self._length = os.fstat(file.fileno()).st_size
        self._budget = [limits.whole_bytes]

    def read(self) -> LogArchive:
        if self._length > self._limits.archive_bytes:
            raise _RefusedError("it is larger than the limit", "too-large")
        entries = list(self._directory())
        _check_names(entries)
        starts = self._check_places(entries)
        members: list[Member] = []
        skipped: list[Missing] = []
        for entry, start in zip(entries, starts, strict=True):
            problem = _unusable(entry)
            if problem:
                skipped.append(Missing(phrase("the member ", Untrusted(entry.name)), "unreadable", phrase(problem)))
            elif not entry.name.endswith("/"):
                members.append(
                    Member(entry.name, entry.size, _Body(self._path, entry, start, self._limits, self._budget).copy_to)
                )
        return LogArchive(tuple(members), tuple(skipped))

    def _at(self, offset: int, size: int) -> bytes:
        if not 0 <= offset <= self._length - size:
            raise _RefusedError("a record points outside the file")
        self._file.seek(offset)
        return self._file.read(size)

    def _directory(self) -> Iterator[_Entry]:
        """Yield the central directory, which must end where the end record begins, at the very end of the file."""
        if self._length < _END.size:
            raise _RefusedError("it is no zip file", "empty" if not self._length else "unreadable")
        mark, disk, first_disk, here, count, size, offset, comment = _END.unpack(
            self._at(self._length - _END.size, _END.size)
        )
        if mark != _END_MARK or comment:
            raise _RefusedError("no end record stands at its end")
        if disk or first_disk or here != count:
            raise _RefusedError("it is a part of several")
        if count > self._limits.members:
            raise _RefusedError(f"it has more than {self._limits.members:,} members", "too-large")
        if offset + size != self._length - _END.size:
            raise _RefusedError("its directory does not end where the end record begins")
        data = self._at(offset, size)
        position = 0
        for _ in range(count):
            entry, position = _entry(data, position)
            yield entry
        if position != len(data):
            raise _RefusedError("its directory holds more than it counts")
        self._directory_at = offset

    def _check_places(self, entries: list[_Entry]) -> list[int]:
        """Return where each member's bytes begin, having made sure that local records agree and fill the file without gap."""
        starts: dict[int, int] = {}
        position = 0
        for index in sorted(range(len(entries)), key=lambda number: entries[number].offset):
            entry = entries[index]
            if entry.offset != position:
                raise _RefusedError("its members overlap, or leave room between them")
            starts[index] = self._local(entry)
            position = starts[index] + entry.packed
            if entry.flags & _DESCRIPTOR:
                position += self._descriptor(entry, position)
        if position != self._directory_at:
            raise _RefusedError("something stands between its members and its directory")
        return [starts[index] for index in range(len(entries))]

    def _local(self, entry: _Entry) -> int:
        mark, _, flags, method, _, _, crc, packed, size, name_size, extra_size = _LOCAL.unpack(
            self._at(entry.offset, _LOCAL.size)
        )
        name = self._at(entry.offset + _LOCAL.size, name_size)
        told = (entry.crc, entry.packed, entry.size)
        same = (crc, packed, size) in ((told, (0, 0, 0)) if flags & _DESCRIPTOR else (told,))
        if mark != _LOCAL_MARK or name != entry.raw_name or flags != entry.flags or method != entry.method or not same:
            raise _RefusedError("a member's two records do not agree")
        return entry.offset + _LOCAL.size + int(name_size) + int(extra_size)

    def _descriptor(self, entry: _Entry, position: int) -> int:
        """Return the length of the record behind a member's data, with or without its mark."""
        told = struct.pack("<3I", entry.crc, entry.packed, entry.size)
        for record in (_DESCRIPTOR_MARK + told, told):
            if position + len(record) <= self._length and self._at(position, len(record)) == record:
                return len(record)
        raise _RefusedError("a member's two records do not agree")


@dataclass(frozen=True, slots=True)
class _Body:
    """The bytes of one member. budget: what may still be read of the whole archive, shared by its members."""

    path: Path
    entry: _Entry
    start: int
    limits: Limits
    budget: list[int]

    def copy_to(self, sink: BinaryIO) -> int | Missing:
        total = crc = 0
        try:
            with self.path.open("rb") as file:
                for piece in self._pieces(file):
                    total += len(piece)
                    self._count(total, len(piece))
                    crc = zlib.crc32(piece, crc)
                    sink.write(piece)
        except (_RefusedError, OSError, zlib.error) as error:
            return _refusal(error)
        if total != self.entry.size or crc != self.entry.crc:
            return _refusal(_RefusedError("a member's checksum or size is wrong"))
        return total

    def _count(self, total: int, piece: int) -> None:
        self.budget[0] -= piece
        packed = max(1, self.entry.packed)
        if total > self.limits.member_bytes or self.budget[0] < 0:
            raise _RefusedError("it unpacks to more than the limit", "too-large")
        if total > self.limits.ratio_from and total > packed * self.limits.ratio:
            raise _RefusedError(f"it unpacks to more than {self.limits.ratio} times its size", "too-large")
        if total > self.entry.size:
            raise _RefusedError("a member holds more than it says")

    def _pieces(self, file: BinaryIO) -> Iterator[bytes]:
        file.seek(self.start)
        left = self.entry.packed
        inflate = zlib.decompressobj(-zlib.MAX_WBITS) if self.entry.method == _DEFLATED else None
        while left:
            data = file.read(min(_CHUNK, left))
            if not data:
                raise _RefusedError("it is cut off")
            left -= len(data)
            if inflate is None:
                yield data
                continue
            while data:
                yield inflate.decompress(data, _CHUNK)
                data = inflate.unconsumed_tail
            if inflate.eof and (left or inflate.unused_data):
                raise _RefusedError("a member's data go on behind their end")
        if inflate is not None:
            yield inflate.flush()
            if not inflate.eof:
                raise _RefusedError("a member's data are cut off")


def _entry(data: bytes, position: int) -> tuple[_Entry, int]:
    """Read one record of the central directory; return it and where the next one begins."""
    if position + _CENTRAL.size > len(data):
        raise _RefusedError("its directory is cut off")
    fields = _CENTRAL.unpack_from(data, position)
    (
        mark,
        made_by,
        _,
        flags,
        method,
        _,
        _,
        crc,
        packed,
        size,
        name_size,
        extra_size,
        comment_size,
        disk,
        _,
        attributes,
        offset,
    ) = fields
    begin = position + _CENTRAL.size
    end = begin + name_size + extra_size + comment_size
    if mark != _CENTRAL_MARK or end > len(data):
        raise _RefusedError("its directory is broken")
    if disk or _ZIP64 in (packed, size, offset):
        raise _RefusedError("it is a part of several, or larger than the limit", "too-large")
    if flags & _ENCRYPTED:
        raise _RefusedError("a member is encrypted")
    if method not in (_STORED, _DEFLATED):
        raise _RefusedError("a member is packed in an unusual way")
    raw = data[begin : begin + name_size]
    mode = attributes >> 16 if made_by >> 8 == _UNIX else 0
    return _Entry(raw, _decoded(raw, flags), flags, method, crc, packed, size, offset, mode), end


def _decoded(raw: bytes, flags: int) -> str:
    """Decode a name; bytes that are no UTF-8 though flagged so become lone surrogates, which no path may hold."""
    return raw.decode("utf-8", "surrogateescape") if flags & _UTF8 else raw.decode("cp437")


def _check_names(entries: list[_Entry]) -> None:
    """Refuse names that some system would take for one another, and a file that is a folder too."""
    seen: set[str] = set()
    files: set[str] = set()
    folders: set[str] = set()
    for entry in entries:
        key = normalize("NFC", normalize("NFC", entry.name).casefold())
        if key.rstrip("/") in seen and not (key.endswith("/") and key not in files and key.rstrip("/") not in files):
            raise _RefusedError("two members have one name")
        seen.add(key.rstrip("/"))
        if not key.endswith("/"):
            files.add(key)
        above = key.rstrip("/").split("/")[:-1]
        folders.update("/".join(above[: depth + 1]) for depth in range(len(above)))
    if files & folders:
        raise _RefusedError("a member is both a file and a folder")


def _unusable(entry: _Entry) -> str:
    """Say why a single member is left out, "" when it is not."""
    kind = entry.mode & _KIND
    if to_path(entry.name) is None:
        return "its name leads elsewhere or is no plain file name"
    if kind not in (*_KINDS_OF_FILE, _FOLDER) or (kind and (kind == _FOLDER) != entry.name.endswith("/")):
        return "it is no regular file"
    return ""


def _refusal(error: Exception) -> Missing:
    kind: Absence = error.kind if isinstance(error, _RefusedError) else "unreadable"
    why = str(error) if isinstance(error, _RefusedError) else "it cannot be read"
    return Missing(phrase("the log archive"), kind, phrase("the archive is not read: ", why))
