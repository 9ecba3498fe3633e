"""Which versions a log says it resolved: two logs of one commit tell what moved by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.learn.named import names_package

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnose.learn.named import Failure

MOST_LINE: Final = 20_000
MOST_MOVED: Final = 200

_ESCAPE: Final = regex(r"\x1b\[[0-9;]*[A-Za-z]")
_PIP: Final = regex(r"Successfully installed ((?:[\w.\-]+-\d[\w.!+]*\s*)+)")
_PIP_ITEM: Final = regex(r"([A-Za-z0-9][\w.\-]*?)-(\d[\w.!+]*)(?=\s|$)")
_FORMS: Final = tuple(
    regex(form)
    for form in (
        r"^\s*\+ ([A-Za-z0-9][\w.\-]*)==(\d\S*)$",  # uv
        r"^\s*(?:Compiling|Downloaded|Downloading|Checking) ([\w\-]+) v(\d[\w.\-+]*)(?: \(.*\))?$",  # cargo
        r"^\s*(?:Installing|Fetching|Using) ([\w.\-]+) (\d[\w.\-]*)(?: .*)?$",  # bundler
        r"^\s*- (?:Installing|Downloading) ([\w.\-]+/[\w.\-]+) \(v?([\w.\-]+)\)",  # composer
        r"^go: downloading ([\w.\-]+(?:/[\w.\-~]+)+) (v\d\S*)$",  # go
        r"^Setting up ([\w.+\-]+)(?::\w+)? \(([^)\s]+)\)",  # apt
        r"^\+ ((?:@[\w.\-]+/)?[\w.\-]+)@(\d\S*)$",  # npm, pnpm add
        r"^\s*(?:-|\*) Installing ([\w.\-]+) \((\d[\w.\-]*)\)",  # poetry
        r"^Downloaded from \S+: \S+/([\w.\-]+)/(\d[\w.\-]*)/[\w.\-]+\.(?:jar|pom)\b",  # maven
    )
)
_STAMP: Final = regex(r"^\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ")


def resolved(lines: Iterable[str]) -> dict[str, str]:
    """Return the versions that an installer says it took, by package; the last word counts."""
    out: dict[str, str] = {}
    for raw in lines:
        line = _STAMP.sub("", _ESCAPE.sub("", raw[:MOST_LINE])).rstrip("\r\n")
        found = _PIP.search(line)
        if found:
            out.update(_PIP_ITEM.findall(found[1]))
            continue
        for form in _FORMS:
            one = form.match(line)
            if one:
                out[one[1]] = one[2]
                break
    return out


def moved_between(before: dict[str, str], after: dict[str, str], failure: Failure) -> tuple[str, ...]:
    """Say which packages that the failure names were resolved otherwise: `urllib3 2.0.7 -> 1.26.18`. () when none was.

    A package that nothing names moves every day: it is no news.
    """
    changed = [(name, before[name], after[name]) for name in before if name in after and before[name] != after[name]][
        :MOST_MOVED
    ]
    return tuple(f"{name} {was} -> {now}" for name, was, now in changed if names_package(failure, name))
