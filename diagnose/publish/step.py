"""What a step of GitHub Actions hands on: its outputs, and the summary. Both are files that are appended to.

Outputs are words of closed vocabularies, numbers and ids: a workflow may paste them into a shell. No text of a log is among them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.render import confidence, several, title

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from diagnose.model.report import Report
    from diagnose.publish.comment import Posted

SUMMARY_BYTES: Final = 1 << 20
"""Of a step whose summary is larger GitHub shows none at all."""
NOTHING: Final[Mapping[str, str]] = {
    "status": "none", "state": "none", "category": "", "tool": "", "rule": "", "verdict": "unknown", "confidence": "0.00", "causes": "0",
    "jobs-failed": "0", "hidden": "0", "escalate": "false", "retry": "false", "minutes": "", "comment": "off", "comment-id": "", "annotations": "0",
}  # fmt: skip
"""The outputs when nothing could be looked at."""
_RULE = regex(r"[a-z0-9][a-z0-9._-]{0,60}(?:/[a-z0-9][a-z0-9._-]{0,60})?")
_BAD: Final = ("failure", "timed_out", "startup_failure")


def outputs(report: Report, posted: Posted, annotations: int) -> dict[str, str]:
    """Return every output by its name."""
    root = report.root_cause
    causes = [*((root,) if root else ()), *several.beside(report)]
    minutes = report.estimated_fix_time
    return {
        **NOTHING,
        "status": report.status,
        "state": title.state(report),
        "category": root.category if root else "",
        "tool": _closed(root.tool) if root else "",
        "rule": _closed(root.rule) if root else "",
        "verdict": report.attribution.verdict,
        "confidence": confidence.number(report.confidence),
        "causes": str(len(causes)),
        "jobs-failed": str(_failed(report)),
        "hidden": str(len(report.hidden)),
        "escalate": _word(yes=report.requires_escalation),
        "retry": _word(yes=report.retry is not None and report.retry.advised),
        "minutes": "" if minutes is None else f"{minutes:.0f}",
        "comment": posted.outcome,
        "comment-id": str(posted.id) if posted.id else "",
        "annotations": str(annotations),
    }


def _closed(word: str) -> str:
    """Return the name of a rule or tool; "" for what somebody's own pack calls otherwise than the shipped ones do."""
    return word if _RULE.fullmatch(word) else ""


def _word(*, yes: bool) -> str:
    return "true" if yes else "false"


def _failed(report: Report) -> int:
    """Count the jobs that failed; where no source told (a log alone), those whose log shows a cause."""
    told = sum(job.status in _BAD for job in report.jobs)
    shown = len(report.root_cause.jobs) or 1 if report.root_cause and report.status == "failed" else 0
    return told or shown


def write_summary(path: Path, text: str) -> str:
    """Append a summary behind what others have written; return "" or why not."""
    try:
        before = path.stat().st_size if path.exists() else 0
        joint = "\n" if before and not _ends_a_line(path) else ""
    except OSError as problem:
        return problem.strerror or "it cannot be read"
    data = f"{joint}\n{text}" if before else text
    if before + len(data.encode("utf-8", "replace")) > SUMMARY_BYTES:
        return f"with it the summary would be over {SUMMARY_BYTES:,} bytes, and GitHub would show none at all"
    return append(path, data)


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def append(path: Path, text: str) -> str:
    """Append text in one write; return "" or the reason why not."""
    data = text.encode("utf-8", "replace")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        with os.fdopen(handle, "ab", buffering=0) as file:
            return "" if file.write(data) == len(data) else "it was not written whole"
    except OSError as problem:
        return problem.strerror or "it cannot be written"
