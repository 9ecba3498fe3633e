"""Why a run was given no secret or no scope: a fork's and Dependabot's runs are given none, whatever the workflow says.

Sources: docs.github.com, Events that trigger workflows (pull_request, workflows in forked repositories) and Automating Dependabot with
GitHub Actions. The runner prints where a run's secrets come from, and what its token may do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.logs.preamble import Preamble, preamble_of
from diagnose.model.incident import Change
from diagnose.model.text import Phrase, phrase

if TYPE_CHECKING:
    from diagnose.case import Case
    from diagnose.model.report import Evidence
    from diagnose.model.text import Untrusted

_FORK: Final = (
    "Running again does not help, and no permissions: cures it. Skip the step where "
    "github.event.pull_request.head.repo.full_name is not github.repository, or move it to a workflow_run workflow."
)
_DEPENDABOT_SECRET: Final = (
    "Add the secret to the repository's Dependabot secrets, or skip the step where github.actor is dependabot[bot]."  # noqa: S105 - no secret
)
_DEPENDABOT_SCOPE: Final = "Name the scope under permissions:, or skip the step where github.actor is dependabot[bot]."
MOST_ODD: Final = 5
"""Scopes whose names nobody knows that are named."""

_BOTS: Final = ("dependabot[bot]", "dependabot")


class Lacking(NamedTuple):
    """words: what follows the message, from ": " on. remedy: "" where the message's own holds. evidence: what shows it."""

    words: Phrase
    remedy: str
    evidence: tuple[Evidence, ...] = ()


def lacking(case: Case, job: int, what: str) -> Lacking | None:
    """Say why job `job` had no secret (`what` "secret") or no scope ("scope"); None where nothing shows it."""
    if not what:
        return None
    reading = case.readings[job]
    preamble = preamble_of(reading.log) if reading is not None else Preamble()
    change = case.incident.change
    shown = _quoted(case, job, (preamble.token_line if what == "scope" else 0) or preamble.secrets_line)
    # runs of pull_request_target are given the base's own secrets, a fork's too, and say so
    if isinstance(change, Change) and change.from_fork and preamble.secrets != "Actions":
        return Lacking(_fork_words(what, "the pull request is of a fork"), _FORK, shown)
    if preamble.secrets == "None":
        return Lacking(_fork_words(what, "its secret source is None, as for forks"), _FORK, shown)
    if preamble.secrets == "Dependabot" or (isinstance(change, Change) and change.author in _BOTS):
        words = (
            ": Dependabot's runs see Dependabot's own secrets only"
            if what == "secret"
            else ": the token of Dependabot's runs can only read by default"
        )
        remedy = _DEPENDABOT_SECRET if what == "secret" else _DEPENDABOT_SCOPE
        return Lacking(phrase(words), remedy, shown)
    if what == "scope" and preamble.scopes:
        return Lacking(_granted(case, preamble), "", _quoted(case, job, preamble.token_line))
    return None


def _fork_words(what: str, why: str) -> Phrase:
    return phrase(
        f": the run was given no secrets ({why})"
        if what == "secret"
        else f": the token of such a run can only read ({why})"
    )


def _granted(case: Case, preamble: Preamble) -> Phrase:
    """Say what the token may write: scopes that are known by the names that a workflow gives them, others as the log prints them."""
    names = list(dict.fromkeys(name for name, level in preamble.scopes if level == "write"))
    odd = [name for name in names if name not in _KNOWN][MOST_ODD:]
    said: list[str | Untrusted] = []
    for name in names:
        if name not in odd:
            said += [", " if said else "", _KNOWN.get(name) or case.said(name)]
    if odd:
        said.append(f", {len(odd)} more")
    if not names:
        return phrase(
            ": it can write nothing" if preamble.scopes_whole else ": none of the scopes that could be read can write"
        )
    return phrase(": it can write ", *said, " and nothing else" if preamble.scopes_whole else "")


_KNOWN: Final = {
    "Actions": "actions",
    "Attestations": "attestations",
    "Checks": "checks",
    "Contents": "contents",
    "Deployments": "deployments",
    "Discussions": "discussions",
    "IdToken": "id-token",
    "Issues": "issues",
    "Models": "models",
    "Packages": "packages",
    "Pages": "pages",
    "PullRequests": "pull-requests",
    "RepositoryProjects": "repository-projects",
    "SecurityEvents": "security-events",
    "Statuses": "statuses",
}


def _quoted(case: Case, job: int, line: int) -> tuple[Evidence, ...]:
    reading = case.readings[job]
    return (case.quote(reading.log, line, line),) if reading is not None and line else ()
