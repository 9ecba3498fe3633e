"""Azure Pipelines. `script` runs bash without -e on Linux and macOS, and cmd on Windows; `bash` has no -e either (task CmdLineV2, BashV3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.workflows.document import Mapping, Scalar, Sequence, script_of
from diagnose.workflows.github import flag, text, texts
from diagnose.workflows.model import Job, Script, Shell, Step, Workflow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.workflows.document import Document, Node

_SHELLS: Final = {"script": "bash", "bash": "bash", "powershell": "pwsh", "pwsh": "pwsh"}
NESTED: Final = 6
MOST: Final = 2000


def workflow(path: str, document: Document) -> Workflow | None:
    """Read a pipeline: stages, jobs or bare steps."""
    root = document.roots[0] if document.roots else None
    if not isinstance(root, Mapping):
        return None
    return Workflow(path, "azure", document, tuple(_jobs(root, document, _image(root), 0)))


def _image(node: Mapping) -> str:
    pool = node.get("pool")
    return (text(pool.get("vmImage")) if isinstance(pool, Mapping) else text(pool)).lower()


def _jobs(node: Mapping, document: Document, image: str, depth: int) -> Iterator[Job]:
    image = _image(node) or image
    if isinstance(node.get("steps"), Sequence):
        key = text(node.get("job")) or text(node.get("deployment")) or "job"
        yield Job(
            key,
            text(node.get("displayName")) or key,
            node.line,
            tuple(_steps(node.get("steps"), document, image)),
            texts(node.get("dependsOn")),
            None,
            flag(node, "continueOnError"),
        )
    for name in ("stages", "jobs"):
        inner = node.get(name)
        if isinstance(inner, Sequence) and depth < NESTED:
            for item in inner.items[:MOST]:
                if isinstance(item, Mapping):
                    yield from _jobs(item, document, image, depth + 1)


def _steps(node: Node | None, document: Document, image: str) -> Iterator[Step]:
    for item in node.items[:MOST] if isinstance(node, Sequence) else ():
        if not isinstance(item, Mapping):
            continue
        kind = next((kind for kind in _SHELLS if isinstance(item.get(kind), Scalar)), "")
        value = item.get(kind) if kind else None
        script = None
        if isinstance(value, Scalar):
            name = "cmd" if kind == "script" and "windows" in image else _SHELLS[kind]
            script = Script(script_of(value, document), Shell(name, errexit=False, pipefail=False))
        known = bool(image) and "$" not in image
        if script is not None and kind == "script" and not known:
            script = Script(
                script.lines, Shell(script.shell.name, errexit=True, pipefail=False)
            )  # which shell it is depends on the machine
        yield Step(
            text(item.get("displayName")),
            item.line,
            text(item.get("name")),
            script,
            text(item.get("task")),
            flag(item, "condition"),
            flag(item, "continueOnError"),
        )
