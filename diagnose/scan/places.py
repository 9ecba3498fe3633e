"""Where a line points by its form alone: `file:line:column: severity: message` and its kin, whatever the tool.

The forms are those of the GNU coding standards ("Formatting Error Messages"), Microsoft's compilers ("canonical error format"
of MSBuild), Python, PHP, Fortran and the JVM's frames. A rule's own captures always come first; this is for lines that no rule
knows, and for rules that tell what and not where.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from diagnose.kit.regex import regex

_LONGEST: Final = 400
_FILE: Final = r"(?:[A-Za-z]:[\\/])?[^\s:;,\"'()\[\]<>|*?=`{}]+"
_NAMED: Final = rf"(?P<file>{_FILE}\.[A-Za-z][\w+]{{0,11}})"
_SPACED: Final = r"(?P<file>(?:[A-Za-z]:)?[\\/.][^:;,\"()\[\]<>|*?=`{}]*\.[A-Za-z][\w+]{0,11})"
_BARE: Final = r"(?P<file>(?:\.{0,2}/)?[\w.+-]+(?:/[\w.+-]+)*/(?:[A-Z]\w*file|[A-Z]{3,}|\w+))"
_WORD: Final = (
    r"(?P<severity>(?i:fatal error|internal error|internal compiler error|syntax error|catastrophic error|severe|fatal|error|err|warning|"
    r"warn|note|info|information|remark|style|performance|portability|convention|refactor|hint|advice|notice|critical|major|minor|"
    r"severity error|high|medium|low|questionable|extension|obsolescent|deleted feature used))"
)
_HEAD: Final = r"^\s*(?:\[[^\]\s]{1,20}\]\s+|(?:ERROR|WARNING|WARN|INFO|Error|Warning|Info|error|warning|E|W|e|w|✖|✗|\u00d7|>|>>|\*|-|•|\d+>|\d+:\d+>|[\"(]):?\s*){0,2}"
_TAIL: Final = r"(?P<message>\S.*)"


class Spot(NamedTuple):
    """A place that a line names. form: the index of its form, alike for lines of one tool. severity: "" where none stands.

    file: "" where the line names only line and column, and the file stands above it.
    """

    form: int
    file: str
    line: int
    column: int | None
    severity: str
    message: str


# each form: a character that every such line holds (cheap to look for), and the expression
_FORMS: Final[tuple[tuple[str, str], ...]] = (
    # a.c:3:9: error: message · a.go:3:9: message · a.py:3: [C0103] message · ./a.sh:3:message
    (":", rf"{_HEAD}{_NAMED}:(?P<line>\d{{1,7}})(?::(?P<column>\d{{1,5}}))?(?:-\d+(?::\d+)?)?(?::|\s+-|\s|,)\s*\[?(?:{_WORD}\b(?:\([^)]*\))?[\]:]?\s*:?\s*)?{_TAIL}"),
    (":", rf"{_HEAD}{_SPACED}:(?P<line>\d{{1,7}})(?::(?P<column>\d{{1,5}}))?:\s*\[?(?:{_WORD}\b[\]:]?\s*:?\s*)?{_TAIL}"),
    # a.java:[3,9] message (Maven) · a.c:3 on a line of its own
    (":[", rf"{_HEAD}(?P<file>(?:[A-Za-z]:)?[^:;,\"()\[\]<>|*?=`{{}}]*\.[A-Za-z][\w+]{{0,11}}):\[(?P<line>\d{{1,7}})(?:,(?P<column>\d{{1,5}}))?\]\s*(?:{_WORD}\b:?\s*)?(?P<message>.*)"),
    (":", rf"^\s*{_NAMED}:(?P<line>\d{{1,7}})(?::(?P<column>\d{{1,5}}))?:?\s*$(?P<message>)"),
    # ::error file=a.c,line=3,col=9::message (GitHub) · a.c, 3:9 …
    ("::", r"^::(?P<severity>error|warning|notice) (?:[^:]*,)?file=(?P<file>[^,:]+),(?:[^:]*,)?line=(?P<line>\d{1,7})(?:,[^:]*?)??(?:,col=(?P<column>\d{1,5}))?(?:,[^:]*(?::[^:]+)*)?::(?P<message>.*)"),
    # a.cs(3,9): error CS0001: message · a.f(3) : warning #18: message · a.vb(3,9,3,12): …
    ("(", rf"{_HEAD}{_NAMED}\s?\((?P<line>\d{{1,7}})(?:[,:]\s?(?P<column>\d{{1,5}}))?(?:[,-]\d+){{0,3}}\)\s*[:,]?\s*-?\s*\[?(?:{_WORD}\b[\]:]?\s*:?\s*)?{_TAIL}"),
    ("(", rf"{_HEAD}{_SPACED}\s?\((?P<line>\d{{1,7}})(?:[,:]\s?(?P<column>\d{{1,5}}))?(?:[,-]\d+){{0,3}}\)\s*:\s*\[?(?:{_WORD}\b[\]:]?\s*:?\s*)?{_TAIL}"),
    # "a.c", line 3: error #18: message · a.f90, line 3: message · File "a.py", line 3, in f
    ("line", rf"^\s*(?:(?:{_WORD}|File|file|in|In|at|At)\b:?\s+(?:in\s+)?(?:file\s+)?)?(?:[\"'](?P<quoted>[^\"':;<>|*?]{{1,300}})[\"']|(?P<file>{_FILE}\.[A-Za-z][\w+]{{0,11}})),?:?\s+(?:at\s+|on\s+|in\s+)?(?i:line):?\s+(?P<line>\d{{1,7}})(?:,?\s+(?:col(?:umn)?|char(?:acter)?|pos(?:ition)?)\.?:?\s+(?P<column>\d{{1,5}}))?[\s.:;,)\]-]*(?P<message>.*)"),
    # message in a.php on line 3 · message at a.pl line 3.
    ("line", r"^(?P<message>.*?)(?:^|[\s(])(?:in|at|from|of)\s+(?:(?:[a-z]+\s+)?file\s+)?[\"'`]?(?P<file>(?:[A-Za-z]:)?[^\s:;,\"'()<>|*?`]+(?:\.[A-Za-z][\w+]{0,11})?)[\"'`]?,?\s+(?:at\s+|on\s+)?line\s+(?P<line>\d{1,7})(?:,?\s+col(?:umn)?\s+(?P<column>\d{1,5}))?"),
    # lua: a.lua:3: message · t: t.c:3: main: message (GNU: the program first)
    (":", rf"^[\w./+-]{{1,40}}: {_NAMED}:(?P<line>\d{{1,7}})(?::(?P<column>\d{{1,5}}))?: (?:{_WORD}\b:?\s*)?{_TAIL}"),
    # --> src/main.rs:3:9 · ┌─ a.nix:3:9 · ╭─[a.ts:3:9] · at a.ts:3:9 · # a.rb:3:in `f' · Location: a.py:3:9
    (":", rf"^\s*(?:-->|┌─+|╭─+|╭▸|┌──|→|#|->|@|at|in|from|on|under|Location|Path|File|file|Source|source|Defined at|declared at)[:\[\s]+\[?(?:file://)?{_NAMED}:(?P<line>\d{{1,7}})(?::(?P<column>\d{{1,5}}))?\b(?P<message>)"),
    # at f (a.js:3:9) · message (a.md:3) · [a.erb:3] · message. File: a.c:3
    ("(", rf"^(?P<message>.*?)[(\[](?:file://|at\s+)?{_NAMED}:(?P<line>\d{{1,7}})(?::(?P<column>\d{{1,5}}))?[)\]]"),
    # on main.tf line 3, in … · a.yml line 3
    ("line", rf"^\s*(?:on\s+)?{_NAMED}\s+line\s+(?P<line>\d{{1,7}})(?:,?\s+col(?:umn)?\s+(?P<column>\d{{1,5}}))?[\s.:;,)-]*(?P<message>.*)"),
    # 3:9  error  message (the file is printed once above)
    (":", rf"^\s+(?:[✖✗\u00d7⚠•*-]\s+)?(?P<line>\d{{1,7}}):(?P<column>\d{{1,5}})\s+(?:-\s+)?[✖✗\u00d7⚠\u2139]?\s*(?:{_WORD}\b[:]?\s+)?(?P<file>){_TAIL}"),
    # Makefile:3: *** message · path/Dockerfile:3 message
    (":", rf"{_HEAD}{_BARE}:(?P<line>\d{{1,7}})(?::(?P<column>\d{{1,5}}))?:\s*(?:{_WORD}\b[\]:]?\s*:?\s*)?{_TAIL}"),
    (":", rf"^(?P<file>(?:GNU)?[Mm]akefile|[A-Z][a-z]+file|CMakeLists|BUILD|WORKSPACE):(?P<line>\d{{1,7}})(?::(?P<column>\d{{1,5}}))?:\s*(?:{_WORD}\b:?\s*)?{_TAIL}"),
    # message: a.txt:3:9
    (":", rf"(?<!\S){_NAMED}:(?P<line>\d{{1,7}})(?::(?P<column>\d{{1,5}}))?[.,;)\]]?\s*$(?P<message>)"),
    # .NET:    at Acme.Cart.Total(Int32 n) in /src/Cart.cs:line 12
    (":line ", r"^(?P<message>\s*at .*\)) in (?P<file>(?:[A-Za-z]:)?[^:]+):line (?P<line>\d{1,7})\s*$"),
)  # fmt: skip
_URL: Final = regex(r"^(?:\w+:)?//|^\d+(?:\.\d+)+$|^www\.|\.(?:com|org|net|io|dev)$")


_EXPRESSIONS: Final = tuple((index, mark, regex(expression)) for index, (mark, expression) in enumerate(_FORMS))


def spot_of(text: str) -> Spot | None:
    """Find the place that `text` (one line, without framing) names; None where it names none by a known form."""
    text = text[:_LONGEST]
    if not any(character.isdecimal() for character in text):
        return None
    for index, mark, expression in _EXPRESSIONS:
        if mark not in text:
            continue
        found = expression.search(text)
        if found is None:
            continue
        groups = found.groupdict()
        file, line = (groups["file"] or groups.get("quoted") or "").strip(), int(groups["line"])
        if not line or (file and _URL.search(file)) or (not file and "quoted" in groups):
            continue
        column = groups.get("column")
        return Spot(
            index,
            file,
            line,
            int(column) if column else None,
            (groups.get("severity") or "").lower(),
            groups.get("message") or "",
        )
    return None


_PATH: Final = regex(
    r"^(?:[^\w./\\@]{0,3}\s?)(?P<file>(?:[A-Za-z]:)?[^:*?\"<>|\s]*[\w)\]]\.[A-Za-z][\w+]{0,11}|(?:[A-Za-z]:)?[\\/.][^:*?\"<>|]*)\W{0,2}$"
)


def heading(text: str) -> str:
    """Give the file that `text` names when the line is nothing but a path, which the lines below it belong to; else ""."""
    found = _PATH.match(text.rstrip())
    return found["file"].strip() if found else ""
