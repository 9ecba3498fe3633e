"""Jobs that stand for others: a gate that passes when what it waits for failed, and releases that go out all the same.

Source of the rules: GitHub's documentation, "Using conditions to control job execution" and "Troubleshooting required status checks": a
job that is skipped reports success, and `always()` runs a job whatever became of its needs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.workflows.fates import sites
from diagnose.workflows.lost import scripts_of
from diagnose.workflows.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.workflows.model import Job, Workflow

_GATE: Final = regex(
    r"(?:^|[\W_])(?:all|required|gate|ok|success|successful|passed|pass|green|done|complete|completed|conclusion|status|result|results|finish|finished|merge|mergeable|final|end|summary|ready)(?:$|[\W_])",
    re.IGNORECASE,
)
_REQUIRED: Final = regex(r"(?:^|[\W_])(?:required|alls?-green)(?:$|[\W_])", re.IGNORECASE)
"""Names of jobs that say that they are required. Others (`ci-ok`) often have a twin in a second workflow: three of three were false alarms."""

_ALWAYS: Final = regex(r"\balways\s*\(\s*\)|!\s*cancelled\s*\(\s*\)")
_ASKS: Final = regex(
    r"needs\s*(?:\.\s*[\w*-]+\s*|\[[^\]]+\]\s*)(?:\.\s*result\b|\.\s*outputs\b)|toJSON\(\s*needs\s*\)|join\(\s*needs|\bfailure\s*\(\s*\)|success\s*\(\s*\)|job\.status",
    re.IGNORECASE,
)
_TRIVIAL: Final = regex(r"^\s*(?:echo\b.*|exit 0|true|:|printf\b.*|)\s*$")
_RELEASES: Final = regex(
    r"\b(?:npm|pnpm|yarn|cargo|poetry|uv|hatch|flit) publish\b|\btwine upload\b|\bdocker push\b|\bgh release create\b|\bhelm push\b|\bkubectl apply\b|\bterraform apply\b",
    re.IGNORECASE,
)
_RELEASING: Final = regex(
    r"^(?:pypa/gh-action-pypi-publish|softprops/action-gh-release|js-devtools/npm-publish|docker/build-push-action|ncipollo/release-action|goreleaser/goreleaser-action)@",
    re.IGNORECASE,
)


def find(flow: Workflow) -> Iterator[Finding]:
    """Find gates that ask nothing, gates that are skipped, and releases that nothing stops."""
    if flow.system != "github":
        return
    for job in flow.jobs:
        if not job.needs:
            continue
        asks = bool(_ASKS.search(_whole(flow, job)))
        always = job.condition is not None and _ALWAYS.search(job.condition.text) is not None
        if always and not asks and job.condition is not None:
            yield from _always(flow, job)
        elif (
            job.condition is None
            and not asks
            and len(job.needs) > 1
            and _named(job)
            and _does_nothing(job)
            and _ends_it(flow, job)
        ):
            why = "when a job that it needs fails, this one is skipped, and a skipped job counts as a success where it is required"
            advice = "Give it `if: always()` and let it fail unless every needs.*.result is 'success'."
            yield _finding(flow, job, job.line, "gate-skipped", why, advice, 0.7)


def _always(flow: Workflow, job: Job) -> Iterator[Finding]:
    condition = job.condition
    assert condition is not None  # noqa: S101 - for the type checker: the caller looked
    if _named(job) and _does_nothing(job) and job.steps:
        why = "it runs whatever became of the jobs that it needs, and looks at none of their results: it always passes"
        yield _finding(
            flow,
            job,
            condition.line,
            "gate-asks-nothing",
            why,
            "Let it fail unless every needs.*.result is 'success'.",
            0.85,
        )
    elif _releases(job):
        why = "it releases whatever became of the jobs that it needs"
        yield _finding(
            flow,
            job,
            condition.line,
            "release-always",
            why,
            "Drop always(), or ask that needs.*.result is 'success'.",
            0.8,
        )


def _whole(flow: Workflow, job: Job) -> str:
    """The job's own lines of the file."""
    lines = flow.document.lines
    others = sorted(other.line for other in flow.jobs if other.line > job.line)
    end = others[0] - 1 if others else len(lines)
    return "\n".join(lines[max(0, job.line - 2) : end])


def _named(job: Job) -> bool:
    return _GATE.search(job.key) is not None or _GATE.search(job.name) is not None


def _does_nothing(job: Job) -> bool:
    """Whether all that it does is to say something."""
    if job.uses or any(step.uses for step in job.steps):
        return False
    return bool(job.steps) and all(
        _TRIVIAL.match(text) for step in job.steps for script in scripts_of(step) for _, text in script.lines
    )


def _ends_it(flow: Workflow, job: Job) -> bool:
    """Whether no other job needs it: it is the end of the workflow, made to be required."""
    return not any(job.key in other.needs for other in flow.jobs)


def _releases(job: Job) -> bool:
    if any(
        _RELEASING.match(step.uses) and step.given.get("push", None) is None
        for step in job.steps
        if not step.uses.startswith("docker/")
    ):
        return True
    return any(
        _RELEASES.search(text)
        for step in job.steps
        for script in scripts_of(step)
        for _, text in script.lines
        if not sites((), script.shell)
    )


def _finding(flow: Workflow, job: Job, line: int, kind: str, why: str, advice: str, confidence: float) -> Finding:
    return Finding(
        flow.path,
        line,
        kind,
        "swallowed-failure",
        job.key,
        "",
        flow.document.line(line).strip(),
        why,
        advice,
        confidence,
    )


def filtered(flow: Workflow) -> Iterator[Finding]:
    """Find gates in workflows that a path filter may keep from starting: a required check of theirs is never reported."""
    for setting in flow.filters:
        gates = [
            job for job in flow.jobs if job.needs and job.condition is not None and _ALWAYS.search(job.condition.text)
        ]
        for job in [job for job in gates if _REQUIRED.search(job.key) or _REQUIRED.search(job.name)][:1]:
            why = "the workflow does not start for other files, and then this job, which stands for all others, is never reported"
            advice = "Filter inside a job instead: a job that is skipped is reported."
            text = flow.document.line(setting.line).strip()
            yield Finding(flow.path, setting.line, "path-filter", "tests-not-run", job.key, "", text, why, advice, 0.5)
        return
