"""GitLab CI: `.gitlab-ci.yml`. The runner joins a job's script lines in one shell with `set -eo pipefail` where the shell has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.workflows.document import Mapping, Scalar, Sequence, script_of
from diagnose.workflows.github import text, texts
from diagnose.workflows.model import Flag, Job, Script, Shell, Step, Workflow

if TYPE_CHECKING:
    from diagnose.workflows.document import Document, Node

_OWN: Final = frozenset(
    {
        "default",
        "include",
        "stages",
        "variables",
        "workflow",
        "image",
        "services",
        "cache",
        "before_script",
        "after_script",
        "spec",
        "pages:deploy",
    }
)
SHELL: Final = Shell("bash", errexit=True, pipefail=True)
MOST_LINES: Final = 5000
NESTED: Final = 10


def workflow(path: str, document: Document) -> Workflow | None:
    """Read a pipeline; None when no document of the file is a mapping."""
    root = next((root for root in reversed(document.roots) if isinstance(root, Mapping)), None)
    if root is None:
        return None
    jobs = tuple(
        _job(key, node, document, root)
        for key, node in root.items()
        if key not in _OWN and isinstance(node, Mapping) and not key.startswith(".")
    )
    return Workflow(path, "gitlab", document, jobs)


def lines_of(node: Node | None, document: Document) -> tuple[tuple[int, str], ...]:
    """Return the lines of a script: a text, or a list of texts and lists, GitLab's way.

    Lists may be aliases of each other: what is looked at is bounded, not only what is found.
    """
    found: list[tuple[int, str]] = []
    waiting: list[tuple[Node | None, int]] = [(node, 0)]
    for _ in range(MOST_LINES):
        if not waiting:
            break
        item, depth = waiting.pop()
        if isinstance(item, Scalar):
            found.extend(script_of(item, document))
        elif isinstance(item, Sequence) and depth < NESTED:
            waiting.extend((each, depth + 1) for each in reversed(item.items[:MOST_LINES]))
    return tuple(found)


def _job(key: str, node: Mapping, document: Document, root: Mapping) -> Job:
    tolerant, manual = _inherited(node, root, 0)
    script = Script(lines_of(node.get("script"), document), SHELL)
    steps = (Step(key, node.line_of("script"), script=script),) if script.lines else ()
    return Job(key, key, max(1, node.line - 1), steps, texts(node.get("needs")), None, tolerant, manual=manual)


def _inherited(node: Mapping, root: Mapping, depth: int) -> tuple[Flag | None, bool]:
    """Find allow_failure and whether the job is started by hand; rules that say so themselves decide for themselves."""
    value = node.get("allow_failure")
    tolerant = Flag(value.text.strip(), node.line_of("allow_failure")) if isinstance(value, Scalar) else None
    manual = text(node.get("when")) == "manual" or _by_hand(node.get("rules"))
    if value is None and depth < NESTED:
        for name in texts(node.get("extends")):
            base = root.get(name)
            if isinstance(base, Mapping):
                found, by_hand = _inherited(base, root, depth + 1)
                tolerant, manual = tolerant or found, manual or by_hand
    return tolerant, manual


def _by_hand(rules: Node | None) -> bool:
    if not isinstance(rules, Sequence):
        return False
    return any(
        isinstance(rule, Mapping) and (text(rule.get("when")) == "manual" or rule.get("allow_failure") is not None)
        for rule in rules.items
    )
