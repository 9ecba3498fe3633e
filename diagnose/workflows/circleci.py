"""CircleCI: `.circleci/config.yml`. The default shell is `/bin/bash -eo pipefail` (documentation, "run"), `/bin/sh -eo pipefail` where there is no bash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.workflows.document import Mapping, Scalar, Sequence, script_of
from diagnose.workflows.github import shell_of, text
from diagnose.workflows.model import Job, Script, Shell, Step, Workflow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.workflows.document import Document, Node

DEFAULT: Final = Shell("bash", errexit=True, pipefail=True)
MOST: Final = 2000
NESTED: Final = 5


def workflow(path: str, document: Document) -> Workflow | None:
    """Read the jobs and commands of a configuration."""
    root = document.roots[0] if document.roots else None
    if not isinstance(root, Mapping):
        return None
    found: list[Job] = []
    for part in ("jobs", "commands"):
        node = root.get(part)
        for key, value in node.items() if isinstance(node, Mapping) else ():
            if isinstance(value, Mapping):
                shell = _shell(value, DEFAULT)
                found.append(
                    Job(key, key, max(1, value.line - 1), tuple(_steps(value.get("steps"), document, shell, 0)))
                )
    return Workflow(path, "circleci", document, tuple(found)) if found else None


def _shell(node: Mapping, default: Shell) -> Shell:
    named = text(node.get("shell"))
    return shell_of(f"{named} {{0}}") if named and "<<" not in named else default


def _steps(node: Node | None, document: Document, shell: Shell, depth: int) -> Iterator[Step]:
    for item in node.items[:MOST] if isinstance(node, Sequence) else ():
        if not isinstance(item, Mapping):
            continue
        run = item.get("run")
        if isinstance(run, Scalar):
            yield Step("", item.line, script=Script(script_of(run, document), shell))
        elif isinstance(run, Mapping) and isinstance(command := run.get("command"), Scalar):
            yield Step(
                text(run.get("name")), item.line, script=Script(script_of(command, document), _shell(run, shell))
            )
        for name in ("when", "unless"):
            inner = item.get(name)
            if isinstance(inner, Mapping) and depth < NESTED:
                yield from _steps(inner.get("steps"), document, shell, depth + 1)
