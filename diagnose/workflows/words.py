"""A script's words: what a POSIX shell splits a text into, with the line of each. Never raises, whatever the text.

Quoted text, substitutions, `[[ ... ]]`, arithmetic, here-documents and `${{ ... }}` of GitHub are each one piece: an `||` in them is
no operator. What runs inside `$( )` is kept as text beside the word, for those who ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

MOST_CHARACTERS: Final = 200_000
_OPERATOR: Final = regex(r"&&|\|\||;;&?|;&|\|&|[;|&()\n]")
_REDIRECT: Final = regex(r"\d{0,2}(?:<<<|<<-?|>>|>&|<&|>\||<>|>|<)|&>>?")
_PLAIN: Final = regex(r"[^\s\\'\"`$;|&()<>#\[{}]+")
_HEREDOC: Final = regex(r"<<-?\s*(?:'([^'\n]{1,80})'|\"([^\"\n]{1,80})\"|\\?([\w.-]{1,80}))")


@dataclass(frozen=True, slots=True)
class Word:
    """One word. text: quotes taken off. inner: what runs in its substitutions. bare: it holds no quote, so that it may be a keyword."""

    text: str
    line: int
    inner: tuple[tuple[int, str], ...] = ()
    bare: bool = True


@dataclass(frozen=True, slots=True)
class Operator:
    """What parts commands: && || ; | |& & ( ) and the end of a line; or a redirection, with its target behind it."""

    text: str
    line: int
    redirect: bool = False


Token = Word | Operator


def split(lines: Sequence[tuple[int, str]]) -> list[Token]:
    """Split a script, given as (line, text) pairs. What lies behind MOST_CHARACTERS is not read."""
    return _Lexer(lines).run()


class _Lexer:
    def __init__(self, lines: Sequence[tuple[int, str]]) -> None:
        self.text = "\n".join(text.rstrip("\r") for _, text in lines)[:MOST_CHARACTERS]
        self._starts: list[int] = []
        self._numbers = [number for number, _ in lines]
        at = 0
        for _, text in lines:
            self._starts.append(at)
            at += len(text.rstrip("\r")) + 1
        self.at = 0
        self.tokens: list[Token] = []
        self._heredocs: list[str] = []
        self._row = 0

    def run(self) -> list[Token]:
        while self.at < len(self.text):
            self._step()
        return self.tokens

    def _line(self, at: int) -> int:
        while self._row + 1 < len(self._starts) and self._starts[self._row + 1] <= at:
            self._row += 1
        while self._row and self._starts[self._row] > at:
            self._row -= 1
        return self._numbers[self._row] if self._numbers else 1

    def _step(self) -> None:
        char = self.text[self.at]
        if char in " \t\r":
            self.at += 1
        elif self.text.startswith("\\\n", self.at):
            self.at += 2
        elif char == "#":
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
        elif self.text.startswith("((", self.at):
            self._piece_as_word("((", "))")
        elif redirect := _REDIRECT.match(self.text, self.at):
            self._redirect(redirect)
        elif operator := _OPERATOR.match(self.text, self.at):
            self.tokens.append(Operator(operator[0], self._line(self.at)))
            self.at = operator.end()
            if operator[0] == "\n":
                self._skip_heredocs()
        else:
            self._word()

    def _redirect(self, found: re.Match[str]) -> None:
        heredoc = _HEREDOC.match(self.text, self.at) if found[0].startswith("<<") and found[0] != "<<<" else None
        if heredoc:
            self._heredocs.append(next(group for group in heredoc.groups() if group))
            self.at = heredoc.end()
            return
        self.tokens.append(Operator(found[0], self._line(self.at), redirect=True))
        self.at = found.end()

    def _skip_heredocs(self) -> None:
        for end in self._heredocs:
            while self.at < len(self.text):
                newline = self.text.find("\n", self.at)
                row = self.text[self.at : len(self.text) if newline < 0 else newline]
                self.at = len(self.text) if newline < 0 else newline + 1
                if row.strip() == end:
                    break
        self._heredocs = []

    def _piece_as_word(self, opens: str, closes: str) -> None:
        end = self.text.find(closes, self.at + len(opens))
        end = len(self.text) if end < 0 else end + len(closes)
        self.tokens.append(Word(self.text[self.at : end], self._line(self.at), bare=False))
        self.at = end

    def _word(self) -> None:
        start = self.at
        parts: list[str] = []
        inner: list[tuple[int, str]] = []
        bare = True
        while self.at < len(self.text):
            char = self.text[self.at]
            if plain := _PLAIN.match(self.text, self.at):
                parts.append(plain[0])
                self.at = plain.end()
            elif char in "'\"\\`$":
                bare = bare and char in "$\\"
                parts.append(self._special(char, inner))
            elif char in " \t\r\n;|&()<>" and self.at > start:
                break
            else:
                parts.append(char)
                self.at += 1
        text = "".join(parts)
        if bare and text == "[[":
            self.at = start
            self._piece_as_word("[[", "]]")
        else:
            self.tokens.append(Word(text, self._line(start), tuple(inner), bare))

    def _special(self, char: str, inner: list[tuple[int, str]]) -> str:
        if char == "\\":
            taken = self.text[self.at + 1 : self.at + 2]
            self.at += 2
            return "" if taken == "\n" else taken
        if char == "'":
            return self._until("'")
        if char == '"':
            return self._double(inner)
        if char == "`":
            self._until("`")  # most often Markdown in a message, not a command
            return "`"
        return self._dollar(inner)

    def _until(self, close: str) -> str:
        end = self.text.find(close, self.at + 1)
        end = len(self.text) if end < 0 else end
        body = self.text[self.at + 1 : end]
        self.at = end + 1
        return body

    def _double(self, inner: list[tuple[int, str]]) -> str:
        self.at += 1
        parts: list[str] = []
        while self.at < len(self.text) and self.text[self.at] != '"':
            char = self.text[self.at]
            if char in "\\`$":
                parts.append(self._special(char, inner))
            else:
                parts.append(char)
                self.at += 1
        self.at += 1
        return "".join(parts)

    def _dollar(self, inner: list[tuple[int, str]]) -> str:
        start = self.at
        if self.text.startswith("${{", start):
            end = self.text.find("}}", start)
            self.at = len(self.text) if end < 0 else end + 2
            return self.text[start : self.at]
        if self.text.startswith("$(", start):
            self.at = self._closing(start + 1, "(", ")")
            if not self.text.startswith("$((", start):
                inner.append((self._line(start), self.text[start + 2 : self.at - 1]))
            return "$()"
        if self.text.startswith("${", start):
            self.at = self._closing(start + 1, "{", "}")
            return self.text[start : self.at]
        self.at += 1
        return "$"

    def _closing(self, at: int, opens: str, closes: str) -> int:
        """Find where a bracket closes: quotes and nested brackets within it are passed over."""
        depth = 0
        while at < len(self.text):
            char = self.text[at]
            if char == "\\":
                at += 1
            elif char == "'" and opens == "(":
                end = self.text.find("'", at + 1)
                at = len(self.text) if end < 0 else end
            elif char == opens:
                depth += 1
            elif char == closes:
                depth -= 1
                if depth == 0:
                    return at + 1
            at += 1
        return len(self.text)
