"""Which CI system a file belongs to, by its path and content, and its reader."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.workflows import azure, circleci, github, gitlab, jenkins, travis
from diagnose.workflows.document import Document, Unreadable, read, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnose.workflows.model import Workflow

_YAML: Final[tuple[tuple[re.Pattern[str], Callable[[str, Document], Workflow | None]], ...]] = (
    (regex(r"(?:^|/)\.(?:github|forgejo|gitea)/workflows/[^/]+\.ya?ml$"), github.workflow),
    (regex(r"(?:^|/)action\.ya?ml$"), github.workflow),
    (
        regex(r"(?:^|/)(?:[\w.-]*\.)?gitlab-ci(?:\.[\w-]+)?\.ya?ml$|(?:^|/)\.gitlab/ci/[^/]+\.ya?ml$"),
        gitlab.workflow,
    ),
    (
        regex(
            r"(?:^|/)\.?azure[-_]?pipelines?[\w.-]*\.ya?ml$|(?:^|/)\.azure-pipelines/.+\.ya?ml$|(?:^|/)\.vsts-[\w.-]+\.ya?ml$"
        ),
        azure.workflow,
    ),
    (regex(r"(?:^|/)\.circleci/[^/]+\.ya?ml$"), circleci.workflow),
    (regex(r"(?:^|/)\.travis\.ya?ml$"), travis.workflow),
)
_JENKINS: Final = regex(r"(?:^|/)Jenkinsfile[\w.-]*$|\.jenkinsfile$", re.IGNORECASE)


def is_workflow(path: str) -> bool:
    """Whether a path is that of a workflow file."""
    return bool(_JENKINS.search(path)) or any(place.search(path) for place, _ in _YAML)


def load(path: str, data: bytes) -> Workflow | Unreadable | None:
    """Read a workflow file; None when it is none that is known."""
    if _JENKINS.search(path):
        text = text_of(data)
        return text if isinstance(text, Unreadable) else jenkins.workflow(path, text)
    reader = next((reader for place, reader in _YAML if place.search(path)), None)
    if reader is None:
        return None
    document = read(data)
    if isinstance(document, Unreadable):
        return document
    if reader is github.workflow and document.duplicates:
        return Unreadable("a key stands twice in one place, which GitHub refuses", document.duplicates[0][1])
    return reader(path, document)
