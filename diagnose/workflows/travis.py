"""Travis CI: `.travis.yml`. Each line of `script` runs by itself, without pipefail; any that fails makes the job fail at its end.

Lines of `before_script` and before stop the job. `after_success` and after never count (documentation, "Job lifecycle").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.workflows.document import Mapping, Scalar, Sequence, script_of
from diagnose.workflows.gitlab import lines_of
from diagnose.workflows.model import Flag, Job, Script, Shell, Step, Workflow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.workflows.document import Document, Node

SHELL: Final = Shell("bash", errexit=False, pipefail=False)
_PHASES: Final = ("install", "before_script", "script")
_EARLY: Final = regex(
    r"nightly|head|dev|beta|master|snapshot|edge|unstable|experimental|alpha|rc|next|canary|truffle|jruby|rbx|hhvm|pypy|arm64|ppc64le|s390x|windows|osx",
    re.IGNORECASE,
)


def workflow(path: str, document: Document) -> Workflow | None:
    """Read the phases of the file and of each entry of its matrix."""
    root = document.roots[0] if document.roots else None
    if not isinstance(root, Mapping):
        return None
    jobs = [Job("script", "script", root.line, tuple(_steps(root, document)))]
    for name in ("jobs", "matrix"):
        matrix = root.get(name)
        if not isinstance(matrix, Mapping):
            continue
        include = matrix.get("include")
        entries = [item for item in include.items if isinstance(item, Mapping)] if isinstance(include, Sequence) else []
        jobs.extend(Job("include", "include", item.line, tuple(_steps(item, document))) for item in entries)
        jobs.extend(_allowed(matrix, root, document))
    return Workflow(path, "travis", document, tuple(jobs))


def _steps(node: Mapping, document: Document) -> Iterator[Step]:
    for phase in _PHASES:
        value = node.get(phase)
        for item in value.items if isinstance(value, Sequence) else (value,):
            if isinstance(item, Scalar):
                yield Step(phase, item.line, script=Script(script_of(item, document), SHELL))


def _allowed(matrix: Mapping, root: Mapping, document: Document) -> Iterator[Job]:
    """Entries of allow_failures that name nothing early or odd: a stable version whose failure does not count."""
    node: Node | None = matrix.get("allow_failures")
    for item in node.items if isinstance(node, Sequence) else ():
        if not isinstance(item, Mapping):
            continue
        values = " ".join(value.text for _, value in item.items() if isinstance(value, Scalar))
        if values and not _EARLY.search(values) and lines_of(root.get("script"), document):
            yield Job(
                "stable",
                "stable",
                item.line,
                tuple(_steps(root, document)),
                tolerant=Flag("true", item.line),
            )
