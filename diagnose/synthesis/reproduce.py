"""How to see just this failure again: command lines made of our own words and quoted values."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.model.text import Untrusted, phrase
from diagnose.safety.plain import plain
from diagnose.synthesis.asked import asked

if TYPE_CHECKING:
    from diagnose.model.report import Cause, FailedTest
    from diagnose.model.text import Phrase
    from diagnose.scan.rule import Rule

_PLACE: Final = regex(r"\{(\w+)\}")
_WORD: Final = regex(r"'(?P<quoted>[^']*\{\w+\}[^']*)'|(?P<bare>\{\w+\})")
_COMMAND: Final = regex(r"[\w./-]+(?: [\w./:=@,+%{}\[\]*-]+){0,20}")
MOST: Final = 3
# what a script begins with, and does not fail at: the step's name is its first line only
_PREPARES: Final = frozenset(
    (".", "cd", "echo", "eval", "exec", "export", "false", "mkdir", "set", "sleep", "source", "true", "ulimit", "unset")
)


def reproduce(cause: Cause, rule: Rule | None, step: str) -> tuple[Phrase, ...]:
    """The commands, best first: for each of the first tests by name, else for the whole tool, else the step's own."""
    template = rule.reproduce if rule else ""
    out: list[Phrase] = []
    if template:
        for values in _values(cause):
            if all(name in values for name in _PLACE.findall(template)):
                out.append(_filled(template, values))
            if len(out) >= MOST:
                break
    if not out and rule and rule.reproduce_all and "{" not in rule.reproduce_all:
        out.append(phrase(rule.reproduce_all))
    own = step.removeprefix("Run ").strip()
    if (
        not out
        and step.startswith("Run ")
        and _COMMAND.fullmatch(own)
        and "/" not in own.split(" ")[0].lstrip("./")
        and "@" not in own
        and own.split(" ")[0] not in _PREPARES
    ):
        out.append(phrase(Untrusted(own)))
    return tuple(dict.fromkeys(out))


def _values(cause: Cause) -> list[dict[str, str]]:
    rows = [
        {"test": name, "file": plain(test.file) if test.file else "", "name": name, "node": _node(test)}
        for test in cause.failed_tests
        for name in [asked(plain(test.name), cause.tool)]
    ]
    rows += [{"file": plain(location.file), "line": str(location.line or "")} for location in cause.locations]
    return [{name: value for name, value in row.items() if value} for row in rows] or [{}]


def _node(test: FailedTest) -> str:
    """A test's node id, as pytest takes it: `file::Class::test[parameter]`; the name alone where the file is not known."""
    name = plain(test.name)
    if "::" in name or test.file is None:
        return name
    head, bracket, rest = name.partition("[")
    return f"{plain(test.file)}::{head.replace('.', '::')}{bracket}{rest}"


def _filled(template: str, values: dict[str, str]) -> Phrase:
    # a word that holds a value of the log is quoted for the shell as a whole: a test's name may hold anything
    parts: list[str | Untrusted] = []
    at = 0
    for word in _WORD.finditer(template):
        inner = word["quoted"] if word["quoted"] is not None else word["bare"]
        value = shlex.quote(_PLACE.sub(lambda place: values[place[1]], inner))
        parts += [template[at : word.start()], Untrusted(value)]
        at = word.end()
    parts.append(template[at:])
    return phrase(*(part for part in parts if part))
