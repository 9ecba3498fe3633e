"""What a comment of ours is known by, and what becomes of it when CI passes again.

The first line is a marker: `<!-- ci-diagnose:v1 key=ci.yml state=failed made=… -->`. made: a digest of what we wrote, so that what somebody
edited is never repeated in our name. A marker in anybody else's comment, or anywhere but at its first byte, means nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.render.foot import Foot, foot_line
from diagnose.render.markdown import MARKER, comment

if TYPE_CHECKING:
    from diagnose.model.report import Report
    from diagnose.render.interface import View

STATES: Final = ("failed", "passed")
_MARK = regex(r"<!-- ci-diagnose:v1 key=([A-Za-z0-9._-]{1,64}) state=(failed|passed) made=([0-9a-f]{16}) -->")
_NO_KEY = regex(r"[^A-Za-z0-9._]+")
_KEY_CHARACTERS: Final = 48
_FOLD: Final = "\n\n<details>"
_FOOT: Final = "\n\n<sub>"


@dataclass(frozen=True, slots=True)
class Old:
    """A comment of ours as it stands. text: without its marker, "" when somebody has edited it. state: "failed" or "passed"."""

    state: str
    text: str
    whole: str


def key_of(name: str) -> str:
    """Make a key of any name: letters, digits, `.` and single `-`; two names that differ stay apart."""
    key = _NO_KEY.sub("-", name.replace("_", "-")).strip("-")[:_KEY_CHARACTERS].strip("-")
    return key if key == name else f"{key}-{sha256(name.encode('utf-8', 'replace')).hexdigest()[:6]}".lstrip("-")


def read(body: str | None, key: str) -> Old | None:
    """Read a comment's body; None when it does not begin with our marker and this key."""
    text = (body or "").replace("\r\n", "\n")
    first, _, rest = text.partition("\n")
    found = _MARK.fullmatch(first)
    if found is None or found[1] != key:
        return None
    return Old(found[2], rest.strip() if _digest(rest) == found[3] else "", text)


def failed(report: Report, view: View, key: str, foot: Foot) -> str:
    """Return the body of the comment on a failure."""
    return _marked(comment(report, view, foot, ""), key, "failed")


def passes(report: Report, old: Old, key: str, foot: Foot) -> str:
    """Return the body that takes the place of `old` when CI passes again."""
    at = f" at {foot.commit[:7]}" if foot.commit else ""
    was, what = _was(old)
    parts = [f"**CI passes again**{at}.{f' It was: {what}' if what else ''}"]
    if was:
        parts.append(f"<details><summary>What stood here</summary>\n\n{was}\n\n</details>")
    return _marked("\n\n".join([*parts, foot_line(report, foot)]) + "\n", key, "passed")


def same(body: str, old: Old) -> bool:
    """Whether a new body tells nothing that the old one does not: only the minute differs."""
    return _timeless(body) == _timeless(old.whole)


def _timeless(body: str) -> str:
    return re.sub(r"\d\d:\d\d UTC", "", body.partition("\n")[2].strip())


def _was(old: Old) -> tuple[str, str]:
    """Return what stood open in a comment of ours, and the paragraph that says what failed; both "" when it is not as we wrote it."""
    opened = old.text.partition(_FOLD)[0].partition(_FOOT)[0].strip()
    paragraphs = opened.split("\n\n")
    what = next((one for one in paragraphs[1:] if not one.startswith(("**", "```", "1. "))), "")
    return opened, what


def _marked(text: str, key: str, state: str) -> str:
    rest = text.lstrip("\n")
    return f"{MARKER.removesuffix(' -->')} key={key} state={state} made={_digest(rest)} -->\n{rest}"


def _digest(text: str) -> str:
    return sha256(text.strip().encode("utf-8", "replace")).hexdigest()[:16]
