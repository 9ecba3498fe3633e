"""One file in, its findings out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from diagnose.workflows import gates, inputs, lost, tolerated
from diagnose.workflows.document import Unreadable
from diagnose.workflows.systems import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diagnose.workflows.model import Finding, Workflow

RULES: Final[tuple[Callable[[Workflow], Iterator[Finding]], ...]] = (
    lost.find,
    tolerated.find,
    gates.find,
    gates.filtered,
    inputs.find,
)
MOST: Final = 200


def lint(path: str, data: bytes, *, intended: bool = False) -> tuple[Finding, ...] | Unreadable | None:
    """Find what in a workflow file lets a failure pass unseen, by line; None when the file is no workflow that is known.

    intended: also what somebody said is meant (in a name or a comment), for those who hold evidence that it hid something.
    """
    flow = load(path, data)
    if flow is None or isinstance(flow, Unreadable):
        return flow
    names = {job.key: job.name for job in flow.jobs}
    found: dict[tuple[int, str], Finding] = {}
    for rule in RULES:
        for finding in rule(flow):
            if intended or not finding.intended:
                found.setdefault((finding.line, finding.kind), replace(finding, job_name=names.get(finding.job, "")))
    return tuple(sorted(found.values(), key=lambda each: (each.line, each.kind)))[:MOST]
