"""Which of the changes between a failing and a green run cured the failure, as far as they say so. Pure: everything is handed in.

What is found is a candidate: never surer than MOST_SURE until a person says so or it is seen twice. What cannot be told is said as a range.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from diagnose.kit.regex import regex
from diagnose.learn.line import describe, named
from diagnose.learn.named import names_subject, names_workflow
from diagnose.learn.paths import kind_of
from diagnose.learn.pins import moved
from diagnose.learn.quiet import silenced

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from diagnose.learn.named import Failure
    from diagnose.sources.span import Span, Step, Touched

MOST_SURE: Final = 0.6
MOST_FILES: Final = 10
"""Files of a change from which on it says nothing by itself (18 real commits were looked at)."""

SHORT: Final = 7
SUBJECT: Final = 72

_STRENGTH_ALONE: Final = {6: 0.6, 5: 0.6, 4: 0.5, 3: 0.45, 2: 0.35, 1: 0.35}
_STRENGTH_AMONG: Final = {6: 0.55, 5: 0.5, 4: 0.4, 3: 0.35}
_RANGE_SURE: Final = 0.2
_SILENCED_SURE: Final = 0.3
_FLAKY_SURE: Final = 0.3
_FLAKY_TWICE_SURE: Final = 0.5
_MOVED_SURE: Final = 0.5
_TOO_MANY_LESS: Final = 0.15
_NAMED: Final = 5
"""Strength from which on a change touches what the failure named."""

_OUTSIDE: Final = frozenset({"infrastructure", "network", "resource"})
_OF_WORKFLOW: Final = frozenset(
    {"configuration", "permission", "infrastructure", "resource", "timeout", "vcs", "network"}
)
_OF_BUILD: Final = frozenset({"dependency", "build-system"})
_BASES: Final = frozenset({"main", "master", "develop", "trunk", "devel", "dev"})
_MERGE: Final = regex(r"Merge (?:remote-tracking )?branch '(?:[\w.\-]+/)?([^']+)'")
_PULL_TITLE: Final = regex(r"Merge pull request #\d+ from \S+\s+(\S.*)")
_EMPTY_SUBJECT: Final = regex(
    r"(?:wip|fix(?:e[sd])?|update[sd]?|changes?|test(?:s|ing)?|ci|try|again|\.+|typo|cleanup|fixup!.*|squash!.*|apply suggestions?.*|address (?:review|comments).*)[ .!]*",
    re.IGNORECASE,
)

Kind = Literal["commit", "range", "flaky", "moved", "silenced"]
How = Literal["green-run", "re-run"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What cured a failure, probably. line: one sentence without a stop, foreign text in it. sure: 0..MOST_SURE.

    how: "green-run" by a change, "re-run" without one. fixed_by: the commit's full SHA, "" where none is said to have fixed it. pull: the
    pull request that the commit names, 0 for none. reason: why this one, in our words.
    """

    kind: Kind
    how: How
    line: str
    sure: float
    fixed_by: str = ""
    pull: int = 0
    reason: str = ""


def choose(
    failure: Failure, span: Span, *, passed_between: bool = False, versions: Sequence[str] = ()
) -> Choice | None:
    """Choose among what lies between. None: nothing can be learnt from it.

    passed_between: the same commit has failed with this, passed, and failed again. versions: what the two logs resolved otherwise,
    `urllib3 2.0 -> 1.26`, those that the failure names.
    """
    if failure.status == "cancelled" or span.how == "older":
        return None
    if span.how == "same":
        return _without_a_change(
            failure, versions, "passed when it was run again without a change", twice=passed_between
        )
    steps = [step for step in span.steps if not merges_base(step)]
    if span.how == "rewritten":
        return _rewritten(failure, span)
    quiet = _silence(failure, steps)
    if quiet is not None:
        return quiet
    if _says_nothing(span, steps):
        return _without_a_change(
            failure, versions, "passed again though nothing but documentation was changed", twice=passed_between
        )
    return _of_steps(failure, span, steps) or _range(span, steps)


def merges_base(step: Step) -> bool:
    """Tell whether a commit brings the base into a branch: it says nothing of what cured the branch."""
    found = _MERGE.match(step.subject)
    return step.parents > 1 and found is not None and found[1] in _BASES


def worth_reading(failure: Failure, span: Span) -> bool:
    """Tell whether the commits' own files could tell more than the whole does: only then are they asked for."""
    if span.how != "ahead" or len(span.steps) < 2:  # noqa: PLR2004 - of one commit the whole is its own
        return False
    return (
        not span.complete
        or span.files is None
        or any(_strength_of(file, failure)[0] > 2 for file in span.files)  # noqa: PLR2004 - see _strength_of
        or any(_reverts(step) for step in span.steps)
    )


def _without_a_change(failure: Failure, versions: Sequence[str], words: str, *, twice: bool) -> Choice | None:
    if versions:
        return Choice(
            "moved",
            "re-run",
            f"a dependency moved by itself: {', '.join(versions[:3])}",
            _MOVED_SURE,
            reason="no commit lies between, and the logs resolved other versions",
        )
    if failure.status == "timed_out":
        return None  # a machine that was slow once proves nothing
    what = "the surroundings, not the code" if failure.category in _OUTSIDE else "flaky"
    sure = _FLAKY_TWICE_SURE if twice else _FLAKY_SURE
    return Choice(
        "flaky",
        "re-run",
        f"{words}: {what}",
        sure,
        reason="it passed between two failures of the same commit" if twice else "one pass at the same commit",
    )


def _says_nothing(span: Span, steps: Sequence[Step]) -> bool:
    """Tell whether only prose lies between: no merge that was left out, and all files known."""
    if len(steps) != len(span.steps) or not span.complete or not span.files:
        return False
    return all(kind_of(file.path) == "prose" for file in span.files)


def _silence(failure: Failure, steps: Sequence[Step]) -> Choice | None:
    for step in reversed(steps):
        told = silenced(failure, step.files or ())
        if told:
            return Choice(
                "silenced",
                "green-run",
                f"not mended: {told}{_quoted(step)}",
                _SILENCED_SURE,
                reason=f"{step.sha[:SHORT]} silences it",
            )
    return None


def _rewritten(failure: Failure, span: Span) -> Choice:
    """Judge a branch that was amended or rebased by what differs between its two forms."""
    files = span.files
    if files is None or not span.complete or len(files) > MOST_FILES or not describe(files):
        return _range(span, span.steps)
    quiet = silenced(failure, files)
    if quiet:
        return Choice(
            "silenced", "green-run", f"not mended: {quiet}", _SILENCED_SURE, reason="the rewritten branch silences it"
        )
    strength, reason = _strongest(files, failure)
    sure = min(_STRENGTH_ALONE.get(strength, 0.35), 0.5)
    last = span.steps[-1] if len(span.steps) == 1 else None
    return Choice(
        "commit",
        "green-run",
        _said(files, failure, last),
        sure,
        span.green,
        reason=f"the branch was rewritten; {reason}",
    )


def _of_steps(failure: Failure, span: Span, steps: Sequence[Step]) -> Choice | None:
    """Choose the commit that touches what the failure named; the one commit that there is, when it is small."""
    judged = [(*_judged(step, failure), step) for step in steps if step.files is not None]
    if not judged:
        return None
    best = max(strength for strength, _, _ in judged)
    _, reason, step = [one for one in judged if one[0] == best][-1]
    alone = len(span.steps) == 1
    table = _STRENGTH_ALONE if alone else _STRENGTH_AMONG
    if best not in table:
        return None
    sure, files = table[best], step.files or ()
    if len(files) > MOST_FILES or not step.complete:
        if best < _NAMED:
            return None
        files = tuple(file for file in files if named(file, failure)) or files[:1]
        sure -= _TOO_MANY_LESS
    if sum(strength == best for strength, _, _ in judged) > 1:
        sure -= 0.1
    line = _reverted(step) or _said(files, failure, step)
    return Choice("commit", "green-run", line, round(max(sure, _RANGE_SURE), 2), step.sha, step.pull, reason)


def _judged(step: Step, failure: Failure) -> tuple[int, str]:
    strength, reason = _strongest(step.files or (), failure)
    if strength and _reverts(step):
        return max(strength, _NAMED), "it takes an earlier change back"
    return strength, reason


def _strongest(files: Iterable[Touched], failure: Failure) -> tuple[int, str]:
    return max(
        (_strength_of(file, failure) for file in files), key=lambda one: one[0], default=(0, "it changes nothing")
    )


def _strength_of(file: Touched, failure: Failure) -> tuple[int, str]:
    """Rate a changed file, 0 (prose) to 6 (a version that the failure names was moved), and say why."""
    kind = kind_of(file.path)
    if kind == "prose":
        return 0, "it changes documentation"
    if named(file, failure):
        pins = bool(moved(file))
        return (6 if pins else _NAMED), f"it {'moves a version' if pins else 'changes a file'} that the failure names"
    if names_subject(failure, file.path):
        return 4, "it changes what the failed test is about"
    if names_workflow(failure, file.path):
        return (4 if failure.category in _OF_WORKFLOW else 2), "it changes the workflow that failed"
    if kind in ("manifest", "lock") and failure.category in _OF_BUILD:
        return 3, "it changes what the project is made with"
    return 1, "it is the only change"


def _reverts(step: Step) -> bool:
    return step.subject.startswith('Revert "')


def _reverted(step: Step) -> str:
    found = re.match(r'Revert "(.+?)"', step.subject) if _reverts(step) else None
    return f'took back "{found[1][:SUBJECT]}"' if found else ""


def _said(files: Sequence[Touched], failure: Failure, step: Step | None) -> str:
    """Say what a change did. Moved versions speak for themselves, and alike each time; other changes by their files and what they are called."""
    line = describe(files, failure)
    return line if step is None or any(moved(file) for file in files) else line + _quoted(step)


def _quoted(step: Step) -> str:
    """Quote the title of a pull request, or a commit's first line, where it says something."""
    pull = _PULL_TITLE.match(" ".join(step.message.split("\n", 3)[:3]))
    text = re.sub(r"\s*\(#\d+\)$", "", pull[1] if pull else step.subject).replace('"', "'").strip()
    if _EMPTY_SUBJECT.fullmatch(text) or (step.parents > 1 and not pull) or len(text) < 6:  # noqa: PLR2004 - "fix x"
        return ""
    return f' ("{text if len(text) <= SUBJECT else text[: SUBJECT - 1].rstrip() + "…"}")'


def _range(span: Span, steps: Sequence[Step]) -> Choice:
    """Say where it happened when it cannot be said what: the range, no cause."""
    ends = f"{span.failing[:SHORT]}..{span.green[:SHORT]}"
    count = max(span.commits, len(span.steps))
    files = (
        f", {len(span.files)}{'' if span.complete else ' or more'} file{'s' * (len(span.files) != 1)}"
        if span.files
        else ""
    )
    if span.how == "rewritten":
        why = "the branch was rewritten"
    elif not steps:
        why = "the base was merged"
    else:
        why = f"{count} commit{'s' * (count != 1)}{files}"
    return Choice(
        "range",
        "green-run",
        f"green again somewhere in {ends} ({why}); which change did it is not known",
        _RANGE_SURE,
        reason="no single change stands out",
    )
