"""Which runner a JUnit file is of, and how that runner spells a test, a place and a message.

Reports name a test by parts (`classname`, `name`) that each tool fills its own way. A reader knows the name that the runner prints,
so that is put together again. Signs were read out of what the tools write; a file without any is "junit".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from diagnose.kit.regex import regex

HEARD: Final = 20_000
_MOST_MESSAGE: Final = 16_000
_SCRIPT: Final = regex(r"[\w./\\-]+\.[cm]?[jt]sx?")
_GO_FILE: Final = "_test.go"
_JAVA_ORDER: Final = ("name", "tests", "skipped", "failures", "errors", "timestamp", "hostname", "time")
# the name of an element and of one of its attributes, a pattern of its value, and the runner that writes it so
_SIGNS: Final[tuple[tuple[str, str, re.Pattern[str], str], ...]] = tuple(
    (element, attribute, regex(pattern), tool)
    for element, attribute, pattern, tool in (
        ("testsuites", "name", r"pytest tests|pytest", "pytest"),
        ("testsuite", "name", r"pytest", "pytest"),
        ("testsuites", "name", r"nextest-run", "nextest"),
        ("testsuites", "name", r"jest tests", "jest"),
        ("testsuites", "name", r"vitest tests", "vitest"),
        ("testcase", "file", r"(?:.*/)?cypress/.*|.*\.cy\.[jt]sx?", "cypress"),
        ("testsuite", "file", r"(?:.*/)?cypress/.*|.*\.cy\.[jt]sx?", "cypress"),
        ("testsuites", "name", r"Mocha Tests", "mocha"),
        ("testsuite", "noNamespaceSchemaLocation", r".*surefire-test-report.*", "maven-surefire"),
        ("testsuite", "name", r"rspec\d*", "rspec"),
        ("testsuite", "name", r"TestResults", "swift"),
        ("testsuite", "name", r".*\.dll", "dotnet-test"),
        ("property", "name", r"go\.version", "go-test"),
        ("property", "name", r"random-seed", "catch2"),
        ("property", "name", r"surefire\..*", "maven-surefire"),
        ("testcase", "file", r".*\.php", "phpunit"),
        ("testcase", "file", r".*_spec\.rb", "rspec"),
        ("testcase", "result", r"completed|suppressed", "googletest"),
        ("testcase", "status", r"run|fail|notrun|disabled", "ctest"),
    )
)  # fmt: skip
_WHOLE: Final = frozenset(
    {"go-test", "nextest", "rspec", "jest", "vitest", "mocha", "cypress", "playwright", "ctest", "catch2", "bazel"}
)
_PLACES: Final[tuple[re.Pattern[str], ...]] = tuple(
    regex(pattern, re.MULTILINE)
    for pattern in (
        r"^(?P<file>[^\s:()]{1,400}\.py):(?P<line>\d{1,7}): \w",  # pytest's last line of a traceback
        r"panicked at (?:'[^\n]{0,400}', )?(?P<file>[^\s:]{1,400}\.rs):(?P<line>\d{1,7})",
        r"^[ \t]*(?P<file>[^\s:()]{1,400}_test\.go):(?P<line>\d{1,7}):",
        r"^[ \t]*at [^\n]{0,300} in (?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]{1,400}):line (?P<line>\d{1,7})",  # .NET
        r"^[ \t]*(?:# )?(?P<file>\.?/?[^\s:()]{1,400}\.rb):(?P<line>\d{1,7}):in",
        r"^[ \t]*(?P<file>(?:[A-Za-z]:)?[^\s:()]{1,400}\.(?:php|cc|cpp|cxx|c|h|hpp|swift|rb|exs|lua|dart)):(?P<line>\d{1,7})(?::|$)",
        r"^[ \t]*at (?P<file>(?:[A-Za-z]:)?[^\s:()]{1,400}\.(?:cpp|cc|cxx|hpp|h)):(?P<line>\d{1,7})$",  # Catch2
    )
)
_SCRIPT_FRAME: Final = regex(
    r"^[ \t]*(?:at |\u276f )(?:[^\n(]{0,300}\()?(?:file://)?(?P<file>(?:[A-Za-z]:)?[^\s():]{1,400}\.[cm]?[jt]sx?):(?P<line>\d{1,7}):\d+\)?",
    re.MULTILINE,
)
_SCRIPT_HEAD: Final = regex(
    r"^[ \t]*\[[\w -]{1,40}\] \u203a (?P<file>[^\s:]{1,400}\.[cm]?[jt]sx?):(?P<line>\d{1,7}):\d+", re.MULTILINE
)
_JAVA_FRAME: Final = regex(
    r"^[ \t]*at (?:[\w.@-]+/{1,2})*(?P<owner>[\w.$]{1,400})\.[\w$<>-]{1,200}\((?P<file>[\w$]{1,200}\.(?:java|kt|groovy|scala)):(?P<line>\d{1,7})\)$",
    re.MULTILINE,
)
_PYTHON_FRAME: Final = regex(r'^[ \t]*File "(?P<file>[^"\n]{1,400})", line (?P<line>\d{1,7})', re.MULTILINE)
_FOREIGN: Final = regex(r"node_modules|node:internal|site-packages|/vendor/|/lib/python\d|/gems/")
# a message that says nothing beyond that it failed
_MUTE: Final = regex(
    r"(?i)(?:test )?(?:failed|failure|error|fail)?\.?|failed with exit code \d+|exited with error code \d+|test failure with exit code \d+"
)
_PLACE_LINE: Final = regex(r"\A[^\s:]{1,400}:\d{1,7}\n")
_FRAMES: Final = regex(
    r"^\s*(?:at |=== |--- |\^|~+|-{4,}|\.{3})|^\s*(?:def |class |@|>|self = |\d+ \|)|^\s*\[[\w -]{1,40}\] \u203a |^\s*Traceback \(most recent|^\s*File \""
)


@dataclass(slots=True)
class Signs:
    """What was seen of a file that tells its runner."""

    tools: dict[str, None] = field(default_factory=dict)
    java: bool = False
    scripts: bool = False
    heard: int = 0
    words: list[str] = field(default_factory=list)
    seen: int = 0

    def see(self, element: str, attributes: dict[str, str]) -> None:
        """Note an element's attributes; the first thousands tell."""
        self.seen += 1
        if self.seen > HEARD:
            return
        plain = (
            {name.rpartition(":")[2]: value for name, value in attributes.items()}
            if element == "testsuite"
            else attributes
        )
        for name, attribute, pattern, tool in _SIGNS:
            if name == element and attribute in plain and pattern.fullmatch(plain[attribute][:400]):
                self.tools.setdefault(tool)
        if element == "testsuite":
            self.java |= tuple(attributes) == _JAVA_ORDER
        elif element == "testcase":
            self.scripts |= _SCRIPT.fullmatch(attributes.get("classname", "")[:400]) is not None

    def hear(self, text: str) -> None:
        """Note text that belongs to no failure."""
        if self.heard < HEARD:
            self.heard += len(text)
            self.words.append(text[:HEARD])


def runner_of(signs: Signs) -> str:
    """Name the runner: the first sign in order of how telling it is; "junit" without any."""
    for _, _, _, tool in _SIGNS:
        if tool in signs.tools:
            return "bazel" if tool == "ctest" and "Generated test.log" in "".join(signs.words) else tool
    if signs.java:
        return "gradle"
    return "playwright" if signs.scripts else "junit"


def full_name(tool: str, name: str, suite: str, file: str) -> str:
    """Spell a test as its runner does."""
    if not suite or suite == name:
        return name
    if tool == "pytest":
        return _node(name, suite, file)
    if tool == "phpunit":
        return name if "::" in name else f"{suite}::{name}"
    if tool in _WHOLE or suite in name or "::" in name or " " in suite:
        return name
    return f"{suite}.{name}"


def _node(name: str, suite: str, file: str) -> str:
    """Undo what pytest makes of a node id: `tests/test_a.py::TestA::test_b` is classname `tests.test_a.TestA`, name `test_b`."""
    if "::" in name:
        return name
    parts = suite.split(".")
    if file:
        module = [part for part in re.split(r"[/\\]", file.removesuffix(".py")) if part]
        classes = parts[len(module) :] if parts[: len(module)] == module else []
        return "::".join((file.replace("\\", "/"), *classes, name))
    count = len(parts)
    while count > 1 and parts[count - 1][:1].isupper():
        count -= 1
    if not all(part.isidentifier() for part in parts) or parts[count - 1][:1].isupper():
        return f"{suite}.{name}"
    return "::".join(("/".join(parts[:count]) + ".py", *parts[count:], name))


def place_of(tool: str, suite: str, given: tuple[str, int | None], text: str) -> tuple[str, int | None]:
    """Find where the test failed: in its traceback, else where the report says that the test stands. ("", None) when untold."""
    found = _framed(suite, text)
    file, line = given
    if found is not None and (not file or line is None or tool == "pytest" or _same_file(found[0], file)):
        return (file if file and _same_file(found[0], file) else found[0]), found[1]
    if not file and tool == "playwright" and _SCRIPT.fullmatch(suite):
        file = suite
    # pytest counts the line of a definition from 0
    return file, line + 1 if tool == "pytest" and line is not None else line


def _same_file(one: str, other: str) -> bool:
    mine, theirs = (re.split(r"[/\\]", path.removeprefix("./")) for path in (one, other))
    shorter = min(len(mine), len(theirs))
    return mine[-shorter:] == theirs[-shorter:]


def _framed(suite: str, text: str) -> tuple[str, int] | None:
    owner = suite.partition("$")[0]
    frames = [frame for frame in _JAVA_FRAME.finditer(text) if owner and frame["owner"].partition("$")[0] == owner]
    if frames:
        return frames[0]["file"], int(frames[0]["line"])
    for pattern in (_SCRIPT_FRAME, _SCRIPT_HEAD, *_PLACES):
        for frame in pattern.finditer(text):
            if not _FOREIGN.search(frame["file"]):
                return frame["file"].removeprefix("./"), int(frame["line"])
    own = [frame for frame in _PYTHON_FRAME.finditer(text) if not _FOREIGN.search(frame["file"])]
    return (own[-1]["file"], int(own[-1]["line"])) if own else None


def message_of(tool: str, message: str, body: str) -> str:
    """Give what the failure says: the attribute, unless it says only that the test failed; then the first telling line of the text."""
    told = _PLACE_LINE.sub("", message.strip())
    if told and tool != "playwright" and not _MUTE.fullmatch(told.split("\n", 1)[0].strip()):
        return told
    lines = [line for line in body.split("\n") if line.strip()]
    if tool == "pytest":
        own = [line for line in lines if line.startswith("E ")]
        if own:
            return own[0][1:].strip()
    if tool == "phpunit" and len(lines) > 1 and "::" in lines[0]:
        lines = lines[1:]
    telling = [line for line in lines if not _FRAMES.search(line)]
    return (telling or lines or [told])[0].strip()[:_MOST_MESSAGE]
