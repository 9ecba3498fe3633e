"""Categories in the groups that a chart can tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from diagnose.model.words import Verdict

Kind = Literal["test", "compile", "dependency", "lint", "infra", "other"]

KINDS: Final[dict[Kind, tuple[str, tuple[str, ...]]]] = {
    "test": ("Tests", ("test",)),
    "compile": ("Compile and types", ("compile", "type-check", "build-system")),
    "dependency": ("Dependencies", ("dependency",)),
    "lint": ("Lint and format", ("lint", "format")),
    "infra": ("Infrastructure", ("infrastructure", "network", "resource", "timeout")),
    "other": ("Setup and other", ("configuration", "permission", "vcs", "other")),
}
"""Name of each group and the categories in it, in the order of the charts."""

_OF: Final[dict[str, Kind]] = {category: kind for kind, (_, categories) in KINDS.items() for category in categories}

WHOSE: Final[dict[Verdict, str]] = {
    "change": "this change", "base": "the base", "flaky": "flaky", "infrastructure": "infrastructure", "unknown": "unknown",
}  # fmt: skip
"""Attribution's words, as the answers say them."""


def kind_of(category: str) -> Kind:
    """Return the group of a category."""
    return _OF.get(category, "other")
