"""A script's commands, as a POSIX shell groups them: pipelines, `&&` and `||` lists, conditions, loops, functions.

A shell's grammar is kept as far as exit codes need it. What is not understood ends the reading of that script, never the program.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from diagnose.workflows.words import Operator, Word, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diagnose.workflows.words import Token

DEEPEST: Final = 40
_CLOSERS: Final = frozenset({"then", "else", "elif", "fi", "do", "done", "esac", "}"})
_ENDS: Final = (";", "\n", "&", ";;", ";&", ";;&")


@dataclass(frozen=True, slots=True)
class Simple:
    """One command. words: without assignments before it and redirections. sets: the names assigned before it. to: redirections' targets."""

    words: tuple[Word, ...]
    line: int
    sets: tuple[Word, ...] = ()
    to: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The command's first word, "" for an assignment alone."""
        return self.words[0].text if self.words else ""


@dataclass(frozen=True, slots=True)
class Group:
    """Commands in a bracket. kind: "if", "loop", "brace", "subshell", "case" or "function". condition: what only decides."""

    kind: str
    line: int
    condition: tuple[List, ...] = ()
    body: tuple[List, ...] = ()
    otherwise: tuple[List, ...] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined with pipes. negated: a `!` stands before it."""

    parts: tuple[Simple | Group, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class List:
    """Pipelines joined with && and ||. parts: (operator before it, "" for the first; pipeline). background: it ends with `&`."""

    parts: tuple[tuple[str, Pipeline], ...]
    background: bool = False

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.parts[0][1].parts[0].line


@dataclass(frozen=True, slots=True)
class Script:
    """A script as read. whole: nothing of it was left out for want of understanding."""

    lists: tuple[List, ...]
    whole: bool = True


class _LostError(Exception):
    """The grammar is not understood from here on."""


def parse(lines: Sequence[tuple[int, str]]) -> Script:
    """Read a script, given as (line, text) pairs."""
    reader = _Reader(split(lines))
    found: list[List] = []
    try:
        while reader.more():
            found.extend(reader.lists(()))
            if reader.more():
                reader.at += 1  # a closer that nothing opened
    except _LostError:
        return Script(tuple(found), whole=False)
    return Script(tuple(found))


@dataclass(slots=True)
class _Reader:
    tokens: list[Token]
    at: int = 0
    depth: int = field(default=0)

    def more(self) -> bool:
        return self.at < len(self.tokens)

    def _operator(self, *texts: str) -> bool:
        token = self.tokens[self.at] if self.more() else None
        return isinstance(token, Operator) and not token.redirect and token.text in texts

    def _keyword(self, *texts: str) -> bool:
        token = self.tokens[self.at] if self.more() else None
        return isinstance(token, Word) and token.bare and token.text in texts

    def lists(self, closers: Sequence[str]) -> list[List]:
        """Read lists up to one of `closers` (a keyword, or a bracket), which is not taken."""
        found: list[List] = []
        while self.more():
            if self._operator(*_ENDS):
                if ";;" in closers and self._operator(";;", ";&", ";;&"):
                    break
                self.at += 1
            elif self._operator(*closers) or self._keyword(*closers) or self._operator(")") or self._keyword(*_CLOSERS):
                break
            else:
                found.append(self._list())
        return found

    def _list(self) -> List:
        parts = [("", self._pipeline())]
        while self._operator("&&", "||"):
            token = self.tokens[self.at]
            self.at += 1
            self._newlines()
            parts.append((token.text, self._pipeline()))
        return List(tuple(parts), self._operator("&"))

    def _newlines(self) -> None:
        while self._operator("\n"):
            self.at += 1

    def _pipeline(self) -> Pipeline:
        negated = self._keyword("!")
        if negated:
            self.at += 1
        parts = [self._command()]
        while self._operator("|", "|&"):
            self.at += 1
            self._newlines()
            parts.append(self._command())
        return Pipeline(tuple(parts), negated)

    def _command(self) -> Simple | Group:
        if self.depth > DEEPEST or not self.more():
            raise _LostError
        self.depth += 1
        found = self._compound() or self._simple()
        self.depth -= 1
        return found

    def _compound(self) -> Group | None:
        line = self.tokens[self.at].line
        for kind, words in _KINDS:
            if self._keyword(*words) or (kind == "subshell" and self._operator("(")):
                group = getattr(self, f"_{kind}")(line)
                self._redirections()
                assert isinstance(group, Group)  # noqa: S101 - for the type checker: each reader gives one
                return group
        return None

    def _expect(self, *words: str) -> None:
        if not (self._keyword(*words) or self._operator(*words)):
            raise _LostError
        self.at += 1

    def _if(self, line: int) -> Group:
        self.at += 1
        condition = self.lists(("then",))
        self._expect("then")
        body = self.lists(("elif", "else", "fi"))
        otherwise: list[List] = []
        if self._keyword("elif"):
            if self.depth > DEEPEST:
                raise _LostError
            self.depth += 1
            nested = self._if(self.tokens[self.at].line)
            self.depth -= 1
            return Group("if", line, tuple(condition), tuple(body), (List((("", Pipeline((nested,))),)),))
        if self._keyword("else"):
            self.at += 1
            otherwise = self.lists(("fi",))
        self._expect("fi")
        return Group("if", line, tuple(condition), tuple(body), tuple(otherwise))

    def _loop(self, line: int) -> Group:
        counted = self._keyword("for", "select")
        self.at += 1
        condition: list[List] = []
        if counted:
            while self.more() and not self._operator(";", "\n"):
                self.at += 1
            while self._operator(";", "\n"):
                self.at += 1
        else:
            condition = self.lists(("do",))
        self._expect("do")
        body = self.lists(("done",))
        self._expect("done")
        return Group("loop", line, tuple(condition), tuple(body))

    def _case(self, line: int) -> Group:
        self.at += 1
        while self.more() and not self._keyword("in"):
            self.at += 1
        self._expect("in")
        body: list[List] = []
        while self.more() and not self._keyword("esac"):
            if self._operator("\n", ";", ";;", ";&", ";;&", "("):
                self.at += 1
                continue
            while self.more() and not self._operator(")"):
                self.at += 1
            self._expect(")")
            body.extend(self.lists((";;", "esac")))
        self._expect("esac")
        return Group("case", line, (), tuple(body))

    def _brace(self, line: int) -> Group:
        self.at += 1
        body = self.lists(("}",))
        self._expect("}")
        return Group("brace", line, (), tuple(body))

    def _subshell(self, line: int) -> Group:
        self.at += 1
        body = self.lists((")",))
        self._expect(")")
        return Group("subshell", line, (), tuple(body))

    def _function(self, line: int) -> Group:
        self.at += 2
        return self._function_body(line)

    def _function_body(self, line: int) -> Group:
        if self._operator("("):
            self.at += 1
            self._expect(")")
        self._newlines()
        body = self._command()
        return Group("function", line, (), body.body if isinstance(body, Group) else ())

    def _redirections(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        while self.more():
            token = self.tokens[self.at]
            if not (isinstance(token, Operator) and token.redirect):
                break
            self.at += 1
            if self.more() and isinstance(self.tokens[self.at], Word):
                found.append((token.text, self.tokens[self.at].text))
                self.at += 1
            elif self._operator("("):  # process substitution
                self._subshell(token.line)
        return found

    def _simple(self) -> Simple | Group:
        words: list[Word] = []
        sets: list[Word] = []
        to: list[tuple[str, str]] = []
        line = self.tokens[self.at].line
        while self.more():
            to.extend(self._redirections())
            token = self.tokens[self.at] if self.more() else None
            if not isinstance(token, Word):
                break
            self.at += 1
            if not words and token.text.partition("=")[1] and token.text.partition("=")[0].rstrip("+").isidentifier():
                sets.append(token)
                if token.text.endswith("=") and self._operator("("):  # an array
                    self._subshell(token.line)
            else:
                words.append(token)
                if len(words) == 1 and self._operator("("):
                    return self._function_body(line)
        if not words and not sets and not to:
            raise _LostError
        return Simple(tuple(words), line, tuple(sets), tuple(to))


_KINDS: Final = (
    ("if", ("if",)),
    ("loop", ("for", "while", "until", "select")),
    ("case", ("case",)),
    ("brace", ("{",)),
    ("subshell", ()),
    ("function", ("function",)),
)


def simples(lists: Sequence[List], *, conditions: bool = True) -> Iterator[Simple]:
    """Yield every simple command, in reading order; those that only decide (`if`, `while`) when `conditions`."""
    for each in lists:
        for _, pipeline in each.parts:
            for part in pipeline.parts:
                yield from commands_of(part, conditions=conditions)


def commands_of(part: Simple | Group, *, conditions: bool = True) -> Iterator[Simple]:
    """Yield the simple commands of one command."""
    if isinstance(part, Simple):
        yield part
        return
    if conditions:
        yield from simples(part.condition)
    yield from simples(part.body, conditions=conditions)
    yield from simples(part.otherwise, conditions=conditions)
