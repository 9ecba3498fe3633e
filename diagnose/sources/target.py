"""What a user points at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from diagnose.kit.regex import regex
from diagnose.model.text import Untrusted, phrase
from diagnose.sources.refusal import Refusal

PlaceKind = Literal["pr", "run", "job", "branch", "commit"]

NUMBER: Final = regex(r"[1-9][0-9]{0,18}")
SHA: Final = regex(r"[0-9a-fA-F]{7,64}")
REPOSITORY: Final = regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
# git's own rules for a branch (git-check-ref-format), as far as they keep a name from meaning something else in an address
UNFIT: Final = regex(r"^[-/.]|\.\.|//|[\x00-\x20\x7f~^:?*\[\\]|@\{|/\.|\.lock(?:/|$)|[/.]$")


@dataclass(frozen=True, slots=True)
class Target:
    """A place on GitHub. value: a number for pr, run and job; a name for branch; a full or short SHA for commit."""

    kind: PlaceKind
    value: str


def is_branch(name: str) -> bool:
    """Tell whether `name` can be a branch's name and nothing else."""
    return bool(name) and len(name) <= 1024 and UNFIT.search(name) is None and name != "@"  # noqa: PLR2004 - git's own bound


def _fits(target: Target) -> bool:
    if target.kind == "branch":
        return is_branch(target.value)
    return (SHA if target.kind == "commit" else NUMBER).fullmatch(target.value) is not None


def problem(target: Target, repository: str) -> Refusal | None:
    """Return why `target` of `repository` cannot be asked for, or None."""
    if not REPOSITORY.fullmatch(repository):
        return Refusal("usage", phrase(Untrusted(repository), " is not a repository's name."), "--repo OWNER/NAME")
    if _fits(target):
        return None
    form = {"branch": "a branch's name", "commit": "a commit: 7 to 64 hexadecimal digits"}.get(target.kind, "a number")
    return Refusal(
        "usage",
        phrase(f"--{target.kind} ", Untrusted(target.value), f" is not {form}."),
        f"--{target.kind} with {form}",
    )
