"""The one comment on a pull request: found by its author and its marker, made, updated, folded when CI passes again.

Nothing is written on a pull request that is closed, or whose head is another commit than the one that was diagnosed: a slow run must not
put its old news over newer ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from diagnose.kit.regex import regex
from diagnose.model.text import Untrusted, phrase
from diagnose.publish import sticky
from diagnose.render import title
from diagnose.sources.github import comments
from diagnose.sources.github.replies import Pull, Run
from diagnose.sources.github.trouble import Trouble

if TYPE_CHECKING:
    from diagnose.model.report import Report
    from diagnose.model.text import Phrase
    from diagnose.render.foot import Foot
    from diagnose.render.interface import View
    from diagnose.sources.github.comments import Comment, Me, PullHead
    from diagnose.sources.github.session import Session

Outcome = Literal["created", "updated", "folded", "unchanged", "none", "refused", "off"]
WHOLE: Final = "pr"
_REF = regex(r"refs/pull/([1-9]\d{0,9})/(?:merge|head)")
_SHA = regex(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SAID: Final = ("failed", "unclear", "blocked", "hidden")


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of the comment. id: its number, 0 for none. why, remedy: why nothing was written where that is worth saying."""

    outcome: Outcome
    id: int = 0
    why: Phrase | None = None
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Aim:
    """Where the comment belongs. number: the pull request, 0 when it is to be found. commit: what was diagnosed, "" when unknown."""

    number: int = 0
    commit: str = ""
    key: str = WHOLE


@dataclass(frozen=True, slots=True)
class Asked:
    """What was diagnosed, as it was named. kind: as a Request's. ref: $GITHUB_REF. number: a pull request that the user named, 0 for none."""

    kind: str
    value: str
    commit: str = ""
    ref: str = ""
    number: int = 0
    key: str = ""


async def keep(session: Session, report: Report, view: View, asked: Asked, foot: Foot, *, in_actions: bool) -> Posted:
    """Find the pull request, then make, update, fold or leave the comment; `foot` gets the commit."""
    to = await aim(session, asked)
    if isinstance(to, Posted):
        return to
    return await post(session, report, view, to, replace(foot, commit=to.commit, kept=True), in_actions=in_actions)


async def aim(session: Session, asked: Asked) -> Aim | Posted:
    """Find the pull request that the comment belongs to, its commit, and the key of the comment."""
    commit, key = asked.commit, WHOLE
    if asked.kind in ("run", "job"):
        run = await _run(session, asked)
        if isinstance(run, Trouble):
            return _trouble(session, run, "runs")
        commit, key = run.head_sha, sticky.key_of(run.path.partition("@")[0].rpartition("/")[2]) or WHOLE
    elif asked.kind == "log":
        key = "log"
    key = asked.key or key
    ref = _REF.fullmatch(asked.ref) if asked.kind == "log" else None
    number = (
        asked.number
        or (int(asked.value) if asked.kind == "pr" and asked.value.isdigit() else 0)
        or (int(ref[1]) if ref else 0)
    )
    if number:
        return Aim(number, commit, key)
    if not _SHA.fullmatch(commit):
        return Posted("none", why=phrase("no pull request is known to comment on."), remedy="--comment N")
    heads = await comments.pulls_at(session, commit)
    if isinstance(heads, Trouble):
        return _trouble(session, heads, "pull requests")
    return _only(heads, commit, key)


def _only(heads: tuple[PullHead, ...], commit: str, key: str) -> Aim | Posted:
    if len(heads) == 1:
        return Aim(heads[0].number, commit, key)
    if not heads:
        return Posted(
            "none", why=phrase(f"no open pull request has {commit[:7]} as its head, so there is nothing to comment on.")
        )
    named = ", ".join(str(one.number) for one in heads[:5])
    return Posted(
        "none",
        why=phrase(f"{len(heads)} pull requests have {commit[:7]} as their head: {named}."),
        remedy=f"--comment {heads[0].number}",
    )


async def _run(session: Session, asked: Asked) -> Run | Trouble:
    run_id = asked.value
    if asked.kind == "job":
        job = await session.client.get(session.at(f"/actions/jobs/{asked.value}"), comments.RunOf)
        if isinstance(job, Trouble):
            return job
        run_id = str(job.run_id)
    return await session.client.get(session.at(f"/actions/runs/{run_id}"), Run)


async def post(session: Session, report: Report, view: View, to: Aim, foot: Foot, *, in_actions: bool) -> Posted:
    """Make, update, fold or leave the comment. in_actions: the token may be a workflow's own, whose account is known."""
    kind = title.state(report)
    if kind == "undetermined":
        return Posted("none")
    pull = await session.client.get(session.at(f"/pulls/{to.number}"), Pull)
    if isinstance(pull, Trouble):
        return _trouble(session, pull, "pull requests")
    stale = _stale(pull, to)
    if stale is not None:
        return stale
    found = await _ours(session, to, in_actions=in_actions)
    if isinstance(found, Posted):
        return found
    standing, old = found
    if kind not in _SAID:
        return await _green(session, sticky.passes(report, old, to.key, foot) if old else "", pull, standing, old)
    return await _red(session, sticky.failed(report, view, to.key, foot), pull, standing, old)


def _stale(pull: Pull, to: Aim) -> Posted | None:
    if pull.state != "open":
        return Posted("none", why=phrase(f"pull request {to.number} is closed, so nothing is written on it."))
    if to.commit and pull.head.sha != to.commit:
        return Posted(
            "none",
            why=phrase(
                f"pull request {to.number} stands at another commit than {to.commit[:7]}, so nothing is written on it."
            ),
        )
    return None


async def _red(session: Session, body: str, pull: Pull, standing: Comment | None, old: sticky.Old | None) -> Posted:
    """Make the comment, or put the news into the one that stands."""
    if standing is None or old is None:
        made = await comments.create(session, pull.number, body)
        return _refused(session, made, pull) if isinstance(made, Trouble) else Posted("created", made.id)
    if sticky.same(body, old):
        return Posted("unchanged", standing.id)
    changed = await comments.update(session, standing.id, body)
    return _refused(session, changed, pull) if isinstance(changed, Trouble) else Posted("updated", standing.id)


async def _green(session: Session, body: str, pull: Pull, standing: Comment | None, old: sticky.Old | None) -> Posted:
    """Fold the comment when one tells of a failure; where nothing ever failed, nothing is said."""
    if standing is None or old is None:
        return Posted("none")
    if old.state == "passed":
        return Posted("unchanged", standing.id)
    changed = await comments.update(session, standing.id, body)
    return _refused(session, changed, pull) if isinstance(changed, Trouble) else Posted("folded", standing.id)


async def _ours(session: Session, to: Aim, *, in_actions: bool) -> tuple[Comment | None, sticky.Old | None] | Posted:
    """Find the oldest comment that is by us and begins with our marker and this key."""
    pages = await comments.comments(session, to.number)
    marked = [(one, old) for page in pages.items for one in page if (old := sticky.read(one.body, to.key)) is not None]
    if marked:
        me = await _me(session, in_actions=in_actions)
        if isinstance(me, Posted):
            return me
        mine = [(one, old) for one, old in marked if me.wrote(one)]
        if mine:
            return mine[0]
    if pages.trouble is not None:
        # a second comment would be worse than none: what was not read may hold ours
        return _trouble(session, pages.trouble, "pull requests")
    return None, None


async def _me(session: Session, *, in_actions: bool) -> Me | Posted:
    found = await comments.who_am_i(session)
    if not isinstance(found, Trouble):
        return found
    if in_actions and found.kind in ("denied", "unauthorized", "not-found"):
        return comments.ACTIONS_BOT
    return _trouble(session, found, "pull requests")


def _refused(session: Session, trouble: Trouble, pull: Pull) -> Posted:
    """Say why nothing could be written; on a pull request of a fork a workflow's token never may."""
    if trouble.kind not in ("denied", "not-found", "unauthorized"):
        return _trouble(session, trouble, "pull requests")
    if pull.from_fork:
        why = phrase(f"pull request {pull.number} is of a fork, where the token of a workflow only reads.")
        return Posted(
            "refused",
            why=why,
            remedy="comment from a workflow that runs on workflow_run: examples/workflows/workflow-run.yml",
        )
    why = phrase("the token may not write comments in ", Untrusted(session.repository), f" ({trouble.status}).")
    return Posted("refused", why=why, remedy="permissions: {pull-requests: write}")


def _trouble(session: Session, trouble: Trouble, what: str) -> Posted:
    refusal = session.refuse(trouble, what)
    return Posted("refused", why=refusal.message, remedy=refusal.remedy)
