"""How long a job may run: the `timeout-minutes` of its workflow file, else GitHub's own limit.

GitHub Docs, "Workflow syntax", `jobs.<job_id>.timeout-minutes`: 360 by default; a hosted runner ends a job after six hours whatever it says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.workflows.document import Mapping, Scalar, Unreadable, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.model.incident import Incident, Job
    from diagnose.workflows.document import Node

DEFAULT: Final = 360.0
_MINUTES: Final = regex(r"\d{1,5}(?:\.\d{1,3})?")


def limit_of(incident: Incident, job: Job) -> float | None:
    """Return the minutes that a job of GitHub Actions may run; None for other systems', and where an expression sets it."""
    if not job.run_id:
        return None
    for _, data in incident.workflows:
        for key, body in _jobs(data):
            if _names(job.name, key, _text(body.get("name"))):
                value = _text(body.get("timeout-minutes"))
                if not value:
                    return DEFAULT
                return float(value) if _MINUTES.fullmatch(value) else None
    return None if incident.workflows else DEFAULT


def _jobs(data: bytes) -> Iterator[tuple[str, Mapping]]:
    found = read(data)
    root = found.roots[0] if not isinstance(found, Unreadable) and found.roots else None
    jobs = root.get("jobs") if isinstance(root, Mapping) else None
    if isinstance(jobs, Mapping):
        yield from ((key, value) for key, value in jobs.items() if isinstance(value, Mapping))


def _names(shown: str, key: str, name: str) -> bool:
    """Tell whether a job that is shown under this name is the file's: by its name or key, without the values of a matrix."""
    return shown.partition(" (")[0] in (key, name) or (bool(name) and shown == name)


def _text(node: Node | None) -> str:
    return node.text.strip() if isinstance(node, Scalar) else ""
