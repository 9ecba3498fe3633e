"""What a format is, and where the formats are found.

A format is a module of this folder that has a line `NAME: Final = "..."` and a `RENDERER`. Its name is read from the source,
so that asking for one format, or for the list of names, imports no other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnose.model.report import Report
    from diagnose.model.text import Untrusted
    from diagnose.render.confidence import Reliability

_FOLDER = Path(__file__).parent
_NAME = regex(r'^NAME: Final = "([a-z][a-z0-9-]*)"$', re.MULTILINE)


class Tree(Protocol):
    """The files of the commit that was diagnosed, as far as they are known."""

    def place(self, file: Untrusted, line: int | None) -> tuple[str, int | None] | None:
        """Return where `file` is (a relative path that may be shown) with the line where it has one; None when it is not there."""
        ...


@dataclass(frozen=True, slots=True)
class View:
    """How the answer is looked at; whoever opens the stream decides.

    width: columns. colour: SGR codes are wanted (NO_COLOR and the like are settled before). plain: narrated, for screen
    readers and braille. full: nothing is folded. ascii: the stream takes ASCII only. tty: the stream is a terminal.
    reliability: how often each band of confidence was right; None takes the table that was measured for this version.
    tree: the files that marks may be set in; None when none are known.
    """

    width: int = 80
    colour: bool = False
    plain: bool = False
    full: bool = False
    ascii: bool = False
    tty: bool = False
    reliability: Reliability | None = None
    tree: Tree | None = None


class Renderer(Protocol):
    """One format."""

    @property
    def name(self) -> str:
        """What `--format` calls it."""
        ...

    def render(self, report: Report, view: View) -> str:
        """Return the whole answer, gated, ending in a line end unless it is empty."""
        ...


class UnknownFormatError(ValueError):
    """No module of this folder has that name."""


def formats() -> tuple[str, ...]:
    """Return the names of all formats, sorted."""
    return tuple(sorted(_modules()))


def renderer(name: str) -> Renderer:
    """Return the format called `name`, importing its module only; UnknownFormatError names those there are."""
    module = _modules().get(name)
    if module is None:
        raise UnknownFormatError(f"there is no format {name!r}; there are {', '.join(formats())}")
    return cast("Renderer", import_module(f"diagnose.render.{module}").RENDERER)


@cache
def _modules() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for path in sorted(_FOLDER.glob("*.py")):
        if match := _NAME.search(path.read_text(encoding="utf-8")):
            found[match[1]] = path.stem
    return found
