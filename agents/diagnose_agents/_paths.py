"""Paths that a log names against paths that a change names."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from diagnose.model.incident import Change, ChangedFile

_WORKSPACE: Final = regex(
    r"^(?:(?:/home/runner|/Users/runner|/__w|[A-Z]:/a)(?:/work)?/[^/]+/[^/]+/|/github/workspace/|/home/travis/build/[^/]+/[^/]+/|"
    r"/builds/[^/]+/[^/]+/|/home/circleci/[^/]+/|/workspaces?/(?:[^/]+/)??|/app/|/src/)"
)
_FOREIGN: Final = regex(
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|\.cargo/registry|\.rustup|rustc|go/pkg/mod|\.gradle|\.m2|\.gem|gems|vendor/bundle|"
    r"hostedtoolcache|lib/python[\d.]+|\.tox|\.venv)/|^/usr/|^/opt/|^node:|^<"
)
_TOKEN: Final = regex(r"(?<![\w@./\\:-])((?:[A-Za-z]:)?[\w@.+\\/-]{1,300}\.[A-Za-z]\w{0,9})(?:[:(](\d{1,7}))?")
_URL: Final = regex(r"\b[a-z][a-z+]{1,9}://\S+")
# Names that stand in many folders: on their own they say nothing.
_COMMON: Final = frozenset({
    "__init__.py", "conftest.py", "setup.py", "main.py", "index.js", "index.ts", "index.tsx", "index.html", "main.go", "doc.go", "main.c",
    "main.cpp", "mod.rs", "lib.rs", "main.rs", "makefile", "cmakelists.txt", "package.json", "readme.md", "utils.py", "types.ts", "main.java",
})  # fmt: skip


class Named(NamedTuple):
    """A path in a log, slashes and workspace made plain, and its line or None."""

    path: str
    line: int | None


def plain(path: str) -> str:
    """Take off what differs between machines: backslashes, the workspace's folder, a leading ./ and the like."""
    text = path.strip().strip("\"'`()[]").replace("\\", "/").removeprefix("file://")
    text = _WORKSPACE.sub("", text)
    while text.startswith(("./", "../")):
        text = text.partition("/")[2]
    return text


def is_foreign(path: str) -> bool:
    """Tell whether a path lies in what was installed and not in the repository."""
    return _FOREIGN.search(path) is not None


def tokens(lines: Iterable[str]) -> Iterator[Named]:
    """Find what looks like a path in lines of output."""
    for line in lines:
        for found in _TOKEN.finditer(_URL.sub(" ", line[:2000])):
            path = plain(found[1])
            if path and not is_foreign(path):
                yield Named(path, int(found[2]) if found[2] else None)


class Changed:
    """The files of a change, to be asked which of them a log's path is."""

    def __init__(self, change: Change) -> None:
        self.files = change.files
        self.complete = change.complete
        self._by_name: dict[str, list[tuple[str, ChangedFile]]] = {}
        for file in change.files:
            for known in (file.path, file.previous):
                if known:
                    self._by_name.setdefault(_name(known), []).append((known, file))
        self._folders = {str(PurePosixPath(file.path).parent) for file in change.files}

    def file_of(self, path: str) -> ChangedFile | None:
        """Return the changed file that `path` (as `plain` gives it) is: by two parts or more from its end, or by a name of its own."""
        named = self._by_name.get(_name(path), [])
        for known, file in named:
            if path == known or _shared(path, known):
                return file
        if "/" not in path and len({file.path for _, file in named}) == 1 and path.lower() not in _COMMON:
            return named[0][1]
        return None

    def named_by(self, test: str) -> ChangedFile | None:
        """Return the changed file that a test's dotted or spaced name holds (com.acme.CartTest, tests.test_cart.T), or None."""
        words = {word.lower() for word in re.split(r"[.:#/\s>()\[\]\\]+", test) if len(word) > 4}  # noqa: PLR2004 - shorter names say too little
        for name, named in self._by_name.items():
            one = len({file.path for _, file in named}) == 1
            if one and name not in _COMMON and name.split(".")[0] in words:
                return named[0][1]
        return None

    def touches_folder(self, path: str) -> bool:
        """Tell whether a changed file lies in the folder of `path`; of a bare name that cannot be excluded."""
        if "/" not in path:
            return True
        folder = path.rpartition("/")[0]
        return any(
            folder == known or folder.endswith("/" + known) or known.endswith("/" + folder) for known in self._folders
        )


def _name(path: str) -> str:
    return path.rpartition("/")[2].lower()


def _shared(path: str, known: str) -> bool:
    """Tell whether the shorter of two paths is the end of the longer, and has two parts at least."""
    mine, theirs = path.split("/"), known.split("/")
    shorter = min(len(mine), len(theirs))
    return shorter > 1 and mine[-shorter:] == theirs[-shorter:]


def in_hunk(file: ChangedFile, line: int | None) -> bool:
    """Tell whether the change added or edited this line."""
    return line is not None and any(hunk.first <= line <= hunk.last for hunk in file.hunks or ())


def lines_away(file: ChangedFile, line: int | None) -> int | None:
    """Count the lines between `line` and the nearest that the change added or edited; None where either is not known."""
    if line is None or not file.hunks:
        return None
    return min(
        0 if hunk.first <= line <= hunk.last else min(abs(hunk.first - line), abs(hunk.last - line))
        for hunk in file.hunks
    )
