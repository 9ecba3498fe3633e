"""How the branch stands: what was tested, conflicts, how far behind it is, whether the base is red, whether the result is out of date.

Runs of a pull request test a merge commit: the head merged into the base as that was when the event came, and a run that is started again tests
the same one (docs.github.com, Events that trigger workflows, pull_request). So a branch can fail through its base, and an old result says
nothing about the base of today.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from diagnose.checks.failing import failed_jobs, tail
from diagnose.kit.regex import regex
from diagnose.logs.preamble import preamble_of
from diagnose.model.check import Check as Answer
from diagnose.model.incident import Branch, Missing
from diagnose.model.text import joined, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnose.case import Case
    from diagnose.logs.preamble import Merged
    from diagnose.model.incident import BaseResult
    from diagnose.model.report import Evidence
    from diagnose.model.text import Phrase, Untrusted

    _Merges = list[tuple[int, Merged]]

MOST_NAMED: Final = 5
STALE: Final = timedelta(days=7)
"""A required check must have run within the last seven days to be chosen (docs.github.com, Troubleshooting required status checks)."""

_SHORT: Final = 12
_RED: Final = ("failure", "timed_out", "startup_failure")
_GREEN: Final = ("success",)
# actions/checkout#393 and #1981: the pull request was merged or closed before the job began, or it conflicts
_CHECKOUT: Final = regex(r"Run [\w.-]{1,100}/[\w./-]{0,100}checkout@")
_NO_REF: Final = regex(r"(?:##\[error\]|Error: )?(?:fatal: )?[Cc]ouldn't find remote ref refs/pull/\d{1,9}/merge")
_RESOLVE: Final = (
    "Merge the base into the branch and resolve the conflict: workflows of the pull request do not start before."
)
_OUTDATED: Final = (
    "Look at the newest run, or push again: to start this run again tests the same merge commit as before."
)
_NO_REF_REMEDY: Final = "GitHub has no test merge for a pull request that is closed, merged or in conflict: resolve the conflict, or let it be."


class BranchState:
    """Reads branch, base, attempts and checkouts of the incident. A conflict, or a test merge that is gone, blocks where nothing else explains a failure."""

    name = "branch"
    requires: tuple[str, ...] = ()

    async def run(self, case: Case) -> Answer:
        """Say how head and base stand."""
        branch = case.incident.branch
        gone = _no_test_merge(case)
        if isinstance(branch, Branch):
            return gone or _stands(case, branch, _merges(case))
        if gone is not None:
            return gone
        earlier = _passed_before(case)
        if earlier:
            return Answer(self.name, "failed", joined(earlier, "; "))
        if isinstance(branch, Missing):
            return Answer(self.name, "skipped", phrase(branch.what, ": ", branch.why), remedy=branch.remedy)
        tested, evidence = _tested(case, _merges(case))
        if tested:
            return Answer(self.name, "ok", joined(tested, "; "), evidence=evidence)
        return Answer(
            self.name,
            "skipped",
            phrase("a log alone has no branch" if case.incident.kind == "log" else "no branch is known"),
        )


def _stands(case: Case, branch: Branch, merges: _Merges) -> Answer:
    tested, evidence = _tested(case, merges)
    outdated = _outdated(case, branch, merges)
    conflict = _conflict(case, branch)
    if conflict and not any(case.readings[job] is not None for job in failed_jobs(case)):
        return Answer("branch", "failed", joined(conflict, "; "), blocking=True, remedy=_RESOLVE)
    said = [*conflict, *_base(case, merges), *_passed_before(case), *outdated, *_behind(case, branch)]
    if said:
        remedy = _RESOLVE if conflict else _remedy(case, branch, merges, outdated)
        return Answer("branch", "failed", joined([*said, *tested], "; "), evidence=evidence, remedy=remedy)
    return Answer("branch", "ok", joined([_fine(case, branch), *tested], "; "), evidence=evidence)


def _conflict(case: Case, branch: Branch) -> list[Phrase]:
    """Say that the two conflict. That alone is the answer only where no failed job has a log: what ran before may have failed by itself."""
    if branch.mergeable is not False or branch.merged or branch.closed:
        return []
    return [phrase(case.said(branch.head), " conflicts with ", case.said(branch.base))]


def _no_test_merge(case: Case) -> Answer | None:
    """Find jobs whose checkout found no test merge any more; a block where all that failed are of that kind."""
    failed = failed_jobs(case)
    found: dict[int, Evidence] = {}
    for job in failed:
        reading = case.readings[job]
        for window, line in tail(reading) if reading is not None else ():
            checkout = window.step is not None and _CHECKOUT.match(window.step.name)
            if reading is not None and job not in found and checkout and _NO_REF.match(line.text.strip()):
                found[job] = case.quote(reading.log, line.number, line.number)
    if not found:
        return None
    blocking = len(found) == len(failed)
    message = phrase("GitHub no longer has the test merge that the job was to check out")
    return Answer(
        "branch", "failed", message, blocking=blocking, evidence=tuple(found.values())[:1], remedy=_NO_REF_REMEDY
    )


def _merges(case: Case) -> _Merges:
    """Read what each job checked out, where it was a test merge: (job, merge)."""
    found = []
    for job, reading in enumerate(case.readings):
        merged = preamble_of(reading.log).merged if reading is not None else None
        if merged is not None:
            found.append((job, merged))
    return found


def _tested(case: Case, merges: _Merges) -> tuple[list[Phrase], tuple[Evidence, ...]]:
    """Say what the jobs checked out, where it was a test merge; each merge once, with the line that shows the first."""
    distinct = dict.fromkeys((merged.head, merged.base) for _, merged in merges)
    if not distinct:
        return [], ()
    # both are hexadecimal digits and nothing else
    said = [
        phrase(f"what was tested is a merge of {head[:_SHORT]} into {base[:_SHORT]}, the base as it was then")
        for head, base in distinct
    ]
    job, first = merges[0]
    reading = case.readings[job]
    evidence = (case.quote(reading.log, first.line, first.line),) if reading is not None else ()
    return said[:2], evidence


def _behind(case: Case, branch: Branch) -> list[Phrase]:
    if not branch.behind:
        return []
    many = "1 commit" if branch.behind == 1 else f"{branch.behind} commits"
    return [phrase(case.said(branch.head), f" is {many} behind ", case.said(branch.base))]


def _outdated(case: Case, branch: Branch, merges: _Merges) -> list[Phrase]:
    """Say where the result is of another commit than the head, or so old that the base has moved on beneath it."""
    if branch.merged or branch.closed:
        return []
    said: list[Phrase] = []
    of_head = {case.incident.commit, *(merged.head for _, merged in merges)} - {""}
    if branch.head_sha and of_head and branch.head_sha not in of_head:
        said.append(phrase("the result is of an older commit than ", case.said(branch.head), " has now"))
    if any(job.status == "stale" for job in case.incident.jobs):
        said.append(phrase("GitHub gave up waiting for a check that did not end"))
    ended = max((job.completed_at for job in case.incident.jobs if job.completed_at is not None), default=None)
    # where the base has no newer commit, the result is of the base as it is
    if ended is not None and case.now - ended > STALE and branch.behind != 0:
        said.append(phrase(f"the result is {(case.now - ended).days} days old and of the base as it was then"))
    return said


def _named(case: Case, names: Iterable[str]) -> list[str]:
    """Give the names of the jobs that failed here and are among `names`, each once."""
    known = set(names)
    return [
        name for name in dict.fromkeys(case.incident.jobs[index].name for index in failed_jobs(case)) if name in known
    ]


def _of_base(case: Case) -> tuple[BaseResult, ...]:
    base = case.incident.base
    return () if base is None or isinstance(base, Missing) else base


def _on_base(case: Case, among: tuple[str, ...]) -> list[str]:
    """Give the failed jobs whose newest result on the base is one of `among`."""
    return _named(case, (each.job for each in _of_base(case) if each.status in among))


def _where_it_left(case: Case, among: tuple[str, ...]) -> list[str]:
    """Give the failed jobs whose result is one of `among` at the commit at which the head left the base."""
    branch = case.incident.branch
    left_at = branch.merge_base if isinstance(branch, Branch) else ""
    named = [each.job for each in case.incident.controls if each.kind == "merge-base" and each.status in among]
    return _named(
        case,
        [*named, *(each.job for each in _of_base(case) if left_at and each.sha == left_at and each.status in among)],
    )


def _merged_in(case: Case, merges: _Merges) -> list[str]:
    """Give the failed jobs that were red at the very commit of the base that was merged in to be tested."""
    merged = {each.base for _, each in merges}
    results = [(each.job, each.sha, each.status) for each in _of_base(case)]
    results += [(each.job, each.sha, each.status) for each in case.incident.controls]
    return _named(case, (job for job, sha, status in results if sha in merged and status in _RED))


def _base(case: Case, merges: _Merges) -> list[Phrase]:
    told = (
        ("on the base the newest result is red too: ", _on_base(case, _RED)),
        ("where the branch left the base the result was red too: ", _where_it_left(case, _RED)),
        ("the commit of the base that was merged in was red too: ", _merged_in(case, merges)),
    )
    return [phrase(words, _names(case, names)) for words, names in told if names]


def _passed_before(case: Case) -> list[Phrase]:
    attempts = case.incident.attempts
    if attempts is None or isinstance(attempts, Missing):
        return []
    failed = {case.incident.jobs[index].name: case.incident.jobs[index] for index in failed_jobs(case)}
    passed: list[str] = []
    for attempt in attempts:
        job = failed.get(attempt.job)
        other = job is not None and (attempt.run_id, attempt.attempt) != (job.run_id, job.attempt)
        if other and attempt.status == "success" and attempt.job not in passed:
            passed.append(attempt.job)
    return [phrase("at the same commit another attempt passed: ", _names(case, passed))] if passed else []


def _names(case: Case, names: list[str]) -> Phrase:
    shown: list[Untrusted] = [case.said(name) for name in names[:MOST_NAMED]]
    listed = joined([phrase(name) for name in shown], ", ")
    return listed + phrase(f" and {len(names) - MOST_NAMED} more") if len(names) > MOST_NAMED else listed


def _remedy(case: Case, branch: Branch, merges: _Merges, outdated: list[Phrase]) -> str:
    if branch.merged or branch.closed:
        return ""
    return _about_the_base(case, branch, merges) or (_OUTDATED if outdated else "")


def _about_the_base(case: Case, branch: Branch, merges: _Merges) -> str:
    """Advise on updating the branch: a cure only where the job was red where the branch left the base and is green there now."""
    if _on_base(case, _RED):
        return "The base is red for this job: wait for its fix, or fix it there; updating the branch does not help."
    green = set(_on_base(case, _GREEN))
    if branch.behind and green.intersection(_where_it_left(case, _RED)):
        return "Update the branch: the job was red where the branch left the base, and it is green on the base now."
    if branch.behind and green.intersection(_merged_in(case, merges)):
        return "Push again: the commit of the base that was merged in was red, and the base is green now; to start this run again tests the same merge commit."
    if green.intersection(_where_it_left(case, _GREEN)):
        return "Updating the branch does not help: the job was green where the branch left the base, and it is green on the base now."
    if branch.behind and green:
        return "Updating the branch helps only where the failure stems from the base as it was; the base is green now."
    return ""


def _fine(case: Case, branch: Branch) -> Phrase:
    if branch.merged or branch.closed:
        return phrase("the pull request is ", "merged" if branch.merged else "closed")
    if branch.mergeable is None:
        return phrase("whether ", case.said(branch.head), " merges into ", case.said(branch.base), " is not known yet")
    return phrase(case.said(branch.head), " is up to date with ", case.said(branch.base))


CHECK = BranchState()
