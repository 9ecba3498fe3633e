"""Which versions a log says were taken: one pass, by the scanner's gate; only lines that hold a form's literal are read as text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from diagnose.drift.forms import (
    CACHED,
    COUNTED,
    ECHO_BEGINS,
    ECHO_ENDS,
    FORMS,
    HEX_BEGINS,
    HEX_HEADING,
    HEX_ITEM,
    Form,
    Said,
    hex_pair,
)
from diagnose.logs.decode import strip_colours
from diagnose.logs.dialects import detect
from diagnose.logs.frames import framed
from diagnose.logs.nested import said
from diagnose.scan.gate import build_gate

if TYPE_CHECKING:
    from diagnose.logs.dialect import Dialect
    from diagnose.logs.pages import Pages
    from diagnose.scan.gate import Gate

MOST_PACKAGES: Final = 20_000
MOST_VERSIONS: Final = 20
MOST_LINE: Final = 60_000
MOST_LINES: Final = 2_000_000
_MARKS: Final = (
    b"Resolving Hex dependencies", b"New:", b"Unchanged:", b"Upgraded:", b"Downgraded:", b"Updated:", b" packages", b" package",
    b"Cache restored ", b"Cache hit for", b"extracted cache", b"Found a cache", b"cache is restored", ECHO_BEGINS.encode(), ECHO_ENDS.encode(),
)  # fmt: skip


@dataclass(slots=True)
class Package:
    """A package as one log names it: its name as spelled, and of each version the first line (1-based) that says so.

    fetched: nothing says that it was taken, only that it was downloaded.
    """

    realm: str
    name: str
    versions: dict[str, int] = field(default_factory=dict)
    fetched: bool = True


@dataclass(slots=True)
class Resolved:
    """All that one log names, by realm and plain name. cached: a cache was restored, so what it held may not be named.

    counts: how many packages npm says it added and audited. cut: there were more names than MOST_PACKAGES, or lines than MOST_LINES.
    """

    packages: dict[tuple[str, str], Package] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    cached: bool = False
    cut: bool = False

    def add(self, realm: str, said: Said, line: int) -> None:
        """Note one version. What was taken counts before what was only fetched; what was taken away is forgotten."""
        key = (realm, plain_name(realm, said.name))
        known = self.packages.get(key)
        if said.sort == "gone":
            if known is not None:
                known.versions.pop(said.version, None)
                if not known.versions:
                    del self.packages[key]
            return
        if known is None:
            if len(self.packages) >= MOST_PACKAGES:
                self.cut = True
                return
            known = self.packages[key] = Package(realm, said.name)
        if said.sort == "taken" and known.fetched:
            known.fetched = False
            known.versions.clear()
        if (said.sort == "taken") != known.fetched and len(known.versions) < MOST_VERSIONS:
            known.versions.setdefault(said.version, line)


def plain_name(realm: str, name: str) -> str:
    """Give the name under which a package is the same however it is spelled (PEP 503 for Python; NuGet and gems fold case)."""
    if realm in ("pypi", "cargo"):
        return re.sub(r"[-_.]+", "-", name).lower()
    return name.lower() if realm in ("nuget", "composer", "gem") else name


class Reader:
    """Forms and their literals in one gate; made once, used for each log in turn, by one thread."""

    def __init__(self) -> None:
        literals = list(dict.fromkeys([literal for form in FORMS for literal in form.literals] + list(_MARKS)))
        places = {literal: index for index, literal in enumerate(literals)}
        self._forms: list[list[Form]] = [[] for _ in literals]
        for form in FORMS:
            for literal in form.literals:
                self._forms[places[literal]].append(form)
        self._marks = frozenset(places[literal] for literal in _MARKS)
        self._gate: Gate = build_gate([(literal, False) for literal in literals])[0]

    def read(self, pages: Pages) -> Resolved:
        """Read a log once, page by page. Memory is bounded by a page and by MOST_PACKAGES."""
        dialect = detect(*pages.ends())
        reading = _Reading(dialect)
        for page in framed(pages, dialect):
            if page.first > MOST_LINES:
                reading.found.cut = True
                break
            data = strip_colours(page.data)
            reading.go_on(data, page.first)
            for line, start, stop, ids in self._gate.lines(data, page.first):
                raw = (
                    data[start:stop]
                    if stop - start <= MOST_LINE
                    else data[start : start + MOST_LINE].rpartition(b" ")[0]
                )
                text = reading.text(raw)  # a line is cut between two words: half a version is another one
                if not self._marks.isdisjoint(ids) and reading.mark(text, data, line, stop):
                    continue
                if not reading.echoed:
                    reading.take(text, line, [form for identity in sorted(ids) for form in self._forms[identity]])
        return reading.found


class _Reading:
    """What gathers up during one pass. listing: inside Hex's list of versions, which no literal marks."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._hex = self._listing = False
        self.echoed = False
        self.found = Resolved()

    def text(self, raw: bytes) -> str:
        return said(self._dialect, raw)

    def mark(self, text: str, data: bytes, line: int, stop: int) -> bool:
        """Read a line that means something for those after it; False when it is none."""
        if text.startswith((ECHO_BEGINS, ECHO_ENDS)):
            self.echoed = text.startswith(ECHO_BEGINS)  # what stands between is the script, not its output
            return True
        if self.echoed:
            return True
        if HEX_BEGINS.match(text):
            self._hex = True
            return True
        if self._hex and HEX_HEADING.match(text):
            self._list(data, line + 1, stop + 1)
            return True
        if CACHED.search(text):
            self.found.cached = True
            return True
        return self._count(text)

    def _count(self, text: str) -> bool:
        counted = COUNTED.match(text)
        if counted is None:
            return False
        for name, number in zip(("added", "audited"), counted.groups(), strict=True):
            if number is not None:
                self.found.counts[name] = self.found.counts.get(name, 0) + int(number)
        return True

    def go_on(self, data: bytes, first: int) -> None:
        """Go on with a list that the page before did not end."""
        if self._listing:
            self._list(data, first, 0)

    def _list(self, data: bytes, line: int, at: int) -> None:
        self._listing = True
        while at < len(data):
            stop = data.find(b"\n", at)
            stop = len(data) if stop < 0 else stop
            item = HEX_ITEM.match(self.text(data[at : min(stop, at + MOST_LINE)]))
            if item is None:
                self._listing = False
                return
            for each in hex_pair(item):
                self.found.add("hex", each, line)
            at, line = stop + 1, line + 1

    def take(self, text: str, line: int, forms: list[Form]) -> None:
        """Try the forms in order; the first that fits is believed."""
        for form in forms:
            found = form.expression.match(text)
            if found is not None:
                for said in form.read(found):
                    self.found.add(form.realm, said, line)
                return
