"""Entry points of one group, found without `importlib.metadata`: that import alone costs 8 ms (e-mail, zip, CSV), this search 2.

Format: packaging.python.org, "Entry points specification" and "Recording installed projects". Of two installations of one
project the first on the path counts. Where something on the path is no folder (a zip application), `importlib.metadata` is asked.
"""

from __future__ import annotations

import os
import sys
from functools import reduce
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_KINDS: Final = (".dist-info", ".egg-info")
_SPLIT: Final = regex(r"[-_.]+")


class Point(NamedTuple):
    """An advertised object. value: "module:attribute", perhaps with extras behind it."""

    name: str
    value: str

    def load(self) -> Any:
        """Import the object."""
        module, _, attribute = self.value.partition("[")[0].strip().partition(":")
        return reduce(getattr, filter(None, attribute.strip().split(".")), import_module(module.strip()))


def entry_points(group: str, path: Sequence[str] | None = None) -> list[Point]:
    """Every entry point of `group` on `path` (otherwise `sys.path`), in the order of the path."""
    folders = list(dict.fromkeys(folder or "." for folder in (sys.path if path is None else path)))
    if any(os.path.isfile(folder) for folder in folders):  # noqa: PTH113 - a few strings, before anything heavy is imported
        from importlib.metadata import entry_points as every

        return [Point(point.name, point.value) for point in every(group=group)]
    return list(dict.fromkeys(point for text in _texts(folders) for point in _points(text, group)))


def _texts(folders: Sequence[str]) -> Iterator[str]:
    seen: set[str] = set()
    for folder in folders:
        try:
            names = sorted(os.listdir(folder))  # noqa: PTH208 - as above
        except OSError:
            continue
        for name in names:
            if not name.endswith(_KINDS):
                continue
            project = _SPLIT.sub("-", name.rpartition(".")[0].partition("-")[0]).lower()
            if project in seen:
                continue
            seen.add(project)
            try:
                with open(os.path.join(folder, name, "entry_points.txt"), encoding="utf-8") as file:  # noqa: PTH118, PTH123 - as above
                    yield file.read()
            except (OSError, UnicodeDecodeError):
                continue


def _points(text: str, group: str) -> Iterator[Point]:
    if group not in text:
        return
    section = ""
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("["):
            section = line.strip("[] \t")
        elif section == group and line and line[0] not in "#;":
            name, equals, value = line.partition("=")
            if equals:
                yield Point(name.strip(), value.strip())
