"""Settings that say that a step's or job's failure does not count: continue-on-error, allow_failure, continueOnError."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.workflows.fates import sites
from diagnose.workflows.lost import scripts_of
from diagnose.workflows.model import INTENT, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.workflows.model import Flag, Job, Step, Workflow

NAMES: Final = {"gitlab": "allow_failure", "azure": "continueOnError", "travis": "allow_failures"}
_ACTIONS: Final = regex(
    r"^(?:golangci/golangci-lint-action|(?:super-linter|github)/super-linter|pre-commit/action|psf/black|chartboost/ruff-action|astral-sh/ruff-action|cypress-io/github-action|"
    r"davidanson/markdownlint-cli2-action|ludeeus/action-shellcheck|hadolint/hadolint-action|actions-rs/(?:cargo|clippy-check)|ansible/ansible-lint|rhysd/actionlint|"
    r"crate-ci/typos|dominikh/staticcheck-action|jakebailey/pyright-action|pypa/cibuildwheel|actions-hub/gradle|ibiqlik/action-yamllint|creyd/prettier_action|oxsecurity/megalinter|"
    r"editorconfig-checker/|wearerequired/lint-action|symfonycorp/security-checker|shivammathur/phpunit|reviewdog/action-)",
    re.IGNORECASE,
)
_TRUE: Final = ("true", "yes", "on", "${{ true }}", "${{true}}")
_SIDE: Final = regex(
    r"cover|codecov|coveralls|upload|cache|notif|slack|discord|comment|doc|bench|report|deploy|publish|annotat|badge|sonar|audit|security|vuln|scan|clean|artifact|label|summary|install|setup|download",
    re.IGNORECASE,
)


def find(flow: Workflow) -> Iterator[Finding]:
    """Find steps and jobs that check something and may fail unseen."""
    setting = NAMES.get(flow.system, "continue-on-error")
    for job in flow.jobs:
        if job.tolerant is not None and _always(job.tolerant) and not job.manual:
            checks = [_check(step) for step in job.steps if step.tolerant is None]
            tool = next((tool for tool in checks if tool), "")
            if tool and not _SIDE.search(f"{job.key} {job.name}"):
                yield _finding(flow, job, None, job.tolerant, setting, tool)
        for step in job.steps:
            if step.tolerant is None or not _always(step.tolerant):
                continue
            tool = _check(step)
            if tool and not _read(flow, step) and not _SIDE.search(step.name) and not _again(job, step):
                yield _finding(flow, job, step, step.tolerant, setting, tool)


def _always(flag: Flag) -> bool:
    """Whether it holds in every run: what an expression decides by the matrix or the event was weighed by somebody."""
    return flag.text.strip().lower() in _TRUE


def _check(step: Step) -> str:
    """Name a check of the step whose failure would make it fail."""
    for script in scripts_of(step):
        for site in sites(script.lines, script.shell):
            if not site.fate:
                return site.tool
    for key in ("run", "script", "command"):
        if step.uses and key in step.given:
            from diagnose.workflows.model import Shell

            rows = [(step.given[key].line, text) for text in step.given[key].text.split("\n")]
            found = sites(rows, Shell("bash", errexit=True, pipefail=True))
            if found:
                return found[0].tool
    return step.uses.partition("@")[0] if _ACTIONS.match(step.uses) else ""


def _read(flow: Workflow, step: Step) -> bool:
    """Whether the step's outcome is looked at anywhere in the file."""
    if not step.id:
        return False
    return re.search(rf"steps(?:\.{re.escape(step.id)}|\[['\"]{re.escape(step.id)}['\"]\])", flow.text) is not None


def _again(job: Job, step: Step) -> bool:
    """Whether the same check runs in the job once more and counts there."""
    mine = _check(step)
    words = _words(step)
    return any(
        other is not step
        and other.tolerant is None
        and _check(other) == mine
        and (_words(other) == words or other.name == step.name)
        for other in job.steps
    )


def _words(step: Step) -> str:
    return " ".join(text.strip() for script in scripts_of(step) for _, text in script.lines)


def _finding(flow: Workflow, job: Job, step: Step | None, flag: Flag, setting: str, tool: str) -> Finding:
    what = "step" if step is not None else "job"
    said = [
        flow.name,
        job.name if job.name != job.key else job.key,
        flow.said(flag.line),
        flow.said(step.line if step else job.line),
    ]
    if step is not None:
        said.append(step.name)
        first = next((text for script in scripts_of(step) for _, text in script.lines[:1]), "")
        said.append(first if first.lstrip().startswith("#") else "")
    meant = any(INTENT.search(text) for text in said)
    return Finding(
        flow.path, flag.line, setting, "swallowed-failure", job.key, step.name if step is not None else "", flow.document.line(flag.line).strip(),
        f"the {what} checks something, and `{setting}` lets its failure pass: the API and the branch's rules see a success",
        f"Drop {setting}, or give the step an id and look at its outcome afterwards." if flow.system in ("github", "action") else f"Drop {setting}, or restrict it to the exit codes that are meant.",
        0.85 if step is not None else 0.8, tool, meant,
    )  # fmt: skip
