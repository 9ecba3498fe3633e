"""Whether to run again: which jobs, how often, and why not. One real failure in any failed job vetoes it; what is not known counts as real.

A pass on a re-run proves that the code can pass, not that it is right: so advice never says more than that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from diagnose.model.incident import Branch, LogFile
from diagnose.model.report import Retry
from diagnose.model.text import phrase
from diagnose.rank.causes import causes_of
from diagnose.scan.hosts import is_own_host
from diagnose.synthesis.whose import weights
from diagnose.synthesis.whose.again import earlier
from diagnose.synthesis.whose.machine import failed_jobs, is_real
from diagnose.synthesis.whose.said import SAID, known_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnose.case import Case
    from diagnose.model.incident import Job
    from diagnose.model.text import Phrase
    from diagnose.rank.reading import Reading
    from diagnose.scan.rule import Rule

AT_MOST: Final = 2
"""Re-runs of one commit, whoever asked for them."""

MOST_NAMED: Final = 5
Kind = Literal["again", "passed", "useless", "real", "unknown"]


@dataclass(frozen=True, slots=True)
class Judged:
    """One failed job. again: the machine's, and running again may help; passed: the same commit passed it; the others veto."""

    job: Job
    kind: Kind
    why: Phrase


def retry(case: Case, rules: Mapping[str, Rule], *, failed: bool) -> Retry | None:
    """Advise on running again; None where nothing failed, or where only a log is at hand: nobody knows then what else failed."""
    if not failed or case.incident.kind == "log":
        return None
    judged = [_judge(case, place, rules) for place in failed_jobs(case)]
    if not judged:
        return None
    against = _against(case, judged)
    if against:
        return Retry(advised=False, jobs=(), at_most=0, reasons=tuple(against))
    left = AT_MOST - _reruns(case, judged)
    reasons = tuple(dict.fromkeys(each.why for each in judged))
    return Retry(
        advised=True,
        jobs=tuple(case.said(each.job.name) for each in judged),
        at_most=left,
        reasons=reasons,
        command=_command(case, judged),
    )


def _judge(case: Case, place: int, rules: Mapping[str, Rule]) -> Judged:
    job, reading = case.incident.jobs[place], case.readings[place]
    name = case.said(job.name)
    if any(attempt.status == "success" for attempt in earlier(case, {job.name})):
        return Judged(job, "passed", phrase('"', name, '" passed at this commit before'))
    return _by_notes(case, job, rules) if reading is None else _by_log(case, job, reading)


def _by_log(case: Case, job: Job, reading: Reading) -> Judged:
    name, groups = case.said(job.name), causes_of(reading)
    if job.status == "cancelled" and not is_real(reading):
        return Judged(job, "unknown", phrase('"', name, '" was canceled: nothing says how it would have ended'))
    rule = groups[0].lead.match.rule if groups and groups[0].lead.match is not None else None
    said = SAID.get(rule.id) if rule is not None else None
    if said is not None:
        return Judged(
            job, "again" if said.again and not is_real(reading) else "useless", phrase('"', name, f'": {said.why}')
        )
    if is_real(reading):
        return Judged(job, "real", phrase('"', name, '" fails by a test, a compiler or a linter'))
    if (
        rule is None
        or not rule.infrastructure
        or groups[0].category in weights.ALWAYS_SO
        or is_own_host(groups[0].lead.text)
    ):
        return Judged(
            job,
            "unknown",
            phrase('nothing says that "', name, "\" fails by the machine or a service: it counts as the code's"),
        )
    if not rule.retry:
        return Judged(job, "useless", phrase('"', name, '": the same work on the same machine ends the same way'))
    return Judged(job, "again", phrase('"', name, '" fails by the machine or a service, and such failures pass'))


def _by_notes(case: Case, job: Job, rules: Mapping[str, Rule]) -> Judged:
    """Judge a job without a readable log by the notes beside it."""
    name = case.said(job.name)
    for note in job.annotations:
        said = known_in(f"{note.title}\n{note.message}" if note.title else note.message, rules)
        if said is not None:
            return Judged(job, "again" if said.again else "useless", phrase('"', name, f'": {said.why}'))
    why = "its log could not be read" if isinstance(job.log, LogFile) else "it has no log"
    return Judged(job, "unknown", phrase('"', name, f"\": {why}: it counts as the code's"))


def _against(case: Case, judged: Sequence[Judged]) -> list[Phrase]:
    """Say why not to run again, the weightiest first."""
    out: list[Phrase] = []
    branch = case.incident.branch
    if (
        isinstance(branch, Branch)
        and branch.head_sha
        and case.incident.commit
        and branch.head_sha != case.incident.commit
    ):
        out.append(phrase("the branch has a newer commit: a run of this one tells nothing of it"))
    if isinstance(branch, Branch) and (branch.closed or branch.merged):
        out.append(phrase("the pull request is closed"))
    reals = [each for each in judged if each.kind == "real"]
    real = len(reals)
    if real > 1:
        first = case.said(reals[0].job.name)
        out.append(phrase(f'{real:,} jobs fail by a test, a compiler or a linter, one of them "', first, '"'))
    else:
        out += [each.why for each in reals]
    out += [each.why for kind in ("useless", "unknown") for each in judged if each.kind == kind][:MOST_NAMED]
    if real and real < len(judged):
        out.append(phrase("one real failure is enough: the run stays red whatever the other jobs do"))
    reruns = _reruns(case, judged)
    if not out and reruns >= AT_MOST:
        out.append(phrase(f"this commit was run {reruns + 1} times by now; what still fails does not pass by itself"))
    return out


def _reruns(case: Case, judged: Sequence[Judged]) -> int:
    """Count the runs of this commit before the one at hand."""
    by_number = max((each.job.attempt for each in judged), default=1) - 1
    before = earlier(case, {each.job.name for each in judged})
    return max(by_number, len({(attempt.run_id, attempt.attempt) for attempt in before}))


def _command(case: Case, judged: Sequence[Judged]) -> Phrase | None:
    """Give the command that runs the failed jobs of the one run again; nothing where several runs failed."""
    runs = {each.job.run_id for each in judged}
    number = next(iter(runs)) if len(runs) == 1 else ""
    if not number.isdigit() or not case.incident.repository:
        return None
    return phrase(f"gh run rerun {number} --failed --repo ", case.said(case.incident.repository))
