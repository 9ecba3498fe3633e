"""The sentences about GitHub: each says what is wrong, what it means and what to try. One place, so that they stay alike.

Job names, branches and the like are foreign and stand as Untrusted; a repository's name has a closed form and is ours to print.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from diagnose.model.incident import OTHER_LOGS, Missing
from diagnose.model.text import Phrase, Untrusted, phrase
from diagnose.sources.refusal import Refusal

if TYPE_CHECKING:
    from diagnose.model.incident import Absence
    from diagnose.sources.github.token import Token
    from diagnose.sources.github.trouble import Trouble, TroubleKind
    from diagnose.sources.refusal import RefusalKind

ANONYMOUS: Final = 60
MINUTE: Final = 60.0
RIGHTS: Final = {
    "Actions logs": "actions: read",
    "runs": "actions: read",
    "jobs": "actions: read",
    "pull requests": "pull-requests: read",
    "checks": "checks: read",
    "statuses": "statuses: read",
}
ABSENCES: Final[dict[TroubleKind, Absence]] = {
    "unauthorized": "denied",
    "denied": "denied",
    "not-found": "not-stored",
    "not-stored": "not-stored",
    "gone": "expired",
    "rate-limited": "rate-limited",
    "server": "unreachable",
    "unreachable": "unreachable",
    "slow": "unreachable",
    "bad-reply": "unreadable",
    "redirect": "unreachable",
    "too-large": "too-large",
    "too-many": "too-large",
    "budget": "not-asked",
    "refused": "unreadable",
    "disk": "unreadable",
    "incomplete": "unreadable",
}
REFUSALS: Final[dict[TroubleKind, RefusalKind]] = {
    "unauthorized": "bad-token",
    "denied": "denied",
    "not-found": "not-found",
    "gone": "not-found",
    "rate-limited": "rate-limited",
    "bad-reply": "bad-reply",
    "refused": "bad-reply",
    "redirect": "bad-reply",
    "too-large": "bad-reply",
    "too-many": "bad-reply",
    "incomplete": "bad-reply",
}


def no_token(repository: str) -> Refusal:
    """Say that a token is needed and there is none."""
    message = f"no GitHub token, and {repository} needs one (it is private, or the {ANONYMOUS} requests an hour without a token are used up)."
    return Refusal("no-token", phrase(message), "gh auth login    or set GITHUB_TOKEN; `ci-diagnose doctor` checks it")


def wrong_token(token: Token) -> Refusal:
    """Say that GitHub knows no such token."""
    message = (
        f"GitHub refused the token from {token.source} (401: bad credentials). It is expired, revoked, or for another host. "
        "Its value is not shown."
    )
    remedy = "gh auth login" if token.source.startswith("gh ") else f"unset {token.source}, then `gh auth status`"
    return Refusal("bad-token", phrase(message), remedy)


def narrow(what: str, repository: str, detail: str = "") -> tuple[Phrase, str]:
    """Say which right the token lacks for `what`, a key of RIGHTS; and what to write. detail: another reason, of `limits.refused`."""
    if detail == "sso":
        why = f"the organization of {repository} asks for single sign-on (SAML), and the token is not authorized for it (403)."
        return phrase(
            why
        ), "authorize the token for the organization: https://github.com/settings/tokens, Configure SSO"
    if detail == "ip":
        return phrase(
            f"the organization of {repository} lets only some addresses ask (its IP allow list), and not this one (403)."
        ), "run it where the organization allows"
    if detail == "law":
        return phrase(f"GitHub has closed {repository} for legal reasons (451)."), ""
    right = RIGHTS.get(what, "contents: read")
    wanted = ", ".join(dict.fromkeys(("actions: read", "contents: read", right)))
    message = phrase(f"the token may not read {what} of {repository} (403). It lacks {right}.")
    return message, f"in the workflow, `permissions: {{{wanted}}}`"


def _span(wait: timedelta) -> str:
    seconds = max(wait.total_seconds(), 0.0)
    return f"{seconds:.0f} s" if seconds < MINUTE else f"{-(-seconds // MINUTE):.0f} min"


def rate_limited(trouble: Trouble, now: datetime) -> tuple[Phrase, str]:
    """Say how long GitHub allows no more requests. The time of day is the machine's own."""
    if trouble.again_at is None:
        return phrase("GitHub allows no more requests for now."), "--wait"
    used = f" ({trouble.limit:,} an hour used)" if trouble.limit is not None and trouble.detail != "secondary" else ""
    message = phrase(f"GitHub allows no more requests for {_span(trouble.again_at - now)}{used}.")
    return message, f"again at {trouble.again_at.astimezone():%H:%M}, or --wait. Logs read once are kept."


def _network(trouble: Trouble, host: str) -> tuple[Phrase, str]:
    known: dict[TroubleKind, tuple[str, str]] = {
        "server": (
            f"GitHub ({host}) answered with a fault of its own ({trouble.status}), each time it was asked.",
            "again in some minutes",
        ),
        "unreachable": (
            f"{host} cannot be reached ({trouble.detail or 'no connection'}), each time it was tried.",
            f"curl -I https://{host}    behind a proxy set HTTPS_PROXY; --log FILE needs no network",
        ),
        "slow": (f"{host} did not answer in time: {trouble.detail}.", "again in some minutes"),
        "redirect": (
            f"{host} sends on to an address that may not be followed.",
            "check GITHUB_API_URL; `ci-diagnose doctor`",
        ),
        "too-many": (f"{host} gives more than is read: {trouble.detail}.", ""),
        "too-large": (f"the answer of {host} is too large: {trouble.detail}.", ""),
        "disk": (f"the disk took no log: {trouble.detail}.", "TMPDIR=/path/with/space"),
        "budget": ("the requests set aside for one diagnosis are used up.", ""),
        "refused": (f"{host} does not take this request ({trouble.status}).", ""),
        "gone": (f"GitHub has deleted it ({trouble.status}).", ""),
        "incomplete": (f"{host} gives less than it says there is: {trouble.detail}.", "again in some minutes"),
    }
    if trouble.kind == "bad-reply":
        remedy = "check GITHUB_API_URL and the proxy" if trouble.detail == "HTML" else ""
        return phrase(f"{host} answered in a form that GitHub's API does not have ({trouble.detail})."), remedy
    message, remedy = known.get(trouble.kind, (f"{host} has no such thing.", ""))
    return phrase(message), remedy


def explain(trouble: Trouble, what: str, *, repository: str, host: str, token: Token | None, now: datetime) -> Refusal:
    """Make a Refusal of the failure of a request for `what` ("Actions logs", "pull requests", "runs", ...)."""
    kind = REFUSALS.get(trouble.kind, "unreachable")
    if token is None and (
        trouble.kind in ("unauthorized", "denied") or (trouble.kind == "rate-limited" and trouble.detail != "secondary")
    ):
        return no_token(repository)
    if trouble.kind == "unauthorized" and token is not None:
        return wrong_token(token)
    if trouble.kind == "denied":
        return Refusal(kind, *narrow(what, repository, trouble.detail))
    if trouble.kind == "rate-limited":
        return Refusal(kind, *rate_limited(trouble, now))
    return Refusal(kind, *_network(trouble, host))


def absence(
    trouble: Trouble, noun: Phrase, what: str, *, repository: str, host: str, token: Token | None, now: datetime
) -> Missing:
    """Make a Missing of the same failure, for a part (`noun`) without which the answer still stands."""
    told = explain(trouble, what, repository=repository, host=host, token=token, now=now)
    return Missing(noun, ABSENCES[trouble.kind], told.message, told.remedy)


def not_there(kind: str, value: str, repository: str) -> Refusal:
    """Say that the repository has no such run, job, branch or commit."""
    remedies = {
        "run": f"gh run list --repo {repository}",
        "job": f"gh run list --repo {repository}    or --run ID",
        "branch": f"gh run list --repo {repository}    or --pr N",
        "commit": "git push    or --branch NAME",
        "pr": f"gh pr list --repo {repository}    or --run ID",
    }
    name = "pull request" if kind == "pr" else kind
    return Refusal("not-found", phrase(f"{repository} has no {name} ", Untrusted(value), "."), remedies.get(kind, ""))


def is_issue(refusal: Refusal) -> Refusal:
    """Add that the number is an issue's."""
    return Refusal(refusal.kind, refusal.message + phrase(" It has an issue of that number."), refusal.remedy)


def no_repository(repository: str, token: Token | None) -> Refusal:
    """Say that there is no such repository, as far as this token can see."""
    if token is None:
        return no_token(repository)
    message = f"GitHub shows no repository {repository} to the token from {token.source}. It has another name, or it is private."
    return Refusal("no-repository", phrase(message), f"gh repo view {repository}    or --repo OWNER/NAME")


def running_log(job: str) -> Missing:
    """Say that a running job has no log yet."""
    noun = phrase('the log of job "', Untrusted(job), '"')
    return Missing(
        noun,
        "running",
        phrase('job "', Untrusted(job), '" has not ended, and GitHub has no log of a running job.'),
        "--wait",
    )


def own_log(job: str) -> Missing:
    """Say that the job asks for its own log."""
    why = phrase("this step is part of the job it should read, and GitHub has no log of a running job.")
    remedy = "a second job with `needs: [test]` and `if: failure()` (examples/)"
    return Missing(phrase('the log of job "', Untrusted(job), '"'), "running", why, remedy)


def expired_log(job: str, run_id: str, at: datetime | None) -> Missing:
    """Say that GitHub has deleted a log. `at`: when the job ended."""
    day = f", run of {at.day} {at:%B}" if at is not None else ""
    why = phrase(f"GitHub has deleted this log (410; kept 90 days{day}).")
    return Missing(
        phrase('the log of job "', Untrusted(job), '"'), "expired", why, f"gh run rerun {run_id}    for a new one"
    )


def not_stored_log(job: str, ended: timedelta | None, run_id: str) -> Missing:
    """Say that GitHub has stored no log: not yet, or not at all when the job `ended` long ago."""
    noun = phrase('the log of job "', Untrusted(job), '"')
    if ended is not None and ended < timedelta(minutes=10):
        why = phrase('job "', Untrusted(job), f'" ended {_span(ended)} ago; GitHub has not stored its log yet.')
        return Missing(noun, "not-stored", why, "--wait")
    why = phrase(
        'GitHub has no log of job "',
        Untrusted(job),
        '": its runner stopped before it could send one, or the log was deleted.',
    )
    return Missing(noun, "not-stored", why, f"gh run rerun {run_id} --failed    for a new one")


def cancelled_log(job: str, *, begun: bool) -> Missing:
    """Say that a job was cancelled: before it began, or after another had failed."""
    noun = phrase('the log of job "', Untrusted(job), '"')
    if begun:
        why = phrase(
            'job "', Untrusted(job), '" was canceled; its log was not read, since other jobs failed by themselves.'
        )
        return Missing(noun, "not-asked", why)
    return Missing(
        noun, "cancelled", phrase('job "', Untrusted(job), '" was canceled before it began: there is no log.')
    )


def empty_log(job: str) -> Missing:
    """Say that a log holds nothing."""
    why = phrase('the log of job "', Untrusted(job), '" is empty (0 bytes). Empty is not "nothing failed".')
    return Missing(phrase('the log of job "', Untrusted(job), '"'), "empty", why, "gh run rerun")


def skipped_log(job: str) -> Missing:
    """Say that a job was skipped."""
    why = phrase('job "', Untrusted(job), '" was skipped: its condition, or a job that it needs, kept it from running.')
    return Missing(phrase('the log of job "', Untrusted(job), '"'), "never-started", why)


def unasked_log(job: str) -> Missing:
    """Say that a green job's log was left alone."""
    return Missing(
        phrase('the log of job "', Untrusted(job), '"'), "not-asked", phrase('job "', Untrusted(job), '" did not fail.')
    )


def checks_running(ended: int, total: int) -> Refusal:
    """Say that there is no answer yet: `ended` of `total` checks have ended and none of them failed."""
    return Refusal(
        "running", phrase(f"{ended} of {total} checks have ended, none failed so far. Not an answer yet."), "--wait"
    )


def waiting_log(job: str) -> Missing:
    """Say that a run waits for a maintainer's approval."""
    why = phrase(
        '"', Untrusted(job), '" waits for a maintainer to approve it, as first runs from forks do. Nothing has run.'
    )
    return Missing(
        phrase('the log of "', Untrusted(job), '"'), "never-started", why, "approve the run on the pull request's page"
    )


def logs_cut_off(trouble: Missing, read: int, total: int) -> Missing:
    """Say how many of the logs were read before requests ended."""
    why = trouble.why + phrase(f" {read} of {total} logs were read; their answer follows.")
    return Missing(OTHER_LOGS, trouble.kind, why, trouble.remedy)


def cancelled_by(log: Missing, group: str) -> Missing:
    """Add to a cancelled job's Missing whose newer run took its place."""
    return Missing(
        log.what,
        log.kind,
        log.why + phrase(' Canceled by: a newer run of the group "', Untrusted(group), '".'),
        log.remedy,
    )
