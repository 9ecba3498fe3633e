"""The small last line of a comment and of a summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from diagnose.kit.regex import regex
from diagnose.model.text import Phrase
from diagnose.safety.markdown import phrase_to_markdown

if TYPE_CHECKING:
    from diagnose.model.report import Report

_COMMIT = regex(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ADDRESS = regex(r"https?://[A-Za-z0-9.:-]+(?:/[A-Za-z0-9._-]+)*")


@dataclass(frozen=True, slots=True)
class Foot:
    """What the last line adds. commit: hexadecimal, "" when unknown. report: the address of the full report, "" for none. kept: it is kept up to date."""

    commit: str = ""
    report: str = ""
    kept: bool = False


def foot_line(report: Report, foot: Foot) -> str:
    """Return the small last line: commit or target, time, and where more is. Only what is surely a commit or an address is linked or named."""
    commit = foot.commit[:7] if _COMMIT.fullmatch(foot.commit) else ""
    parts = [commit or phrase_to_markdown(Phrase((report.target,)), limit=40), f"{report.started_at:%H:%M} UTC"]
    parts.append("nobody was notified" if report.requires_escalation else "")
    parts.append("one comment, kept up to date" if foot.kept else "")
    parts.append(f"[full report]({foot.report})" if _ADDRESS.fullmatch(foot.report) else "")
    return f"<sub>{' · '.join(part for part in parts if part)}</sub>"
