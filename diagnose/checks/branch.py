"""How the branch stands: conflicts, how far behind it is, whether the base itself is red, whether this commit passed before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.checks.failing import failed_jobs
from diagnose.model.check import Check as Answer
from diagnose.model.incident import Missing
from diagnose.model.text import joined, phrase

if TYPE_CHECKING:
    from diagnose.case import Case
    from diagnose.model.incident import Branch
    from diagnose.model.text import Phrase, Untrusted

MOST_NAMED: Final = 5
_RED: Final = ("failure", "timed_out", "startup_failure")


class BranchState:
    """Reads branch, base and attempts of the incident. Only a conflict blocks: nothing else here explains a failure."""

    name = "branch"
    requires: tuple[str, ...] = ()

    async def run(self, case: Case) -> Answer:
        """Say how head and base stand."""
        branch = case.incident.branch
        earlier = _passed_before(case)
        if branch is None:
            if earlier:
                return Answer(self.name, "failed", joined(earlier, "; "))
            return Answer(self.name, "skipped", _no_branch(case))
        if isinstance(branch, Missing):
            return Answer(self.name, "skipped", phrase(branch.what, ": ", branch.why), remedy=branch.remedy)
        if branch.mergeable is False and not (branch.merged or branch.closed):
            message = phrase(case.said(branch.head), " conflicts with ", case.said(branch.base))
            remedy = "Merge the base into the branch and resolve the conflict: workflows of the pull request do not start before."
            return Answer(self.name, "failed", message, blocking=True, remedy=remedy)
        said = [*_base(case), *earlier, *_behind(case, branch)]
        if said:
            return Answer(self.name, "failed", joined(said, "; "), remedy=_remedy(case, branch))
        return Answer(self.name, "ok", _fine(case, branch))


def _no_branch(case: Case) -> Phrase:
    if case.incident.kind == "log":
        return phrase("a log alone has no branch")
    return phrase("no branch is known")


def _behind(case: Case, branch: Branch) -> list[Phrase]:
    if not branch.behind:
        return []
    many = "1 commit" if branch.behind == 1 else f"{branch.behind} commits"
    return [phrase(case.said(branch.head), f" is {many} behind ", case.said(branch.base))]


def _red_base(case: Case) -> list[str]:
    base = case.incident.base
    if base is None or isinstance(base, Missing):
        return []
    red = {result.job for result in base if result.status in _RED}
    return [name for name in dict.fromkeys(case.incident.jobs[index].name for index in failed_jobs(case)) if name in red]


def _base(case: Case) -> list[Phrase]:
    red = _red_base(case)
    return [phrase("on the base the newest result is red too: ", _names(case, red))] if red else []


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


def _remedy(case: Case, branch: Branch) -> str:
    base = case.incident.base
    if _red_base(case):
        return "The base is red for this job: wait for its fix, or fix it there; updating the branch does not help."
    if branch.behind and base is not None and not isinstance(base, Missing) and any(result.status == "success" for result in base):
        return "Updating the branch helps only where the failure stems from the base as it was; the base is green now."
    return ""


def _fine(case: Case, branch: Branch) -> Phrase:
    if branch.merged or branch.closed:
        return phrase("the pull request is ", "merged" if branch.merged else "closed")
    if branch.mergeable is None:
        return phrase("whether ", case.said(branch.head), " merges into ", case.said(branch.base), " is not known yet")
    return phrase(case.said(branch.head), " is up to date with ", case.said(branch.base))


CHECK = BranchState()
