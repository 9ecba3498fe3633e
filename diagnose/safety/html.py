"""The gate to HTML: escaped text, elements that hold nothing else, and the only addresses that a page of ours may name."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.safety.plain import plain
from diagnose.safety.terminal import to_terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from diagnose.model.text import Phrase, Untrusted

_VOID: Final = frozenset({"br", "input", "meta"})
_SHAPES: Final = frozenset({"circle", "line", "path", "polyline", "rect"})
"""Elements of SVG that hold nothing: what stands in one that is not closed is not drawn."""

_ELEMENTS: Final = _VOID | _SHAPES | frozenset({
    "a", "aside", "b", "body", "button", "caption", "code", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "g", "h1", "h2", "h3", "head", "header",
    "html", "kbd", "label", "legend", "li", "main", "nav", "noscript", "ol", "option", "p", "section", "select", "small", "span", "summary", "svg", "table", "tbody", "td",
    "text", "th", "thead", "time", "title", "tr", "ul",
})  # fmt: skip
_WORDS: Final = frozenset(
    {"aria-controls", "aria-labelledby", "class", "data-e", "for", "id", "name", "role", "scope", "type"}
)
"""Attributes that act: their values are ours alone, and of these characters alone."""

_OWN = regex(r"[A-Za-z0-9_.: -]*")
_TEXTS: Final = frozenset({
    "aria-hidden", "aria-label", "autocomplete", "charset", "checked", "colspan", "content", "cx", "cy", "d", "datetime", "height", "hidden", "http-equiv", "lang", "max", "min",
    "open", "placeholder", "points", "preserveAspectRatio", "r", "rel", "selected", "spellcheck", "tabindex", "text-anchor", "title", "value", "viewBox", "width", "x", "x1",
    "x2", "y", "y1", "y2",
})  # fmt: skip
"""Attributes that only say something."""

_OWNER: Final = r"[A-Za-z0-9][A-Za-z0-9-]{0,38}"
_REPOSITORY: Final = r"(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._-]{1,100}"
_SHA: Final = "[0-9a-f]{7,64}"
_ADDRESS = regex(
    rf"https://github\.com/{_OWNER}/{_REPOSITORY}/(?:actions/runs/[0-9]{{1,20}}(?:/(?:attempts|job)/[0-9]{{1,20}})?|commit/{_SHA}|(?:pull|issues)/[0-9]{{1,12}}"
    rf"|compare/{_SHA}\.{{2,3}}{_SHA})",
)
_NAME = regex(f"{_OWNER}/{_REPOSITORY}")
_FRAGMENT = regex(r"[a-z][a-z0-9-]*")


def to_html(text: str | Untrusted | Phrase) -> str:
    """Make text that stands in an element or between the quotes of an attribute; characters shown as `to_terminal` does."""
    return escape(to_terminal(text), quote=True)


@dataclass(frozen=True, slots=True)
class Html:
    """Markup. Made by the functions of this file only, so whatever stands in it has been through the gate."""

    _markup: str

    def __bool__(self) -> bool:
        return bool(self._markup)


@dataclass(frozen=True, slots=True)
class Link:
    """An address that `github`, `commit` or `here` found good."""

    _address: str


def tag(
    name: str,
    attributes: Mapping[str, str | Untrusted | Phrase | Link | float | None] | None = None,
    *inside: str | Untrusted | Phrase | Html,
) -> Html:
    """Make an element; text inside is escaped, Html stands as it is.

    An attribute that is None is left out, one that is "" has no value. ValueError for an element or attribute that can act: a bug of the caller.
    """
    if name not in _ELEMENTS:
        raise ValueError(f"the page has no element {name}")
    opening = f"<{name}{''.join(_attribute(*pair) for pair in attributes.items()) if attributes else ''}"
    if name in _VOID or name in _SHAPES:
        return Html(f"{opening}/>" if name in _SHAPES else f"{opening}>")
    return Html(f"{opening}>{_joined(inside)}</{name}>")


def together(parts: Iterable[str | Untrusted | Phrase | Html]) -> Html:
    """Join texts and markup."""
    return Html(_joined(parts))


def page(head: Html, body: Html, *, style: str, script: str, lang: str = "en") -> str:
    """Make a whole page of one style and one script of ours, which its policy names by their hashes; nothing else runs, and nothing is loaded."""
    for ours in (style, script):
        if "</" in ours or "<!--" in ours:
            raise ValueError("a style or script of ours ends its element")
    policy = tag("meta", {
        "http-equiv": "Content-Security-Policy",
        "content": f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'",
    })  # fmt: skip
    opening = f'<!doctype html>\n<html lang="{to_html(lang)}"><head><meta charset="utf-8">{policy._markup}{head._markup}<style>{style}</style></head>'  # noqa: SLF001 - this file's own
    return f"{opening}\n<body>{body._markup}<script>{script}</script></body></html>\n"  # noqa: SLF001 - this file's own


def here(ident: str) -> Link:
    """Return the link to a place of the same page."""
    if not _FRAGMENT.fullmatch(ident):
        raise ValueError(f"{ident} is no place of ours")
    return Link(f"#{ident}")


def github(address: str | Untrusted) -> Link | None:
    """Return the link to a run, job, commit, comparison, pull request or issue on github.com; None for any other address."""
    found = plain(address)
    return Link(found) if _ADDRESS.fullmatch(found) else None


def commit(repository: str | Untrusted, sha: str | Untrusted) -> Link | None:
    """Return the link to a commit of a repository on github.com; None where a part is not what it should be."""
    owner, short = plain(repository), plain(sha)
    return github(f"https://github.com/{owner}/commit/{short}") if _NAME.fullmatch(owner) else None


def _attribute(name: str, value: str | Untrusted | Phrase | Link | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Link):
        if name != "href":
            raise ValueError(f"{name} takes no address")
        return f' href="{value._address}"'  # noqa: SLF001 - this file's own
    text = f"{value:g}" if isinstance(value, float) else str(value) if isinstance(value, int) else value
    if name in _WORDS:
        if not isinstance(text, str) or not _OWN.fullmatch(text):
            raise ValueError(f"{name} takes words of ours only")
    elif name not in _TEXTS:
        raise ValueError(f"the page has no attribute {name}")
    return f' {name}="{to_html(text)}"' if text else f" {name}"


def _joined(parts: Iterable[str | Untrusted | Phrase | Html]) -> str:
    return "".join(part._markup if isinstance(part, Html) else to_html(part) for part in parts)  # noqa: SLF001 - this file's own


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
