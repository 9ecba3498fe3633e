"""Could the jobs begin at all? Workflow, account, runner, actions, the tools that were asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.checks.failing import Hit, failed_jobs, hits, notes, quoted, tail
from diagnose.checks.lacking import lacking
from diagnose.checks.tables import messages
from diagnose.checks.unstarted import no_job_began
from diagnose.checks.withdrawn import withdrawn
from diagnose.kit.regex import regex
from diagnose.model.check import Check as Answer
from diagnose.model.incident import Missing
from diagnose.model.text import joined, phrase
from diagnose.scan.hosts import is_own_host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.case import Case
    from diagnose.checks.tables import Message
    from diagnose.model.report import Evidence
    from diagnose.model.text import Phrase
    from diagnose.rank.window import Window

MOST_SAID: Final = 5
MOST_NOTICES: Final = 3
_REAL: Final = ("test", "compile", "type-check", "lint", "format")
_ACTION_STEP: Final = regex(r"Run (?:[\w.-]+/[\w./-]+@|\./|docker://)")
_SETS_UP: Final = regex(
    r"Run (?:[\w.-]+/)?[\w./-]*(?:checkout|setup|login|auth|credentials|token|cache|install)[\w./-]*@", re.IGNORECASE
)
_UNSEEN: Final = ("denied", "rate-limited", "unreachable", "unreadable", "running")
_BY_THE_SYSTEM: Final = ("##[error]", "Error: ")
_APPROVE: Final = "Somebody with write access approves the run on its page; running again does not help."
_FINE: Final = "the machine, the actions and the account are not the reason, as far as it shows"


class _Found(NamedTuple):
    """One thing that is wrong with one job; `blocks` when it alone explains why that job failed; `notice` when it stopped nothing."""

    job: int
    message: Phrase
    remedy: str
    blocks: bool
    evidence: tuple[Evidence, ...] = ()
    notice: bool = False


class Setup:
    """Reads what stands before the code: annotations, setting up, the lines of failed steps that name the machine."""

    name = "setup"
    requires: tuple[str, ...] = ()

    async def run(self, case: Case) -> Answer:
        """Say whether the circumstances failed, and block only when they explain every failed job."""
        if not case.incident.jobs:
            return _without_jobs(case)
        failed = failed_jobs(case)
        found = [
            *_unstarted(case, failed),
            *_said(case, failed),
            *_likeliest(case, failed),
            *_withdrawn(case, failed),
            *_notices(case),
        ]
        if all(item.notice for item in found):
            return _fine(found)
        return _answer(found, failed)


def _without_jobs(case: Case) -> Answer:
    incident = case.incident
    if any(missing.kind in _UNSEEN for missing in incident.unseen):
        return Answer("setup", "skipped", phrase("the jobs could not be seen"))
    if incident.conclusion == "action_required":
        message = phrase("no job was started: the run waits for a maintainer's approval, as first runs from forks do")
        return Answer("setup", "failed", message, blocking=True, remedy=_APPROVE)
    if incident.conclusion in ("failure", "startup_failure"):
        message, remedy = no_job_began(case, tuple(path for path, _ in (*incident.workflows, *incident.files)))
        return Answer("setup", "failed", message, blocking=True, remedy=remedy)
    return Answer("setup", "skipped", phrase("there is no job"))


def _fine(found: list[_Found]) -> Answer:
    """Answer that nothing stopped a job; what will stop one some day is said beside it."""
    said = [item.message for item in found[:MOST_NOTICES]]
    remedy = next((item.remedy for item in found if item.remedy), "")
    evidence = tuple(quote for item in found[:MOST_NOTICES] for quote in item.evidence)
    return Answer("setup", "ok", joined([phrase(_FINE), *said], "; "), evidence=evidence, remedy=remedy)


def _answer(found: list[_Found], failed: list[int]) -> Answer:
    found = sorted(found, key=lambda item: (not item.blocks, item.notice))
    explained = {item.job for item in found if item.blocks}
    blocking = bool(explained) and explained.issuperset(failed)
    shown = _once(found)[:MOST_SAID]
    message = joined([item.message for item in shown], "; ")
    evidence = tuple(quote for item in shown for quote in item.evidence)
    return Answer("setup", "failed", message, blocking=blocking, evidence=evidence, remedy=found[0].remedy)


def _once(found: list[_Found]) -> list[_Found]:
    """Leave out what says the same of another job."""
    first: dict[Phrase, _Found] = {}
    for item in found:
        first.setdefault(item.message, item)
    return list(first.values())


def _unstarted(case: Case, failed: list[int]) -> Iterator[_Found]:
    """Find the runs that began no job: GitHub could not read the workflow file. A job of that status stands in for each."""
    for job in failed:
        whole = case.incident.jobs[job]
        if whole.status == "startup_failure" and isinstance(whole.log, Missing):
            what, remedy = no_job_began(case, (whole.name,))
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


def _told(notice: bool) -> list[Message]:  # noqa: FBT001 - which of two lists
    return [message for message in messages() if message.notice is notice]


def _in_log(case: Case, job: int) -> Iterator[tuple[Message, _Found]]:
    """Look through the last lines of the steps that failed; what a test prints or a script echoes is not the system's word."""
    reading = case.readings[job]
    if reading is None:
        return
    real = any(
        hit.match.rule.kind in ("cause", "detail") and hit.match.rule.category in _REAL for hit in hits(case, job)
    )
    for window, line in tail(reading):
        system = line.text.startswith(_BY_THE_SYSTEM)
        for message in _told(notice=False):
            if (system or (message.plain and not real)) and re.search(message.expression, line.text):
                blocks = not real and _may_block(message, window)
                yield (
                    message,
                    _found(case, job, message, (case.quote(reading.log, line.number, line.number),), blocks=blocks),
                )


def _found(case: Case, job: int, message: Message, evidence: tuple[Evidence, ...], *, blocks: bool) -> _Found:
    """Say what a message means; where a secret or a scope is missing, whether the run could have had it."""
    why = lacking(case, job, message.lacks)
    if why is None:
        return _Found(job, phrase(message.says), message.remedy, blocks, evidence)
    return _Found(
        job, phrase(message.says, why.words), why.remedy or message.remedy, blocks, (*evidence, *why.evidence)
    )


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
        for message in _told(notice=False):
            if re.search(message.expression, note.text):
                blocks = unread and message.blocks != "never"
                yield message, _found(case, job, message, (quoted(case, note),), blocks=blocks)


def _notices(case: Case) -> Iterator[_Found]:
    """Find what the CI system warns of, in any job: by rule on a line of its own in the log, in words in an annotation; each once."""
    by_rule = {rule: message for message in _told(notice=True) for rule in message.rules}
    seen: set[str] = set()
    for job, reading in enumerate(case.readings):
        found: list[tuple[Message, Evidence]] = []
        if reading is not None:
            warned = ((by_rule[match.rule.id], match) for match in reading.scan.matches if match.rule.id in by_rule)
            sure = (
                (message, match)
                for message, match in warned
                if match.text.startswith("##[warning]") and re.search(message.expression, match.text)
            )
            found += [(message, case.quote(reading.log, match.line, match.line)) for message, match in sure]
        for note in notes(case, job):
            words = (
                message
                for message in _told(notice=True)
                if note.level == "warning" and re.search(message.expression, note.text)
            )
            found += [(message, quoted(case, note)) for message in words]
        for message, evidence in found:
            if message.id not in seen:
                seen.add(message.id)
                yield _Found(
                    job,
                    phrase(message.says + _since(case, message)),
                    message.remedy,
                    blocks=False,
                    evidence=(evidence,),
                    notice=True,
                )


def _since(case: Case, message: Message) -> str:
    if message.removed is None:
        return ""
    return (
        f", which is gone since {message.removed}"
        if message.removed <= case.now.date()
        else f", which is gone from {message.removed} on"
    )


def _likeliest(case: Case, failed: list[int]) -> Iterator[_Found]:
    """Say where the likeliest cause of a job is one of our table, or one that the packs call the machine's own: worth knowing, never a block."""
    known = {rule: message for message in messages() for rule in message.rules}
    for job in failed:
        reading = case.readings[job]
        best = reading.candidates[0] if reading is not None and reading.candidates else None
        if best is None or best.match is None or best.window.step is None or not best.window.told:
            continue
        rule = best.match.rule
        if rule.id in known:
            yield _found(case, job, known[rule.id], (quoted(case, Hit(job, best.window, best.match)),), blocks=False)
        elif rule.infrastructure and rule.kind == "cause" and not is_own_host(best.text):
            title = phrase(
                "a failed step names the infrastructure: ",
                case.said(best.match.text.strip()).map(lambda text: text[:200]),
            )
            quote = quoted(case, Hit(job, best.window, best.match))
            yield _Found(job, title, rule.remedy if "{" not in rule.remedy else "", blocks=False, evidence=(quote,))


def _withdrawn(case: Case, failed: list[int]) -> Iterator[_Found]:
    for item in withdrawn(case, failed):
        yield _Found(item.job, item.message, item.advice, item.blocks, item.evidence, item.notice)


CHECK = Setup()
