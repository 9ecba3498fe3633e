"""What a CI system's runner says before the first command: the machine, the token, where secrets come from, what was checked out.

GitHub's formats: actions/runner 2.336.0 (258d6c857) JobExtension.cs and ActionManager.cs; actions/checkout prints git's own line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.logs.dialect import Prefacing

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence

    from diagnose.logs.log import Line, Log

MOST_LINES: Final = 1500
"""Lines that are looked at: with step debug on, the runner writes hundreds before the first command."""

_LABELS: Final = regex(r"Requested labels: ([\w., -]{1,200})$")
_IMAGE: Final = regex(r"(?:Image|Environment): ([\w.-]{1,60})$")
_VERSION: Final = regex(r"Version: (\d[\w.]{1,40})$")
_SECRETS: Final = regex(r"Secret source: (\w{1,40})$")
_SCOPE: Final = regex(r"([A-Z][A-Za-z]{1,40}): (none|read|write)$")
_USED: Final = regex(
    r"Download action repository '([\w.-]{1,100}/[\w.-]{1,100})@([\w./-]{1,100})' \(SHA:([0-9a-f]{40})\)$"
)
_MERGE: Final = regex(r"HEAD is now at ([0-9a-f]{7,40}) Merge ([0-9a-f]{40}) into ([0-9a-f]{40})$")
_TOKEN: Final = "##[group]GITHUB_TOKEN Permissions"  # noqa: S105 - a heading
_IMAGES: Final = ("##[group]Runner Image", "##[group]Virtual Environment")
_END: Final = "##[endgroup]"


@dataclass(frozen=True, slots=True)
class Used:
    """An action that was downloaded, on `line`. name: "owner/name", lower case. ref: as the workflow names it."""

    line: int
    name: str
    ref: str
    sha: str


@dataclass(frozen=True, slots=True)
class Merged:
    """The test merge that was checked out, on `line`: `head` merged into `base`. commit: as short as git printed it."""

    line: int
    commit: str
    head: str
    base: str


@dataclass(frozen=True, slots=True)
class Preamble:
    """What was said; "" and () where nothing was. image_line: where the image is named, 0 for nowhere; secrets_line, token_line alike.

    secrets: "Actions", "Dependabot", "None" and so on. scopes: (scope, "none", "read" or "write") of GITHUB_TOKEN, as printed; scopes_whole:
    whether each line where they are listed was understood.
    """

    labels: tuple[str, ...] = ()
    image: str = ""
    image_version: str = ""
    image_line: int = 0
    secrets: str = ""
    secrets_line: int = 0
    scopes: tuple[tuple[str, str], ...] = ()
    scopes_whole: bool = True
    token_line: int = 0
    used: tuple[Used, ...] = ()
    merged: Merged | None = None


def preamble_of(log: Log) -> Preamble:
    """Read the first MOST_LINES lines of a log whose dialect knows such a thing; of another log an empty Preamble."""
    if not isinstance(log.dialect, Prefacing):
        return Preamble()
    return log.dialect.preface(log.lines(1, min(MOST_LINES, log.total)))


def of_github(head: Sequence[Line]) -> Preamble:
    """Read what GitHub's runner says in a log's first lines."""
    lines = [line for line in head if not line.text.startswith("##[debug]")]
    image, version, image_line = _image(lines)
    secrets = next(((found[1], line.number) for line, found in _found(lines, _SECRETS)), ("", 0))
    labels = next((found[1] for _, found in _found(lines, _LABELS)), "")
    group = _group(lines, (_TOKEN,))
    scopes = tuple((found[1], found[2]) for _, found in _found(group, _SCOPE))
    whole = len(scopes) == sum(1 for line in group[1:] if line.text.strip())
    token_line = group[0].number if group else 0
    used = tuple(Used(line.number, found[1].lower(), found[2], found[3]) for line, found in _found(lines, _USED))
    merged = next((Merged(line.number, found[1], found[2], found[3]) for line, found in _found(lines, _MERGE)), None)
    names = tuple(part.strip() for part in labels.split(",") if part.strip())
    return Preamble(names, image, version, image_line, secrets[0], secrets[1], scopes, whole, token_line, used, merged)


def _found(lines: list[Line], shape: re.Pattern[str]) -> Iterator[tuple[Line, re.Match[str]]]:
    for line in lines:
        found = shape.match(line.text.rstrip())
        if found:
            yield line, found


def _group(lines: list[Line], heads: tuple[str, ...]) -> list[Line]:
    """Give the lines of the first group of that name, its head first."""
    for place, line in enumerate(lines):
        if line.text.rstrip() in heads:
            end = next(
                (number for number, each in enumerate(lines[place:], place) if each.text.startswith(_END)), len(lines)
            )
            return lines[place:end]
    return []


def _image(lines: list[Line]) -> tuple[str, str, int]:
    group = _group(lines, _IMAGES)
    image = next(((found[1], line.number) for line, found in _found(group, _IMAGE)), ("", 0))
    return image[0], next((found[1] for _, found in _found(group, _VERSION)), ""), image[1]
