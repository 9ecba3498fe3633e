"""A rule: one thing that a tool says, and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from diagnose.model.words import Category, Severity, SilentKind

Kind = Literal["cause", "detail", "wrapper", "totals", "silent", "noise", "warning"]
FOREIGN: Final = "user"
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Where = Literal["block", "above", "below"]
CAPTURES: Final = frozenset({
    "file", "line", "column", "test", "message", "code", "severity", "package", "version", "name", "command", "run",
    "passed", "failed", "errors", "skipped", "xfailed", "xpassed", "flaky",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """How far the block of a hit extends beyond its line. Counts are lines; expressions see lines without framing.

    before: at most so many lines before, and only back to one that matches `before_until` when that is given.
    after: at most so many lines behind; ends before a line that matches `after_until`, goes on only while `after_while`
    matches, while the line is indented (`indented`), until `blank` blank lines in a row (0: blank lines do not end it).
    """

    before: int = 0
    before_until: str = ""
    after: int = 0
    after_until: str = ""
    after_while: str = ""
    indented: bool = False
    blank: int = 1


@dataclass(frozen=True, slots=True)
class Capture:
    """Where else to read values: named groups of `expression` on the first line of `where` that matches.

    above and below reach `most` lines beyond the telling line (a file that is printed once above its findings).
    joined_until: only with above: what the lines from the one that matches this up to the nearest say is joined with U+203A
    (a title on several lines: suites above their test); where none matches it, the nearest line speaks alone.
    """

    expression: str
    where: Where = "block"
    most: int = 40
    joined_until: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the remedy; `safe` when it changes nothing outside the work tree."""

    run: str
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Advice:
    """A remedy that is closer than the rule's, where one of the quoted lines matches `when`; its groups are captures too."""

    when: str
    remedy: str
    minutes: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one pack, ready for the scanner.

    kind: cause (explains a failure), detail (names a failed test or place; weaker than a cause), wrapper (says only that
    something failed), totals (counts of tests), silent (a hidden failure when the step passed), noise (never evidence), warning (a
    diagnostic that its tool prints without failing; the answer only where nothing says that it failed).
    literals: every line that matches holds at least one of them. requires: literals that must stand somewhere in the same
    log. mutes: rules of the same pack (`tool/id`) that mean nothing between this line and the next wrapper or totals of its tool: a
    section of skipped tests that looks like the failures. within: rules of the same pack that open the sections in which alone this
    rule means something, up to the next wrapper or totals of its tool or a line that mutes it; there the line is its tool's, whatever
    others say of it. final: it is the tool's own verdict, which passing tests after it do not answer. program: any program ends with
    it, also one that a test runs, and tests that passed answer it. minutes: (low, likely, high) or None.
    weight: how telling, 1.0 is usual.
    """

    id: str
    tool: str
    ecosystem: str
    kind: Kind
    title: str
    category: Category
    literals: tuple[str, ...]
    expression: str
    caseless: bool = False
    requires: tuple[str, ...] = ()
    block: Block = Block()
    captures: tuple[Capture, ...] = ()
    explains: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    mutes: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    remedy: str = ""
    commands: tuple[Command, ...] = ()
    advice: tuple[Advice, ...] = ()
    minutes: tuple[float, float, float] | None = None
    reproduce: str = ""
    reproduce_all: str = ""
    infrastructure: bool = False
    flaky: bool = False
    retry: bool = False
    final: bool = False
    program: bool = False
    silent: SilentKind | None = None
    severity: Severity = "error"
    weight: float = 1.0
    why: str = ""
    seen: tuple[str, ...] = ()

    @property
    def foreign(self) -> bool:
        """Whether it is of a user's own pack, which nobody here has read."""
        return self.ecosystem == FOREIGN
