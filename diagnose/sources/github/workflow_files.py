"""The workflow files that ran, as they stand at the commit: what in them hides a failure is looked for.

A file a request, MOST_FILES at most, and none when requests run low: a diagnosis can do without.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from diagnose.model.incident import LogFile
from diagnose.model.text import Untrusted, phrase
from diagnose.sources.github.baseline import short_of_requests
from diagnose.sources.github.scope import quoted
from diagnose.sources.github.session import together
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnose.model.incident import Job
    from diagnose.sources.github.replies import Run
    from diagnose.sources.github.session import Session

MOST_FILES: Final = 2
FOLDER: Final = ".github/workflows/"
OTHERS: Final = ("pull_request_target", "workflow_run", "issue_comment", "schedule", "dynamic")
"""Events whose workflow file is not that of the commit which is looked at."""


async def find_workflows(
    session: Session, runs: Sequence[Run], jobs: Sequence[Job], sha: str, known: Sequence[tuple[str, bytes]]
) -> tuple[tuple[str, bytes], ...]:
    """Return (path, bytes) of the files of those runs whose jobs' logs are read, the first ones first. known: files that are at hand."""
    read = {job.run_id for job in jobs if isinstance(job.log, LogFile)}
    paths = [run.path.partition("@")[0] for run in runs if str(run.id) in read and run.event not in OTHERS]
    wanted = [path for path in dict.fromkeys(paths) if _is_plain(path)][:MOST_FILES]
    here = dict(known)
    absent = [path for path in wanted if path not in here]
    if absent and short_of_requests(session) is None:
        bodies = await together([partial(_one, session, path, sha) for path in absent])
        here.update({path: body for path, body in zip(absent, bodies, strict=True) if body is not None})
    return tuple((path, here[path]) for path in wanted if path in here)


def _is_plain(path: str) -> bool:
    return path.startswith(FOLDER) and ".." not in path.split("/") and path.isprintable()


async def _one(session: Session, path: str, sha: str) -> bytes | None:
    body = await session.client.raw(session.at(f"/contents/{quoted(path)}"), {"ref": sha})
    if isinstance(body, Trouble):
        if body.kind != "not-found":  # that is GitHub's own word that the commit has no such file
            session.lose(body, phrase("the file ", Untrusted(path), " at this commit"), "contents")
        return None
    return body
