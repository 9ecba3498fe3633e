"""A dependency that moved, in the report: the why says from what to what, the fix how to go back to what passed."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from diagnose.drift.blame import STRONG, told
from diagnose.kit.regex import regex
from diagnose.model.report import FixStep
from diagnose.model.text import fill, phrase
from diagnose.synthesis.whose.moved import SINCE, of_cause

if TYPE_CHECKING:
    from diagnose.case import Case
    from diagnose.drift.compare import Moved
    from diagnose.model.report import Cause, FixStrategy
    from diagnose.model.text import Phrase

_PIN: Final = {
    "pypi": "pip install '{name}=={version}'", "uv": "uv add '{name}=={version}'", "poetry": "poetry add {name}=={version}", "pdm": "pdm add '{name}=={version}'",
    "pipenv": "pipenv install '{name}=={version}'", "npm": "npm install --save-exact {name}@{version}", "pnpm": "pnpm add --save-exact {name}@{version}",
    "yarn": "yarn add --exact {name}@{version}", "bun": "bun add --exact {name}@{version}", "cargo": "cargo update --package {name} --precise {version}", "go": "go get {name}@{version}",
    "composer": "composer require {name}:{version}", "nuget": "dotnet add package {name} --version {version}", "conda": "conda install '{name}={version}'",
}  # fmt: skip
"""How the version of before is asked for. Where a manager has no command for it, none is shown."""

_MANAGERS: Final = {"pypi": ("uv", "poetry", "pdm", "pipenv"), "npm": ("pnpm", "yarn", "bun")}
"""Of one index: those that write a lock of their own, told by the commands of the job and by the lock that moved."""

_PLAIN: Final = regex(r"[A-Za-z0-9@][A-Za-z0-9@._/+-]{0,150}")
_NAME: Final = 120
_VERSION: Final = 40


def with_moved(case: Case, root: Cause | None, fix: FixStrategy | None) -> tuple[Cause | None, FixStrategy | None]:
    """Add what moved to the why and the fix, where the failure names it by more than a word. What is known from history stays first."""
    moved = (
        next((each.moved for each in of_cause(case, root) if each.how in STRONG), None) if root is not None else None
    )
    if root is None or moved is None:
        return root, fix
    why = phrase(told(moved, case.said), SINCE, ".")
    root = replace(root, explanation=phrase(_ended(root.explanation), why) if root.explanation else why)
    if fix is None or not moved.before:
        return root, fix
    step = _step(case, root, moved)
    if fix.basis == "history":
        return root, replace(fix, steps=(*fix.steps, step))
    return root, replace(
        fix,
        summary=step.text,
        steps=(
            *((FixStep(phrase("Ask for the version of before"), step.command, safe=False),) if step.command else ()),
            FixStep(fix.summary),
            *fix.steps,
        ),
    )


def _ended(text: Phrase) -> Phrase:
    last = text.parts[-1] if text.parts else ""
    return phrase(text, " " if isinstance(last, str) and last.rstrip().endswith((".", ":", "!", "?")) else ". ")


def _step(case: Case, root: Cause, moved: Moved) -> FixStep:
    name, before, after = (
        case.said(moved.name, _NAME),
        case.said(moved.before, _VERSION),
        case.said(moved.after, _VERSION),
    )
    if not moved.after:
        return FixStep(
            phrase("Ask for ", name, " by name: the last green run had ", before, ", this one none."),
            _command(case, root, moved),
        )
    text = phrase("Pin ", name, " to ", before, ", which the last green run had, or fit the code to ", after, ".")
    return FixStep(text, _command(case, root, moved))


def _command(case: Case, root: Cause, moved: Moved) -> Phrase | None:
    """Give what asks for the version of before; None where the manager has no such words, or a name is none that a shell takes as it is."""
    form = _PIN.get(_manager(case, root, moved))
    if form is None or not _PLAIN.fullmatch(moved.name) or not _PLAIN.fullmatch(moved.before):
        return None
    return fill(form, {"name": case.said(moved.name), "version": case.said(moved.before)})


def _manager(case: Case, root: Cause, moved: Moved) -> str:
    """Name the manager that installs here, as the lock that moved or the job's commands name it; else the index's own."""
    reading = next((each for each in case.readings if each is not None and each.log.name == root.evidence[0].log), None)
    commands = [f"{step.name} {step.command}" for step in reading.log.steps] if reading is not None else []
    words = set(re.findall(r"[a-z]+", " ".join((PurePosixPath(moved.lock).name, *commands)).lower()))
    return next((name for name in _MANAGERS.get(moved.realm, ()) if name in words), moved.realm)
