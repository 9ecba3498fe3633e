"""Where a failure comes from: its branch, its job's address, who started it, and whether only members could have made it.

Nothing is learnt by itself from what anybody can send: a pull request from a fork runs whatever its author wrote, and its log says what they like.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from diagnose.model.incident import Branch, Change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnose.model.incident import Incident, Job

MEMBERS_ONLY: Final = frozenset(
    {
        "push",
        "schedule",
        "workflow_dispatch",
        "repository_dispatch",
        "merge_group",
        "release",
        "create",
        "delete",
        "deployment",
    }
)
"""Events of GitHub Actions that only people with write access bring about, on code that only they can write."""

LARGEST_EVENT: Final = 4 << 20
"""Bytes of an event's payload that are read."""


@dataclass(frozen=True, slots=True)
class Whence:
    """Texts are foreign and raw, "" where nothing is known. trusted: only people with write access could have made what ran."""

    branch: str = ""
    actor: str = ""
    link: str = ""
    trusted: bool = True


def whence(incident: Incident, job: Job | None, env: Mapping[str, str]) -> Whence:
    """Tell where an incident comes from: by the CI system's API, or, of a bare log inside GitHub Actions, by what the runner says.

    A log on somebody's own machine is theirs, and trusted.
    """
    if incident.kind == "log":
        return _of_runner(env) if env.get("GITHUB_ACTIONS") == "true" else Whence()
    change = incident.change if isinstance(incident.change, Change) else None
    return Whence(
        _branch(incident), change.author if change else "", job.url if job else "", trusted=_members_only(incident)
    )


def _branch(incident: Incident) -> str:
    if isinstance(incident.branch, Branch) and incident.branch.head:
        return incident.branch.head
    if incident.ref:
        return incident.ref
    return incident.target.partition(" branch ")[2] if incident.kind == "branch" else ""


def _members_only(incident: Incident) -> bool:
    """A pull request that is not a fork's, or a branch of the repository itself. A run of a branch may be a fork's: GitHub names no pull request of those."""
    if incident.own is False:
        return False
    if incident.trusted:
        return True
    if incident.kind == "branch":
        return ":" not in incident.target.partition(" branch ")[2]
    return incident.kind == "pr" and (
        incident.own is True or (isinstance(incident.change, Change) and not incident.change.from_fork)
    )


def _of_runner(env: Mapping[str, str]) -> Whence:
    server, repository, run = (env.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    link = f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""
    return Whence(
        env.get("GITHUB_HEAD_REF") or env.get("GITHUB_REF_NAME", ""),
        env.get("GITHUB_ACTOR", ""),
        link,
        trusted=_own_event(env),
    )


def _own_event(env: Mapping[str, str]) -> bool:
    name = env.get("GITHUB_EVENT_NAME", "")
    if name in MEMBERS_ONLY:
        return True
    event = _event(env.get("GITHUB_EVENT_PATH", ""))
    if name in ("pull_request", "pull_request_target"):
        return _same(
            event, ("pull_request", "head", "repo", "full_name"), ("pull_request", "base", "repo", "full_name")
        )
    if name == "workflow_run":
        return _same(event, ("workflow_run", "head_repository", "full_name"), ("repository", "full_name"))
    return False


def _event(path: str) -> Any:
    if not path:
        return None
    try:
        with Path(path).open("rb") as file:
            return json.loads(file.read(LARGEST_EVENT))
    except (OSError, ValueError, RecursionError):
        return None


def _same(event: Any, one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    left, right = _at(event, one), _at(event, other)
    return isinstance(left, str) and left != "" and left == right


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
