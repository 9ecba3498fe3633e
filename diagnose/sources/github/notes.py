"""Annotations: of a few jobs one request each, of many a hundred jobs a request by GraphQL."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field

from diagnose.model.incident import Annotation, LogFile, Missing
from diagnose.model.text import Untrusted, phrase
from diagnose.sources.github.jobs import FAILED
from diagnose.sources.github.replies import Note, Reply
from diagnose.sources.github.session import together
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.model.incident import Job
    from diagnose.sources.github.session import Session

LEVELS: Final[dict[str, Literal["notice", "warning", "failure"]]] = {"notice": "notice", "warning": "warning"}
TOGETHER_FROM: Final = 10
"""Jobs from which on GraphQL is asked for their annotations: one request where REST takes ten."""

AT_ONCE: Final = 100  # the most nodes that one query may name
QUERY: Final = (
    "query($ids:[ID!]!){nodes(ids:$ids){...on CheckRun{databaseId annotations(first:50)"
    "{nodes{path message title annotationLevel location{start{line}}}}}}}"
)


class Point(Reply):
    """A place in a file."""

    line: int


class Span(Reply):
    """Where an annotation begins."""

    start: Point


class NodeNote(Reply):
    """An annotation as GraphQL gives it."""

    path: str
    message: str
    title: str | None = None
    level: str | None = Field(default=None, alias="annotationLevel")
    location: Span


class NodeNotes(Reply):
    """The annotations of a check run."""

    nodes: tuple[NodeNote | None, ...] | None = None


class Node(Reply):
    """A check run; what is none has no fields."""

    id: int | None = Field(default=None, alias="databaseId")
    annotations: NodeNotes | None = None


class Nodes(Reply):
    """What was asked for, in its order; null where it may not be seen."""

    nodes: tuple[Node | None, ...]


class Answer(Reply):
    """An answer of GraphQL. data is null where nothing could be answered (and `errors` say why)."""

    data: Nodes | None = None


def _placed(path: str, line: int, level: str, message: str, title: str) -> Annotation:
    placeless = path in ("", ".github")  # the path that GitHub gives when a message names no file
    return Annotation(
        LEVELS.get(level, "failure"),
        message,
        None if placeless else path,
        line if not placeless and line > 0 else None,
        title,
    )


def _note(note: Note) -> Annotation:
    return _placed(note.path, note.start_line, note.annotation_level or "", note.message or "", note.title or "")


async def read_notes(session: Session, job: Job) -> tuple[Annotation, ...] | Missing:
    """Return a job's annotations."""
    pages = await session.client.pages(
        session.at(f"/check-runs/{job.id.removeprefix('check-')}/annotations"), tuple[Note, ...], most=2
    )
    if pages.trouble is not None and not pages.items:
        return session.missing(pages.trouble, phrase('the annotations of job "', Untrusted(job.name), '"'), "checks")
    return tuple(_note(note) for page in pages.items for note in page)


async def find_notes(session: Session, jobs: Sequence[Job]) -> tuple[dict[str, tuple[Annotation, ...]], list[Missing]]:
    """Return, by id, the annotations of the jobs that did not end well, those without a log first; and what could not be had."""
    bad = [job for job in jobs if job.status in FAILED | {"cancelled"} and job.id.isdigit()]
    bad.sort(key=lambda job: (isinstance(job.log, LogFile), job.status not in FAILED))
    notes = await _together(session, bad) if len(bad) >= TOGETHER_FROM else {}
    rest = [job for job in bad if job.id not in notes]
    asked = rest[: session.options.most_notes]
    found = await together([partial(read_notes, session, job) for job in asked])
    notes |= {job.id: note for job, note in zip(asked, found, strict=True) if isinstance(note, tuple)}
    lost = [note for note in found if isinstance(note, Missing)][:1]
    over = [
        job for job in rest[len(asked) :] if isinstance(job.log, Missing) and job.log.kind != "not-asked"
    ]  # where there is a log it says more
    if not lost and over:
        why = phrase(f"those of {len(asked)} jobs are read, not of {len(over)} others that have no log.")
        lost = [Missing(phrase("the other annotations"), "not-asked", why)]
    return notes, lost


async def _together(session: Session, jobs: Sequence[Job]) -> dict[str, tuple[Annotation, ...]]:
    """Ask for the annotations of a hundred jobs at once; what does not come is left to one request a job."""
    named = [node for node in (session.nodes.get(job.id, "") for job in jobs) if node]
    pieces = [named[start : start + AT_ONCE] for start in range(0, len(named), AT_ONCE)]
    found = await together([partial(session.client.query, QUERY, {"ids": piece}, Answer) for piece in pieces])
    out: dict[str, tuple[Annotation, ...]] = {}
    wanted = {job.id for job in jobs}
    for answer in found:
        if isinstance(answer, Trouble) or answer.data is None:
            continue
        for node in answer.data.nodes:
            if (
                node is not None
                and str(node.id) in wanted
                and node.annotations is not None
                and node.annotations.nodes is not None
            ):
                out[str(node.id)] = tuple(_of_node(note) for note in node.annotations.nodes if note is not None)
    return out


def _of_node(note: NodeNote) -> Annotation:
    return _placed(note.path, note.location.start.line, (note.level or "").lower(), note.message, note.title or "")
