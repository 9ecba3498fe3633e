"""Inputs of actions that keep a failure quiet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.workflows.fates import sites
from diagnose.workflows.model import INTENT, Finding, Shell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.model.words import SilentKind
    from diagnose.workflows.model import Flag, Job, Step, Workflow


@dataclass(frozen=True, slots=True)
class Input:
    """An input (or variable) of an action, and the value with which it hides."""

    kind: str
    action: re.Pattern[str]
    name: str
    value: re.Pattern[str]
    why: str
    advice: str
    confidence: float
    silent: SilentKind = "swallowed-failure"


_TRUE: Final = regex(r"^\s*['\"]?true['\"]?\s*$", re.IGNORECASE)
_FALSE: Final = regex(r"^\s*['\"]?false['\"]?\s*$", re.IGNORECASE)
INPUTS: Final = (
    Input("disable-errors", regex(r"^(?:super-linter|github)/super-linter"), "DISABLE_ERRORS", _TRUE, "DISABLE_ERRORS lets every linter's finding pass", "Drop DISABLE_ERRORS.", 0.85),
    Input("disable-errors", regex(r"^oxsecurity/megalinter"), "DISABLE_ERRORS", _TRUE, "DISABLE_ERRORS lets every linter's finding pass", "Drop DISABLE_ERRORS.", 0.85),
    Input("issues-exit-code", regex(r"^golangci/golangci-lint-action"), "args", regex(r"--issues-exit-code[= ]0\b"), "`--issues-exit-code=0` ends with 0 whatever is found", "Drop it.", 0.8),
    Input("fail-on-error", regex(r"^dorny/test-reporter"), "fail-on-error", _FALSE, "the report does not fail when tests in it failed", "Drop fail-on-error: false, unless the tests' own step fails.", 0.5),
    Input("retry-continues", regex(r"^nick-(?:fields|invision)/retry"), "continue_on_error", _TRUE, "the step passes when every try failed", "Drop continue_on_error.", 0.85),
    Input("exit-zero", regex(r"^(?:chartboost|astral-sh)/ruff-action"), "args", regex(r"--exit-zero"), "`--exit-zero` ends with 0 whatever is found", "Drop --exit-zero.", 0.8),
)  # fmt: skip
_RETRY: Final = Input(
    "retry", regex(r"(?!)"), "command", regex(r"(?!)"), "the tests are run again until they pass: a test that fails now and then is never seen",
    "Let the test runner try single tests again and report which: pytest --reruns, jest.retryTimes.", 0.6, "flaky-retry",
)  # fmt: skip
RETRIES: Final = regex(r"^(?:nick-fields/retry|nick-invision/retry|wandalen/wretry\.action)@", re.IGNORECASE)
_TRIES: Final = ("max_attempts", "attempt_limit")


def find(flow: Workflow) -> Iterator[Finding]:
    """Find inputs that hide, and test runs that are tried again until they pass."""
    for job in flow.jobs:
        for step in job.steps:
            if not step.uses:
                continue
            yield from _inputs(flow, job, step)
            yield from _retries(flow, job, step)


def _inputs(flow: Workflow, job: Job, step: Step) -> Iterator[Finding]:
    for row in INPUTS:
        flag = step.given.get(row.name) or step.env.get(row.name)
        if flag is None or not row.action.match(step.uses.lower()) or not row.value.search(flag.text):
            continue
        if row.kind == "retry-continues" and not _checks(step):
            continue
        if row.kind == "fail-on-error" and not _tests_are_lost(job, step):
            continue
        yield _finding(flow, job, step, flag, row)


def _checks(step: Step) -> bool:
    """Whether the command that a retrying action is given is a check."""
    command = step.given.get("command")
    rows = [(command.line, text) for text in command.text.split("\n")] if command is not None else []
    return bool(sites(rows, Shell("bash", errexit=True, pipefail=False)))


def _tests_are_lost(job: Job, reporter: Step) -> bool:
    """Whether a step before the reporter runs tests whose failure does not count: then only the report could fail the job."""
    for step in job.steps:
        if step is reporter:
            return False
        if step.script is not None and any(
            site.fate or step.tolerant is not None for site in sites(step.script.lines, step.script.shell)
        ):
            return True
    return False


def _retries(flow: Workflow, job: Job, step: Step) -> Iterator[Finding]:
    tries = next((step.given[name] for name in _TRIES if name in step.given), None)
    command = step.given.get("command")
    if not RETRIES.match(step.uses) or command is None or (tries is not None and tries.text.strip() == "1"):
        return
    rows = [(command.line, text) for text in command.text.split("\n")]
    found = [
        site
        for site in sites(rows, Shell("bash", errexit=True, pipefail=False))
        if re.search(r"test|jest|rspec|tox|e2e|cypress|playwright|ctest", site.tool)
    ]
    if found:
        yield _finding(flow, job, step, command, _RETRY)


def _finding(flow: Workflow, job: Job, step: Step, flag: Flag, row: Input) -> Finding:
    said = (step.name, flow.said(flag.line), flow.said(step.line))
    meant = any(INTENT.search(text) for text in said)
    text = flow.document.line(flag.line).strip()
    return Finding(
        flow.path,
        flag.line,
        row.kind,
        row.silent,
        job.key,
        step.name,
        text,
        row.why,
        row.advice,
        row.confidence,
        intended=meant,
    )
