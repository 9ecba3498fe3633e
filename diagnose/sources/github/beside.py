"""Locks: the partner of a manifest or a lock that the change touched alone, and the locks as the last green run had them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.drift.lockfiles import realm_of
from diagnose.drift.pairs import locks_of, manifests_beside
from diagnose.model.incident import Passing
from diagnose.model.text import Untrusted, phrase
from diagnose.sources.github.baseline import short_of_requests
from diagnose.sources.github.scope import quoted
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.model.incident import Job
    from diagnose.sources.github.session import Session

Files = tuple[tuple[str, bytes], ...]
MOST_ASKED: Final = 6
MOST_LOCKS: Final = 2
SHORT: Final = 12


async def find_beside(session: Session, sha: str, files: Files) -> Files:
    """Return the files that those of `files` are compared with and that are not among them. At most MOST_ASKED requests.

    That a commit has no such file is no news: which lock a project keeps is not known before.
    """
    known = {path for path, _ in files}
    found: list[tuple[str, bytes]] = []
    asked = 0
    for path, _ in files:
        partners = locks_of(path) or manifests_beside(path)
        if not partners or any(partner in known for partner in partners):
            continue
        for partner in partners:
            if asked >= MOST_ASKED or short_of_requests(session) is not None:
                return tuple(found)
            asked += 1
            body = await _file(session, partner, sha)
            if body is not None:
                known.add(partner)
                found.append((partner, body))
                break
    return tuple(found)


async def find_before(session: Session, files: Files, jobs: Sequence[Job]) -> Files:
    """Return those locks of `files` as they stood at the commit of the last green run. At most MOST_LOCKS requests."""
    sha = next((job.passing.sha for job in jobs if isinstance(job.passing, Passing) and job.passing.sha), "")
    found: list[tuple[str, bytes]] = []
    for path in [path for path, _ in files if realm_of(path)][:MOST_LOCKS]:
        if not sha or short_of_requests(session) is not None:
            break
        body = await _file(session, path, sha)
        if body is not None:
            found.append((path, body))
    return tuple(found)


async def _file(session: Session, path: str, sha: str) -> bytes | None:
    """Return a file as it stands at a commit; None where there is none, and where it could not be had, which is said."""
    body = await session.client.raw(session.at(f"/contents/{quoted(path)}"), {"ref": sha})
    if not isinstance(body, Trouble):
        return body
    if body.kind != "not-found":
        session.lose(body, phrase("the file ", Untrusted(path), " at commit ", Untrusted(sha[:SHORT])), "contents")
    return None
