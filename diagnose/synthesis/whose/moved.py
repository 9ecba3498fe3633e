"""A dependency that moved since the last green run, and that the failure names: by a path into it, its module, its version, or as the tool that failed."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from diagnose.drift.blame import STRONG, blamed, told
from diagnose.kit.regex import regex
from diagnose.model.incident import Change
from diagnose.model.text import phrase
from diagnose.rank.causes import causes_of
from diagnose.safety.plain import plain
from diagnose.synthesis.whose import weights
from diagnose.synthesis.whose.again import earlier

if TYPE_CHECKING:
    from diagnose.case import Case
    from diagnose.drift.blame import Blamed
    from diagnose.drift.compare import Moved
    from diagnose.model.incident import ChangedFile
    from diagnose.model.report import Cause
    from diagnose.synthesis.whose.tally import Tally

MOST: Final = 3
SINCE: Final = " since the last green run"
_ANY: Final = regex(
    r"(?:.*/)?(?:Dockerfile[^/]*|[^/]*\.dockerfile|Makefile|Brewfile|[^/]*\.sh|\.(?:gitlab-ci|travis|pre-commit-config)\.ya?ml|(?:azure-pipelines|appveyor|environment)\.ya?ml)|\.(?:github|circleci)/.*\.ya?ml"
)
_FILES: Final = {
    "pypi": regex(
        r"pyproject\.toml|.*requirements.*|constraints.*|setup\.(?:py|cfg)|Pipfile.*|(?:uv|poetry|pdm)\.lock|tox\.ini|noxfile\.py|environment\.ya?ml"
    ),
    "npm": regex(
        r"package(?:-lock)?\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-(?:lock|workspace)\.yaml|\.npmrc|bun\.lockb?"
    ),
    "cargo": regex(r"Cargo\.(?:toml|lock)"),
    "go": regex(r"go\.(?:mod|sum|work)(?:\.sum)?"),
    "maven": regex(r"pom\.xml|.*\.gradle(?:\.kts)?|gradle\.(?:properties|lockfile)|libs\.versions\.toml|build\.sbt"),
    "gem": regex(r"Gemfile.*|gems\.(?:rb|locked)|.*\.gemspec"),
    "composer": regex(r"composer\.(?:json|lock)"),
    "nuget": regex(r".*\.(?:cs|fs|vb)proj|Directory\..*|packages\.(?:config|lock\.json)"),
    "hex": regex(r"mix\.(?:exs|lock)"),
    "toolchain": regex(r"rust-toolchain.*|\.(?:python|node|ruby|go)-version|\.nvmrc|\.tool-versions|go\.mod"),
}
"""Which files of a change may have moved a package of a kind; of the others those that may hold an install command."""


def of_cause(case: Case, cause: Cause) -> tuple[Blamed, ...]:
    """Find what a cause names of what moved in its job: strongest first."""
    first = cause.evidence[0]
    for reading, drift in zip(case.readings, case.drift, strict=False):
        if reading is None or drift is None or reading.log.name != first.log:
            continue
        groups = causes_of(reading)
        group = next(
            (group for group in groups if first.line in (group.lead.line, group.lead.extent.first)),
            groups[0] if groups and not first.line else None,
        )
        return () if group is None else blamed(drift, reading, group)
    return ()


def weigh(case: Case, cause: Cause, tally: Tally) -> bool:
    """Weigh what moved. Who moved it decides: the change, where it edits what the version comes from; the world, where it does not.

    Return whether it is the change that moved it.
    """
    found = of_cause(case, cause)
    strong = [each for each in found if each.how in STRONG]
    told_of = (strong or list(found))[:MOST]
    for place, each in enumerate(told_of):
        _weigh(case, cause, tally, each, first=place == 0)
    change = case.incident.change
    return isinstance(change, Change) and any(_moved_by(change, each.moved)[1] for each in told_of)


def _weigh(case: Case, cause: Cause, tally: Tally, each: Blamed, *, first: bool) -> None:
    said = phrase(told(each.moved, case.said), SINCE)
    change = case.incident.change
    if not isinstance(change, Change):
        tally.add(
            "unknown",
            weights.FLAKY_WORDS,
            phrase(said, ", which this failure names; what the change edits is not known"),
        )
        return
    file, sure = _moved_by(change, each.moved)
    if file is not None:
        reason = phrase(said, "; the change edits ", case.said(file.path), ", which it comes from" if sure else "")
        if sure:
            tally.add("change", weights.NAMED_MOVED if first else 0.0, reason, "diff-dependency")
        else:
            tally.add("unknown", weights.FLAKY_WORDS, reason)
        return
    if each.how not in STRONG or not change.complete:
        tally.add("base", weights.MOVED if first else 0.0, phrase(said, "; a word of the failure is also its name"))
        return
    tally.add(
        "base",
        weights.NAMED_MOVED if first else 0.0,
        phrase(said, ", and this failure names it; the change edits nothing that it comes from"),
        "moved",
    )
    if first:
        _explain(case, cause, tally)


def _explain(case: Case, cause: Cause, tally: Tally) -> None:
    """Take back what was concluded from greens of before: they ran with the version of before."""
    if tally.has("base-green") and not _passed_since(case, cause):
        tally.add("change", -weights.GREEN)
        tally.add("base", -weights.GREEN_BEFORE)
        tally.add("flaky", -weights.GREEN_OTHERS)
    if tally.has("same-commit") and not _passed_since(case, cause):
        tally.add("flaky", -weights.SAME_COMMIT)
        tally.add("base", -weights.PASSED_BEFORE)


def _passed_since(case: Case, cause: Cause) -> bool:
    """Whether the base, or this commit in a later attempt, passed after the failure began: then the new version is not to blame for it."""
    own = {plain(job) for job in (cause.job, *cause.jobs)}
    jobs = [job for job in case.incident.jobs if job.name in own]
    latest = max((_place(job.run_id, job.attempt) for job in jobs), default=(0, 0))
    if any(
        attempt.status == "success" and _place(attempt.run_id, attempt.attempt) > latest
        for attempt in earlier(case, own)
    ):
        return True
    began = min((job.started_at for job in jobs if job.started_at is not None), default=None)
    greens = [
        control.at
        for control in case.incident.controls
        if control.kind != "sibling" and control.status == "success" and control.job in own
    ]
    return began is not None and any(at is not None and at > began for at in greens)


def _place(run: str, attempt: int) -> tuple[int, int]:
    return (int(run) if run.isdecimal() and len(run) < 19 else 0, attempt)  # noqa: PLR2004 - ids have at most 18 digits


def _moved_by(change: Change, moved: Moved) -> tuple[ChangedFile | None, bool]:
    """Find the file of the change that the version comes from; whether it is sure: the name stands in what the change adds or takes away."""
    files = [file for file in change.files if _may_move(file.path, moved.realm)]
    name = _plain(moved.name.rpartition(":")[2])
    for file in files:
        texts = [*(text for _, text in file.added), *file.removed]
        if file.path == moved.lock or any(name in _plain(text[:400]) for text in texts):
            return file, True
    return (files[0], False) if files else (None, False)


def _may_move(path: str, realm: str) -> bool:
    name = PurePosixPath(path).name
    form = _FILES.get(realm)
    return (form is not None and form.fullmatch(name) is not None) or _ANY.fullmatch(path) is not None


def _plain(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text.lower())
