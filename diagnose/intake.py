"""What a user points at, to an Incident: files and standard input here, GitHub through its source."""

from __future__ import annotations

import codecs
import io
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from diagnose.logs.decode import UTF16_MARKS, utf16_to_utf8
from diagnose.logs.pages import Pages
from diagnose.logs.records import text_of
from diagnose.model.incident import Incident, Job, LogFile, Missing
from diagnose.model.text import Untrusted, phrase
from diagnose.sources.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_KINDS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG", "a PNG picture"), (b"\xff\xd8\xff", "a JPEG picture"), (b"GIF8", "a GIF picture"), (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program"), (b"MZ\x90", "a program"), (b"SQLite format 3\0", "a database"), (b"\xca\xfe\xba\xbe", "a program"),
)  # fmt: skip
_PACKED: Final[tuple[tuple[bytes, str, str], ...]] = (
    (b"\x1f\x8b", "gzip", "gunzip -c"), (b"\xfd7zXZ", "xz", "xz -dc"), (b"BZh", "bzip2", "bzip2 -dc"), (b"\x28\xb5\x2f\xfd", "zstd", "zstd -dc"),
)  # fmt: skip
ZIP: Final = b"PK\x03\x04"
_BINARY_NULS: Final = 0.3


def from_logs(names: Sequence[str], spool: Path, stdin: BinaryIO, passing: str | None = None) -> Incident | Refusal:
    """Make an Incident of log files ("-" is standard input, a zip is a run's log archive). Refuse what is no log."""
    jobs: list[Job] = []
    unseen: list[Missing] = []
    for name in names:
        found = _one(name, spool, stdin)
        if isinstance(found, Refusal):
            return found
        for log in found:
            if isinstance(log, Missing):
                unseen.append(log)
                continue
            label = log.name if log.name not in {job.name for job in jobs} else f"{log.name} ({len(jobs) + 1})"
            jobs.append(Job(str(len(jobs) + 1), label, "unknown", LogFile(label, log.path)))
    if not jobs:
        jobs = [_empty(names)]
    good = passing_log(passing, spool) if passing is not None else None
    if isinstance(good, Refusal):
        return good
    target = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")  # noqa: PLR2004 - three names are told
    return Incident(
        "log", "standard input" if target == "-" else target, tuple(jobs), passing=good, unseen=tuple(unseen)
    )


def passing_log(name: str, spool: Path) -> LogFile | Missing | Refusal | None:
    """Take in the log of a run that passed; None when it is empty."""
    found = _one(name, spool, io.BytesIO())
    return found if isinstance(found, Refusal) else found[0] if found else None


def _empty(names: Sequence[str]) -> Job:
    """Stand for logs that hold nothing: a job whose log is missing, so that every form of the answer can say so."""
    told = names[0] if len(names) == 1 else f"every one of {len(names)} logs"
    told = "standard input" if told == "-" else told
    missing = Missing(
        phrase("the log"),
        "empty",
        phrase(Untrusted(told), ' is empty (0 bytes). Empty is not "nothing failed".'),
        "did the command write to standard error?  cmd 2>&1 | ci-diagnose --log -",
    )
    return Job("1", told, "unknown", missing)


def _one(name: str, spool: Path, stdin: BinaryIO) -> list[LogFile | Missing] | Refusal:  # noqa: PLR0911 - one return a kind of file
    if name == "-":
        path = spool / "stdin.log"
        with path.open("wb") as file:
            shutil.copyfileobj(stdin, file, 1 << 20)
        label = "stdin"
    else:
        path = Path(name)
        label = path.name
        problem = _unreadable(path, name)
        if problem:
            return problem
    try:
        with path.open("rb") as file:
            head = file.read(8192)
            size = file.seek(0, 2)
    except OSError as error:
        return _cannot(name, error)
    if size == 0:
        return []
    if head.startswith(ZIP):
        return _archive(path, name, spool)
    refusal = _not_a_log(head, name)
    if refusal:
        return refusal
    with path.open("rb") as file:
        records = text_of(file, head)
        if records is not None:
            return [_spooled(path, label, records, spool)]
    for mark in UTF16_MARKS:
        if head.startswith(mark) and not head.startswith((codecs.BOM_UTF32_LE,)):
            return [_converted(path, label, mark, spool)]
    return [LogFile(label, path)]


def _unreadable(path: Path, name: str) -> Refusal | None:
    if path.is_dir():
        return Refusal("usage", phrase(Untrusted(name), " is a folder, not a log."), "--log FILE, once for each file")
    if not path.exists():
        return Refusal("usage", phrase("there is no file ", Untrusted(name), "."), "ls, or - for standard input")
    return None


def _cannot(name: str, error: OSError) -> Refusal:
    reason = (error.strerror or "unknown reason").lower()
    return Refusal(
        "denied",
        phrase("cannot read ", Untrusted(name), f": {reason}."),
        "read it as its owner and give it by pipe: cat FILE | ci-diagnose --log -",
    )


def _not_a_log(head: bytes, name: str) -> Refusal | None:
    for mark, what in _KINDS:
        if head.startswith(mark):
            return Refusal(
                "usage",
                phrase(Untrusted(name), f" is {what}, not a log."),
                "for a zip of logs from GitHub, name the zip itself",
            )
    for mark, what, tool in _PACKED:
        if head.startswith(mark):
            return Refusal(
                "usage", phrase(Untrusted(name), f" is compressed with {what}."), f"{tool} FILE | ci-diagnose --log -"
            )
    if not head.startswith(UTF16_MARKS) and head.count(b"\0") > len(head) * _BINARY_NULS:
        return Refusal(
            "usage",
            phrase(Untrusted(name), " holds binary data, not a log."),
            "for a zip of logs from GitHub, name the zip itself",
        )
    return None


def _converted(path: Path, label: str, mark: bytes, spool: Path) -> LogFile:
    with path.open("rb") as source:
        return _spooled(path, label, utf16_to_utf8(source, mark), spool)


def _spooled(path: Path, label: str, pieces: Iterable[bytes], spool: Path) -> LogFile:
    """Write a log's text beside the others: a report's line numbers are those of this text."""
    target = spool / f"{abs(hash(str(path)))}.text.log"
    with target.open("wb") as file:
        for piece in pieces:
            file.write(piece)
    return LogFile(label, target)


def _archive(path: Path, name: str, spool: Path) -> list[LogFile | Missing] | Refusal:
    from diagnose.sources.archive import logs_of

    found = logs_of(path, spool)
    if isinstance(found, Refusal):
        return found
    if not found:
        return Refusal(
            "usage", phrase(Untrusted(name), " holds no log file."), "a run's log archive has one .txt for each job"
        )
    return list(found)


def open_pages(log: LogFile) -> Pages | Missing:
    """Open a log for reading by line; Missing when it cannot be read after all."""
    try:
        file = log.path.open("rb")
    except OSError as error:
        return Missing(
            phrase("the log of ", Untrusted(log.name)),
            "unreadable",
            phrase((error.strerror or "it cannot be read").lower()),
        )
    return Pages(file)
