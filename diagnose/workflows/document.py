"""YAML out of strangers' hands, to a tree that knows its lines.

Events are taken one by one from PyYAML's parser, and no Python object is ever made of a tag. Nothing is expanded: an alias is the
very node that it names, so ten lines of nested aliases stay ten nodes; merge keys copy references, and how many is bounded. Every
scalar stays text: whether `on` or `yes` is a boolean is for the reader of the file to say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST: Final = 1 << 20
"""Bytes of a workflow file. GitHub takes no more than 512 KiB; GitLab 1 MiB by default."""

DEEPEST: Final = 60
MOST_EVENTS: Final = 200_000
MOST_MERGED: Final = 50_000


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that cannot be read as a workflow. why: our words only. line: where, 0 when that says nothing."""

    why: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text. line, last: its first and last line in the file, 1-based. style: "", "'", '"', "|" or ">". column: of its first character."""

    text: str
    line: int
    last: int
    style: str = ""
    column: int = 0


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values, in the file's order, merge keys resolved; of a key that stands twice the last."""

    keys: dict[str, Scalar]
    values: dict[str, Node]
    line: int

    def get(self, key: str) -> Node | None:
        """Return the value of `key`."""
        return self.values.get(key)

    def line_of(self, key: str) -> int:
        """Return the line on which `key` stands, that of the mapping when it does not."""
        return self.keys[key].line if key in self.keys else self.line

    def items(self) -> Iterator[tuple[str, Node]]:
        """Yield keys and values."""
        yield from self.values.items()


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Document:
    """A file's documents ("---" parts them), and its lines as they stand."""

    roots: tuple[Node, ...]
    lines: tuple[str, ...]
    duplicates: tuple[tuple[str, int], ...] = ()

    def line(self, number: int) -> str:
        """Return a line of the file, "" outside of it."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else ""


@dataclass(slots=True)
class _Open:
    """A collection that has not ended. key: the key that waits for its value."""

    line: int
    mapping: bool
    anchor: str | None
    items: list[Node] = field(default_factory=list)
    pairs: list[tuple[Scalar, Node]] = field(default_factory=list)
    key: Node | None = None


class _TroubleError(Exception):
    def __init__(self, why: str, line: int) -> None:
        super().__init__(why)
        self.found = Unreadable(why, line)


def text_of(data: bytes) -> str | Unreadable:
    """Decode a file: UTF-8, with or without a byte order mark, of at most LARGEST bytes."""
    if len(data) > LARGEST:
        return Unreadable(f"it has more than {LARGEST >> 20} MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Unreadable("it is not UTF-8", data.count(b"\n", 0, error.start) + 1)


def read(data: bytes) -> Document | Unreadable:
    """Read a file; Unreadable says why not."""
    import yaml

    text = text_of(data)
    if isinstance(text, Unreadable):
        return text
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder()
    try:
        for count, event in enumerate(yaml.parse(text, Loader=loader)):
            if count > MOST_EVENTS:
                return Unreadable(f"it has more than {MOST_EVENTS:,} parts", event.start_mark.line + 1)
            builder.take(event)
    except _TroubleError as trouble:
        return trouble.found
    except yaml.MarkedYAMLError as error:
        return Unreadable("it is not valid YAML", error.problem_mark.line + 1 if error.problem_mark else 0)
    except (yaml.YAMLError, ValueError):
        return Unreadable("it is not valid YAML")
    return Document(tuple(builder.roots), tuple(text.split("\n")), tuple(builder.duplicates))


class _Builder:
    """Puts events together. roots: the documents that have ended."""

    def __init__(self) -> None:
        self.roots: list[Node] = []
        self.duplicates: list[tuple[str, int]] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._merged = 0

    def take(self, event: Any) -> None:
        """Take the next event of the parser."""
        kind = type(event).__name__
        line = event.start_mark.line + 1
        if kind == "ScalarEvent":
            last = max(line, event.end_mark.line + (1 if event.end_mark.column or event.style not in ("|", ">") else 0))
            self._named(event.anchor, Scalar(event.value, line, last, event.style or "", event.start_mark.column))
        elif kind == "AliasEvent":
            if event.anchor not in self._anchors:
                raise _TroubleError("an alias names an anchor that is not there, or that holds it", line)
            self._add(self._anchors[event.anchor])
        elif kind in ("SequenceStartEvent", "MappingStartEvent"):
            if len(self._open) >= DEEPEST:
                raise _TroubleError(f"it is nested more than {DEEPEST} deep", line)
            self._open.append(_Open(line, kind == "MappingStartEvent", event.anchor))
        elif kind in ("SequenceEndEvent", "MappingEndEvent"):
            ended = self._open.pop()
            self._named(
                ended.anchor, self._mapping(ended) if ended.mapping else Sequence(tuple(ended.items), ended.line)
            )
        elif kind == "DocumentEndEvent":
            self._anchors.clear()

    def _named(self, anchor: str | None, node: Node) -> None:
        if anchor:
            self._anchors[anchor] = node
        self._add(node)

    def _add(self, node: Node) -> None:
        if not self._open:
            self.roots.append(node)
            return
        top = self._open[-1]
        if not top.mapping:
            top.items.append(node)
        elif top.key is None:
            top.key = node
        else:
            if isinstance(top.key, Scalar):
                top.pairs.append((top.key, node))
            top.key = None

    def _mapping(self, ended: _Open) -> Mapping:
        keys: dict[str, Scalar] = {}
        values: dict[str, Node] = {}
        for key, value in ended.pairs:
            if key.text == "<<" and not key.style:
                continue
            if key.text in values:
                self.duplicates.append((key.text, key.line))
            keys[key.text], values[key.text] = key, value
        for key, value in ended.pairs:
            if key.text == "<<" and not key.style:
                self._merge(keys, values, value, key.line)
        return Mapping(keys, values, ended.line)

    def _merge(self, keys: dict[str, Scalar], values: dict[str, Node], value: Node, line: int) -> None:
        for other in value.items if isinstance(value, Sequence) else (value,):
            if not isinstance(other, Mapping):
                continue
            self._merged += len(other.values)
            if self._merged > MOST_MERGED:
                raise _TroubleError(f"its merge keys copy more than {MOST_MERGED:,} entries", line)
            for key, node in other.values.items():
                if key not in values:
                    keys[key], values[key] = other.keys[key], node


def script_of(scalar: Scalar, document: Document) -> tuple[tuple[int, str], ...]:
    """Return a script's lines as (line of the file, text), the way the shell gets them.

    What YAML folds into one line (">", and plain or quoted text over several lines) ends with a backslash where it goes on: a shell
    reads that as one line too, and every piece keeps its own number.
    """
    if scalar.style == "|":
        return tuple((scalar.line + 1 + place, text) for place, text in enumerate(scalar.text.split("\n")))
    if scalar.line == scalar.last or scalar.style in ("'", '"'):
        return tuple(
            (min(scalar.line + place, scalar.last), text) for place, text in enumerate(scalar.text.split("\n"))
        )
    first = scalar.line + (scalar.style == ">")
    raw = [(number, document.line(number).rstrip("\r").strip()) for number in range(first, scalar.last + 1)]
    if not scalar.style:
        raw[0] = (scalar.line, document.line(scalar.line).rstrip("\r")[scalar.column :].strip())
    return tuple(_folded(raw))


def _folded(raw: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    for place, (number, text) in enumerate(raw):
        goes_on = text and place + 1 < len(raw) and raw[place + 1][1]
        yield number, f"{text} \\" if goes_on else text
