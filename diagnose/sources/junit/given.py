"""Test reports that the user names: files of JUnit XML, beside a target or alone."""

from __future__ import annotations

import codecs
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from diagnose.logs.decode import UTF16_MARKS, utf16_to_utf8
from diagnose.model.incident import Job, JunitReport, LogFile, Missing
from diagnose.model.text import Untrusted, phrase
from diagnose.sources.junit.report import read_report
from diagnose.sources.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.model.incident import Incident
    from diagnose.model.words import JobStatus

MOST_FILES: Final = 500
_PACKED: Final = ((b"PK\x03\x04", "a zip archive"), (b"\x1f\x8b", "compressed with gzip"))
_NAMED: Final = 3


def from_reports(names: Sequence[str], spool: Path) -> tuple[JunitReport, ...] | Refusal:
    """Read the files (a name with * or ? that is no file stands for all that fit it). Refuse the first that is no JUnit XML."""
    paths: list[tuple[str, Path]] = []
    for name in names:
        found = paths_of(name)
        if isinstance(found, Refusal):
            return found
        paths += [(name if len(found) == 1 else str(path), path) for path in found]
    if len(paths) > MOST_FILES:
        return Refusal(
            "usage",
            phrase(f"{len(paths)} test reports are more than {MOST_FILES}."),
            "--junit FILE, once for each file of the run that failed",
        )
    out: list[JunitReport] = []
    for name, path in paths:
        report = _one(name, path, _label(path, out), spool)
        if isinstance(report, Refusal):
            return report
        out.append(report)
    return tuple(out)


def with_reports(incident: Incident, reports: Sequence[JunitReport]) -> Incident:
    """Add the reports to an incident. Where it has no jobs, nothing but reports was given: each is a job then."""
    taken = {job.log.name for job in incident.jobs if isinstance(job.log, LogFile)}
    own = [_renamed(report, taken) for report in reports]
    if incident.jobs or incident.kind != "log":
        return replace(incident, reports=(*incident.reports, *own))
    own = [replace(report, job=str(place)) for place, report in enumerate(own, 1)]
    names = [report.name for report in own]
    target = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    return replace(incident, target=target, jobs=tuple(_job(report) for report in own), reports=tuple(own))


def _job(report: JunitReport) -> Job:
    status: JobStatus = "failure" if report.bad else "success" if report.run and report.problem is None else "unknown"
    gone = Missing(
        phrase("the log of ", Untrusted(report.name)),
        "not-asked",
        phrase("only its test report was given."),
        "--log FILE beside --junit FILE",
    )
    return Job(report.job, report.name, status, gone)


def _renamed(report: JunitReport, taken: set[str]) -> JunitReport:
    if report.name not in taken:
        return report
    name = f"{report.name} (test report)"
    return replace(report, name=name, file=LogFile(name, report.file.path))


def paths_of(name: str) -> list[Path] | Refusal:
    """Return the files that a name or a pattern means; a folder, and what fits nothing, is refused."""
    path = Path(name)
    try:
        if path.is_dir():
            return Refusal(
                "usage",
                phrase(Untrusted(name), " is a folder, not a test report."),
                "--junit 'FOLDER/*.xml', in quotes",
            )
        if path.exists():
            return [path]
    except (OSError, ValueError):
        return _nothing(name)
    if set(name) & set("*?["):
        found = [each for each in _fitting(path) if each.is_file()]
        if found:
            return found
    return _nothing(name)


def _fitting(pattern: Path) -> list[Path]:
    try:
        return sorted(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor))))
    except (OSError, ValueError, NotImplementedError):
        return []


def _nothing(name: str) -> Refusal:
    return Refusal(
        "usage",
        phrase("there is no file ", Untrusted(name), "."),
        "ls, and --junit with the JUnit XML file that your tests write",
    )


def _label(path: Path, before: Sequence[JunitReport]) -> str:
    taken = {report.name for report in before}
    return path.name if path.name not in taken else f"{path.name} ({len(before) + 1})"


def _one(name: str, path: Path, label: str, spool: Path) -> JunitReport | Refusal:
    try:
        with path.open("rb") as file:
            head = file.read(8)
            packed = next((what for mark, what in _PACKED if head.startswith(mark)), "")
            mark = next(
                (mark for mark in UTF16_MARKS if head.startswith(mark) and not head.startswith(codecs.BOM_UTF32_LE)),
                b"",
            )
            if mark:
                path = spool / f"report-{abs(hash(str(path)))}.xml"
                with path.open("wb") as target:
                    target.writelines(utf16_to_utf8(file, mark))
    except OSError as error:
        return Refusal(
            "denied",
            phrase("cannot read ", Untrusted(name), f": {(error.strerror or 'unknown reason').lower()}."),
            "ls -l FILE",
        )
    if packed:
        return Refusal(
            "usage", phrase(Untrusted(name), f" is {packed}, not JUnit XML."), "unpack it, then --junit FILE"
        )
    if not head:
        return Refusal(
            "usage",
            phrase(Untrusted(name), ' is empty (0 bytes). Empty is not "no test failed".'),
            "look whether the tests ran to their end",
        )
    found = read_report(LogFile(label, path))
    if isinstance(found, Missing):
        return Refusal("usage", phrase(Untrusted(name), " is not read: ", found.why), found.remedy)
    return found
