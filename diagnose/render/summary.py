"""The summary of a step: the comment opened, every cause with its lines, all jobs.

GitHub drops the whole summary of a step that is over 1 MiB, so this one stays far below it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from diagnose.render import confidence, several, words
from diagnose.render.folds import folds
from diagnose.render.foot import Foot, foot_line
from diagnose.render.opening import LONG_FENCE, MarkdownVoice, fence, first_place, opening
from diagnose.render.quote import quote
from diagnose.render.voice import TerminalVoice, capital, ended
from diagnose.safety.markdown import to_markdown_span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.model.report import Cause, JobReport, Report
    from diagnose.render.interface import View

NAME: Final = "summary"

_OPEN_CAUSES: Final = 3
_OPEN_JOBS: Final = 30
_JOBS: Final = 500
_WHOLE: Final = 200_000
_WORDS: Final = {
    "success": "passed",
    "failure": "failed",
    "timed_out": "stopped at the time limit",
    "startup_failure": "did not start",
    "in_progress": "still runs",
}
_BAD: Final = ("failure", "timed_out", "startup_failure", "cancelled")


class Summary:
    """Markdown for $GITHUB_STEP_SUMMARY."""

    name = NAME

    def render(self, report: Report, view: View) -> str:
        """Return at most 200,000 characters; parts that do not fit are left out whole, and that is said."""
        return summary(report, view)


def summary(report: Report, view: View, foot: Foot | None = None) -> str:
    """Return the summary, with a last line as the comment's."""
    table = confidence.measured() if view.reliability is None else view.reliability
    others = several.beside(report)
    few = len(others) < _OPEN_CAUSES
    parts = opening(report, table, None)
    parts += folds(report, replace(view, full=few or view.full), MarkdownVoice())
    parts += [_cause(one, folded=not few) for one in others]
    parts += _jobs(report)
    kept: list[str] = []
    for part in parts:
        if sum(map(len, kept)) + len(part) <= _WHOLE:
            kept.append(part)
    if len(kept) < len(parts):
        kept.append(f"{words.count(len(parts) - len(kept), 'more part')} did not fit: `ci-diagnose --full` shows all.")
    return "\n\n".join([*kept, foot_line(report, foot or Foot())]) + "\n"


def _cause(cause: Cause, *, folded: bool) -> str:
    voice = MarkdownVoice()
    place = first_place(cause, voice, voice.say(cause.title))
    told = (
        f"**{cause.id}:** {voice.say(cause.title)}: {place}"
        if place
        else f"**{cause.id}:** {ended(voice.say(cause.title))}"
    )
    lines = fence(quote(cause.evidence, TerminalVoice(), LONG_FENCE).lines)
    why = capital(ended(voice.say(cause.explanation))) if cause.explanation else ""
    body = "\n\n".join(part for part in (told, lines, why) if part)
    return f"<details><summary>{cause.id}, {cause.category}</summary>\n\n{body}\n\n</details>" if folded else body


def _jobs(report: Report) -> Iterator[str]:
    """List all jobs, those that failed first."""
    jobs = sorted(report.jobs, key=lambda job: job.status not in _BAD)
    if len(jobs) < 2:  # noqa: PLR2004 - one job needs no list
        return
    bad = sum(job.status in _BAD for job in jobs)
    head = f"{bad:,} of {words.count(len(jobs), 'job')} failed" if bad else words.count(len(jobs), "job")
    rows = "\n".join(_job(job) for job in jobs[:_JOBS])
    if len(jobs) > _JOBS:
        rows += f"\n- {len(jobs) - _JOBS:,} more"
    yield (
        f"**{head}**\n\n{rows}"
        if len(jobs) <= _OPEN_JOBS
        else f"<details><summary>{head}</summary>\n\n{rows}\n\n</details>"
    )


def _job(job: JobReport) -> str:
    return f"- {_WORDS.get(job.status, job.status.replace('_', ' '))}: {to_markdown_span(job.name) or 'a job without a name'}"


RENDERER: Final = Summary()
