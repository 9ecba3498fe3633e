"""Could the jobs begin at all? Workflow, account, runner, actions, the tools that were asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.checks.failing import Hit, failed_jobs, hits, notes, quoted
from diagnose.checks.tables import messages
from diagnose.checks.withdrawn import withdrawn
from diagnose.model.check import Check as Answer
from diagnose.model.incident import Missing
from diagnose.model.text import joined, phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.case import Case
    from diagnose.checks.tables import Message
    from diagnose.model.report import Evidence
    from diagnose.model.text import Phrase
    from diagnose.rank.window import Window

NEAR: Final = 60
MOST_SAID: Final = 5
_REAL: Final = ("test", "compile", "type-check", "lint", "format")
_ACTION_STEP: Final = re.compile(r"Run (?:[\w.-]+/[\w./-]+@|\./|docker://)")
_SETS_UP: Final = re.compile(r"Run (?:[\w.-]+/)?[\w./-]*(?:checkout|setup|login|auth|credentials|token|cache|install)[\w./-]*@", re.IGNORECASE)
# a server that the job itself should have started
_LOOPBACK: Final = re.compile(r"\b127\.0\.0\.1\b|\blocalhost\b|\[?::1\]|\b0\.0\.0\.0\b")
_UNSEEN: Final = ("denied", "rate-limited", "unreachable", "unreadable", "running")


class _Found(NamedTuple):
    """One thing that is wrong with one job; `blocks` when it alone explains why that job failed."""

    job: int
    message: Phrase
    remedy: str
    blocks: bool
    evidence: tuple[Evidence, ...] = ()


class Setup:
    """Reads what stands before the code: annotations, setting up, the lines of failed steps that name the machine."""

    name = "setup"
    requires: tuple[str, ...] = ()

    async def run(self, case: Case) -> Answer:
        """Say whether the circumstances failed, and block only when they explain every failed job."""
        if not case.incident.jobs:
            return _without_jobs(case)
        failed = failed_jobs(case)
        found = [*_unstarted(case, failed), *_said(case, failed), *_infrastructure(case, failed), *_withdrawn(case)]
        if found:
            return _answer(found, failed)
        return Answer(self.name, "ok", phrase("the machine, the actions and the account are not the reason, as far as it shows"))


def _without_jobs(case: Case) -> Answer:
    incident = case.incident
    if any(missing.kind in _UNSEEN for missing in incident.unseen):
        return Answer("setup", "skipped", phrase("the jobs could not be seen"))
    if incident.conclusion in ("failure", "startup_failure"):
        message = phrase("no job was started: the workflow file is invalid, or GitHub Actions was disturbed when the run began")
        remedy = "Run actionlint on the workflow files that changed; when none changed, run again."
        return Answer("setup", "failed", message, blocking=True, remedy=remedy)
    return Answer("setup", "skipped", phrase("there is no job"))


def _answer(found: list[_Found], failed: list[int]) -> Answer:
    found = sorted(found, key=lambda item: not item.blocks)
    explained = {item.job for item in found if item.blocks}
    blocking = bool(explained) and explained.issuperset(failed)
    message = joined([item.message for item in found[:MOST_SAID]], "; ")
    evidence = tuple(quote for item in found[:MOST_SAID] for quote in item.evidence)
    return Answer("setup", "failed", message, blocking=blocking, evidence=evidence, remedy=found[0].remedy)


def _unstarted(case: Case, failed: list[int]) -> Iterator[_Found]:
    """Find the runs that began no job: GitHub could not read the workflow file. A job of that status stands in for each."""
    for job in failed:
        whole = case.incident.jobs[job]
        if whole.status == "startup_failure" and isinstance(whole.log, Missing):
            what = phrase("the workflow file is invalid: ", case.said(whole.name))
            remedy = "Run actionlint on the workflow files that changed; the run's page shows GitHub's own message."
            yield _Found(job, what, remedy, blocks=True)


def _said(case: Case, failed: list[int]) -> Iterator[_Found]:
    """Find what the table of messages knows, in the annotations and the failed steps of the failed jobs; each once."""
    seen: dict[tuple[str, int], None] = {}
    for job in failed:
        for message, found in [*_in_log(case, job), *_in_notes(case, job)]:
            if (message.id, job) in seen:
                continue
            seen[message.id, job] = None
            yield found


def _in_log(case: Case, job: int) -> Iterator[tuple[Message, _Found]]:
    by_rule = {rule: message for message in messages() for rule in message.rules}
    every = list(hits(case, job))
    real = any(hit.match.rule.kind in ("cause", "detail") and hit.match.rule.category in _REAL for hit in every)
    for hit in every:
        message = by_rule.get(hit.match.rule.id)
        if message is None or not _by_the_system(hit):
            continue
        blocks = not real and _may_block(message, hit.window)
        yield message, _Found(job, phrase(message.says), message.remedy, blocks, (quoted(case, hit),))


def _by_the_system(hit: Hit) -> bool:
    """Tell whether the runner or an action says it, near the end of the step that failed; not a test's output or an echoed script."""
    window = hit.window
    if window.step is not None and hit.match.line < window.step.body and window.step.kind != "setup":
        return False
    return hit.match.text.startswith(("##[error]", "Error: ")) and window.told - hit.match.line <= NEAR


def _may_block(message: Message, window: Window) -> bool:
    step = window.step
    if step is None or message.blocks not in ("always", "setup"):
        return False
    if step.kind == "setup":
        return True
    if message.blocks == "setup":
        return _SETS_UP.match(step.name) is not None
    return _ACTION_STEP.match(step.name) is not None


def _in_notes(case: Case, job: int) -> Iterator[tuple[Message, _Found]]:
    unread = case.readings[job] is None
    for note in notes(case, job):
        if note.level != "failure":
            continue
        for message in messages():
            if re.search(message.expression, note.text):
                blocks = unread and message.blocks != "never"
                yield message, _Found(job, phrase(message.says), message.remedy, blocks, (quoted(case, note),))


def _infrastructure(case: Case, failed: list[int]) -> Iterator[_Found]:
    """Say where the likeliest cause of a job is one that the packs call the machine's own: worth knowing, never a block."""
    known = {rule for message in messages() for rule in message.rules}
    for job in failed:
        reading = case.readings[job]
        best = reading.candidates[0] if reading is not None and reading.candidates else None
        if best is None or best.match is None or best.window.step is None or not best.window.told:
            continue
        rule = best.match.rule
        if rule.infrastructure and rule.kind == "cause" and rule.id not in known and not _LOOPBACK.search(best.text):
            title = phrase("a failed step names the infrastructure: ", case.said(best.match.text.strip()).map(lambda text: text[:200]))
            quote = quoted(case, Hit(job, best.window, best.match))
            yield _Found(job, title, rule.remedy if "{" not in rule.remedy else "", blocks=False, evidence=(quote,))


def _withdrawn(case: Case) -> Iterator[_Found]:
    for item in withdrawn(case):
        yield _Found(item.job, item.message, item.advice, item.blocks, item.evidence)


CHECK = Setup()
