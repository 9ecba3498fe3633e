"""What lies between a failing commit and a green one: commits and their files, for few requests.

One request tells a single commit and all of its files. Of up to MOST_STEPS commits the files are asked for one by one, only where that can
tell more. A branch that was amended or rebased is told by one request more: what differs between its two forms.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime  # noqa: TC003 - pydantic reads it at run time
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from diagnose.kit.regex import regex
from diagnose.sources.github.replies import Commit, File, Parent, Reply
from diagnose.sources.github.session import together
from diagnose.sources.github.trouble import Trouble
from diagnose.sources.span import Span, Step, Touched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.sources.github.session import Session

MOST_STEPS: Final = 10
MOST_REWRITTEN: Final = 20
"""Commits of a rewritten branch up to which its two forms are compared."""

COMPARED_FILES: Final = 300  # the most that one comparison gives
COMPARED_COMMITS: Final = 250  # the most that one comparison names
MOST_PATCH: Final = 200_000

_PULL: Final = regex(r"Merge pull request #(\d{1,9}) from |^[^\n]{0,200}\(#(\d{1,9})\)\s*(?:\n|$)")


class Person(Reply):
    """Who committed, and when."""

    date: datetime | None = None


class Words(Reply):
    """A commit's message and date."""

    message: str
    committer: Person | None = None


class Between(Reply):
    """A commit as comparisons name it: without its files."""

    sha: str
    commit: Words
    parents: tuple[Parent, ...] = ()


class Compared(Reply):
    """How two commits stand. commits: of the second that the first lacks, oldest first; at most 250. files: at most 300."""

    ahead_by: int
    behind_by: int
    commits: tuple[Between, ...] = ()
    files: tuple[File, ...] = ()


async def find_span(session: Session, failing: str, green: str) -> Span | Trouble:
    """Return what lies between two commits. Costs nothing for the same commit, else one request, two where the branch was rewritten."""
    if failing == green:
        return Span(failing, green, "same")
    found = await _compared(session, failing, green)
    if isinstance(found, Trouble):
        return found
    if not found.ahead_by:
        return Span(failing, green, "older")
    steps = _first_parents(found.commits, green)
    files = touched(found.files)
    complete = len(files) < COMPARED_FILES and len(found.commits) >= min(found.ahead_by, COMPARED_COMMITS + 1)
    if found.behind_by:
        return await _rewritten(
            session, Span(failing, green, "rewritten", steps, files, complete, found.ahead_by), found.behind_by
        )
    if len(steps) == 1 and (len(found.commits) == 1 or steps[0].parents > 1):
        steps = (replace(steps[0], files=files, complete=complete),)
    return Span(failing, green, "ahead", steps, files, complete, found.ahead_by)


async def read_steps(session: Session, span: Span) -> Span:
    """Ask for the files of each commit, MOST_STEPS at most; the span as it was when there are more, or when that fails."""
    if not 1 < len(span.steps) <= MOST_STEPS:
        return span
    found = await together([partial(_filled, session, step) for step in span.steps])
    return replace(span, steps=tuple(found))


async def _filled(session: Session, step: Step) -> Step:
    if step.files is not None:
        return step
    reply = await session.client.get(session.at(f"/commits/{quote(step.sha, safe='')}"), Commit)
    if isinstance(reply, Trouble):
        return step
    return replace(step, files=touched(reply.files), complete=len(reply.files) < COMPARED_FILES)


async def _compared(session: Session, base: str, head: str) -> Compared | Trouble:
    return await session.client.get(session.at(f"/compare/{quote(base, safe='')}...{quote(head, safe='')}"), Compared)


async def _rewritten(session: Session, span: Span, behind: int) -> Span:
    """Compare the other way too, and keep the files whose patches differ: what an amended commit changed, nearly."""
    unknown = replace(span, files=None, complete=False)
    if behind > MOST_REWRITTEN or span.commits > MOST_REWRITTEN:
        return unknown
    before = await _compared(session, span.green, span.failing)
    if isinstance(before, Trouble) or len(before.files) >= COMPARED_FILES:
        return unknown
    return replace(span, files=_differing(touched(before.files), span.files or ()))


def _differing(before: Sequence[Touched], after: Sequence[Touched]) -> tuple[Touched, ...]:
    """Return the files that two forms of one branch change otherwise, with a patch of what the later writes and no longer writes."""
    was = {file.path: file for file in before}
    out: list[Touched] = []
    for file in after:
        old = was.pop(file.path, None)
        if old is None:
            out.append(file)
        elif old.patch != file.patch or old.patch is None:
            out.append(Touched(file.path, "modified", "", _patch_between(old.patch or "", file.patch or "")))
    # what only the earlier form touched is as it was before the branch
    return (*out, *(Touched(file.path, "modified", "", _patch_between(file.patch or "", "")) for file in was.values()))


def _patch_between(old: str, new: str) -> str:
    before, after = _written(old), _written(new)
    lines = [f"-{line}" for line in before if line not in after] + [f"+{line}" for line in after if line not in before]
    return "\n".join(["@@", *lines])


def _written(patch: str) -> dict[str, None]:
    return dict.fromkeys(line[1:] for line in patch.split("\n") if line[:1] == "+")


def _first_parents(commits: Sequence[Between], head: str) -> tuple[Step, ...]:
    """Return the line of first parents that leads to `head`, oldest first: what a branch went through, without what was merged into it."""
    known = {each.sha: each for each in commits}
    at, line = head, []
    while at in known:
        commit = known.pop(at)
        line.append(_step(commit))
        at = commit.parents[0].sha if commit.parents else ""
    return tuple(reversed(line))


def _step(commit: Between) -> Step:
    message = commit.commit.message
    found = _PULL.match(message)
    pull = int(found[1] or found[2]) if found else 0
    at = commit.commit.committer.date if commit.commit.committer else None
    return Step(commit.sha, message[:2000], max(1, len(commit.parents)), at=at, pull=pull)


def touched(files: Sequence[File]) -> tuple[Touched, ...]:
    """Return files as they are compared; a patch of any size is cut."""
    return tuple(
        Touched(
            each.filename,
            each.status,
            each.previous_filename or "",
            None if each.patch is None else each.patch[:MOST_PATCH],
        )
        for each in files
    )
