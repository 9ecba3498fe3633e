"""GitHub Actions: `.github/workflows/*.yml` and composite actions.

Shells as GitHub's documentation has them (workflow syntax, "jobs.<job_id>.steps[*].shell"): without `shell` `bash -e {0}` on Linux and
macOS, which has no pipefail, `sh -e {0}` in a container, `pwsh` on Windows; `shell: bash` is `bash --noprofile --norc -eo pipefail {0}`;
a template with `{0}` has only the options that it names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.workflows.document import Mapping, Scalar, Sequence, script_of
from diagnose.workflows.model import Flag, Job, Script, Shell, Step, Workflow

if TYPE_CHECKING:
    from diagnose.workflows.document import Document, Node

MOST_STEPS: Final = 2000


def workflow(path: str, document: Document) -> Workflow | None:
    """Read a workflow or a composite action; None when it is neither."""
    root = document.roots[0] if document.roots else None
    if not isinstance(root, Mapping):
        return None
    runs = root.get("runs")
    if isinstance(runs, Mapping) and text(runs.get("using")) == "composite":
        steps = _steps(runs.get("steps"), document, Shell("", errexit=True, pipefail=True))
        return Workflow(path, "action", document, (Job("runs", text(root.get("name")), runs.line, steps),))
    jobs = root.get("jobs")
    if not isinstance(jobs, Mapping):
        return None
    shell = _default_shell(root)
    found = tuple(_job(key, value, document, shell) for key, value in jobs.items() if isinstance(value, Mapping))
    return Workflow(path, "github", document, found, tuple(_filters(root)))


def text(node: Node | None) -> str:
    """Return a scalar's text, "" for anything else."""
    return node.text if isinstance(node, Scalar) else ""


def texts(node: Node | None) -> tuple[str, ...]:
    """Return a text or a list of texts as a tuple."""
    if isinstance(node, Scalar):
        return (node.text,)
    return tuple(text(item) for item in node.items if isinstance(item, Scalar)) if isinstance(node, Sequence) else ()


def flag(node: Mapping, key: str) -> Flag | None:
    """Return a setting and its line, None when it is not there."""
    value = node.get(key)
    return Flag(value.text.strip(), node.line_of(key)) if isinstance(value, Scalar) else None


def flags(node: Node | None) -> dict[str, Flag]:
    """Return a mapping's scalars by key."""
    if not isinstance(node, Mapping):
        return {}
    return {key: Flag(value.text, value.line) for key, value in node.items() if isinstance(value, Scalar)}


def shell_of(name: str) -> Shell:
    """Read the `shell` of a step: a name, or a template with `{0}`."""
    words = name.split()
    program = words[0].rsplit("/", 1)[-1].removesuffix(".exe") if words else ""
    if "{0}" not in name:
        return Shell(
            "pwsh" if program == "powershell" else program,
            errexit=program in ("bash", "sh"),
            pipefail=program == "bash",
        )
    short = [word[1:] for word in words[1:] if word.startswith("-") and not word.startswith("--")]
    errexit = any("e" in each for each in short) or "errexit" in words
    return Shell("pwsh" if program == "powershell" else program, errexit=errexit, pipefail="pipefail" in words)


def _default_shell(node: Mapping) -> str:
    defaults = node.get("defaults")
    run = defaults.get("run") if isinstance(defaults, Mapping) else None
    return text(run.get("shell")) if isinstance(run, Mapping) else ""


def _job(key: str, node: Mapping, document: Document, shell: str) -> Job:
    runs_on = " ".join(texts(node.get("runs-on"))).lower()
    named = _default_shell(node) or shell
    if named:
        default = shell_of(named)
    elif runs_on.startswith("windows") or ("windows" in runs_on and "self-hosted" in runs_on):
        default = Shell("pwsh", errexit=False, pipefail=False)
    else:
        default = Shell("sh" if node.get("container") is not None else "bash", errexit=True, pipefail=False)
    steps = _steps(node.get("steps"), document, default)
    name = text(node.get("name")) or key
    return Job(
        key,
        name,
        max(1, node.line - 1),
        steps,
        texts(node.get("needs")),
        flag(node, "if"),
        flag(node, "continue-on-error"),
        text(node.get("uses")),
    )


def _steps(node: Node | None, document: Document, default: Shell) -> tuple[Step, ...]:
    if not isinstance(node, Sequence):
        return ()
    return tuple(_step(item, document, default) for item in node.items[:MOST_STEPS] if isinstance(item, Mapping))


def _step(node: Mapping, document: Document, default: Shell) -> Step:
    run = node.get("run")
    shell = shell_of(text(node.get("shell"))) if node.get("shell") is not None else default
    script = Script(script_of(run, document), shell) if isinstance(run, Scalar) else None
    return Step(
        text(node.get("name")), node.line, text(node.get("id")), script, text(node.get("uses")), flag(node, "if"), flag(node, "continue-on-error"),
        flags(node.get("with")), flags(node.get("env")),
    )  # fmt: skip


def _filters(root: Mapping) -> list[Flag]:
    """The path filters of pull requests: with one a workflow may not start at all."""
    on = root.get("on")
    found: list[Flag] = []
    for event in ("pull_request", "pull_request_target"):
        node = on.get(event) if isinstance(on, Mapping) else None
        if isinstance(node, Mapping):
            found += [Flag(key, node.line_of(key)) for key in ("paths", "paths-ignore") if node.get(key) is not None]
    return found
