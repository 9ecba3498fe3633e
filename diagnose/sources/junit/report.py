"""JUnit XML to a JunitReport: what ran, what failed, and on which lines of the file it says so.

There is no standard. What the tools have in common: `testsuites` or a bare `testsuite` at the root, suites in suites, a `testcase`
with `failure`, `error` or `skipped` in it. Surefire adds `rerunFailure` (beside a `failure`: failed each time) and `flakyFailure`
(without one: passed when it ran again): maven.apache.org/surefire, "Rerun failing tests". CTest and GoogleTest tell by `status`
too. Attributes that count are only compared: they are wrong wherever a run was cut off or files were merged.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final, Literal

from diagnose.model.incident import JunitReport, LogFile, Missing, ReportedTest
from diagnose.model.text import Untrusted, phrase
from diagnose.sources.junit.elements import walk
from diagnose.sources.junit.runners import Signs, full_name, message_of, place_of, runner_of

if TYPE_CHECKING:
    from diagnose.model.text import Phrase

MOST_TESTS: Final = 500
MOST_NAME: Final = 2_000
HEAD: Final = 8_000
TAIL: Final = 2_000
_BAD: Final[dict[str, Literal["failure", "error"]]] = {"failure": "failure", "error": "error"}
_FLAKY: Final = ("flakyFailure", "flakyError")
_FAILED_STATUS: Final = ("fail", "failed", "failure", "error")
_SKIPPED_STATUS: Final = ("notrun", "not_run", "skipped", "disabled", "ignored", "suppressed")
_FOREIGN: Final = {
    "test-run": "NUnit's own form", "test-results": "NUnit's own form", "TestRun": "a TRX file of dotnet test", "assemblies": "xUnit.net's own form",
    "assembly": "xUnit.net's own form", "coverage": "a coverage report", "report": "a coverage report", "checkstyle": "a Checkstyle report",
    "testng-results": "TestNG's own form", "Site": "CTest's dashboard form", "html": "an HTML page", "robot": "Robot Framework's own form",
}  # fmt: skip


@dataclass(slots=True)
class _Bad:
    """A failure or error element while it is read."""

    kind: Literal["failure", "error"]
    at: int
    message: str
    head: list[str] = field(default_factory=list)
    size: int = 0
    tail: str = ""
    end: int = 0

    def add(self, text: str) -> None:
        room = HEAD - self.size
        if room > 0:
            self.head.append(text[:room])
        self.size += len(text)
        if len(text) > room:
            self.tail = (self.tail + text[max(0, room) :])[-TAIL:]

    @property
    def body(self) -> str:
        return "".join(self.head) + ("\n" + self.tail if self.tail else "")


@dataclass(slots=True)
class _Test:
    """A testcase element while it is read; one that stands for its suite when a suite itself holds an error."""

    name: str
    suite: str
    file: str
    line: str
    status: str
    at: int
    bad: _Bad | None = None
    skipped: bool = False
    again: bool = False


@dataclass(slots=True)
class _Counts:
    run: int = 0
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    flaky: int = 0


class _Collector:
    """Listens to the elements of one file."""

    def __init__(self) -> None:
        self.root = ""
        self.signs = Signs()
        self.counts = _Counts()
        self.claims = [0, 0]
        self.kept: list[_Test] = []
        self._test: _Test | None = None
        self._bad: _Bad | None = None
        self._suites: list[tuple[str, str]] = []
        self._path: list[str] = []
        self._claimed_at = 0

    def begin(self, name: str, attributes: dict[str, str], offset: int) -> None:
        if not self._path:
            self.root = name
        self._path.append(name)
        self.signs.see(name, attributes)
        if name in ("testsuites", "testsuite"):
            self._claim(attributes)
            self._suites.append(
                (_cut(attributes.get("name", "")), _cut(attributes.get("file", attributes.get("filepath", ""))))
            )
        elif name == "testcase":
            self._test = _test(attributes, self._suites[-1] if self._suites else ("", ""), offset)
        elif name in _BAD and self._inside():
            self._begin_bad(name, attributes, offset)
        elif self._test is not None and self._path[-2] == "testcase":
            self._test.skipped |= name == "skipped"
            self._test.again |= name in _FLAKY

    def _inside(self) -> bool:
        """Whether the innermost element stands in a testcase, or straight in a suite."""
        return len(self._path) > 1 and self._path[-2] in ("testcase", "testsuite", "testsuites")

    def _begin_bad(self, name: str, attributes: dict[str, str], offset: int) -> None:
        self._bad = _Bad(_BAD[name], offset, attributes.get("message", "")[:HEAD])
        if self._test is None:
            suite, file = self._suites[-1] if self._suites else ("", "")
            self._close(_Test(suite or "(the suite)", "", file, "", "", offset, self._bad))
        elif self._test.bad is None:
            self._test.bad = self._bad

    def end(self, name: str, offset: int) -> None:
        self._path.pop()
        if name in _BAD and self._bad is not None:
            self._bad.end = offset
            self._bad = None
        elif name == "testcase" and self._test is not None:
            self._close(self._test)
            self._test = None
        elif name in ("testsuites", "testsuite") and self._suites:
            self._suites.pop()

    def text(self, text: str) -> None:
        if self._bad is not None:
            self._bad.add(text)
        else:
            self.signs.hear(text)

    def cut_off(self) -> None:
        """Count the test in the middle of which the file ended, when it had failed by then."""
        if self._test is not None and self._test.bad is not None:
            self._close(self._test)

    def _claim(self, attributes: dict[str, str]) -> None:
        """Add what the outermost element that counts says: tests, and failures with errors."""
        depth = len(self._path)
        if "tests" not in attributes or self._claimed_at not in (0, depth):
            return
        self._claimed_at = depth
        self.claims[0] += _number(attributes.get("tests"))
        self.claims[1] += _number(attributes.get("failures")) + _number(attributes.get("errors"))

    def _close(self, test: _Test) -> None:
        counts = self.counts
        counts.run += 1
        if test.bad is None and test.status in _FAILED_STATUS:
            test.bad = _Bad("failure", test.at, "", end=test.at)
        if test.bad is not None:
            counts.errors += test.bad.kind == "error"
            counts.failed += test.bad.kind == "failure"
            if len(self.kept) < MOST_TESTS:
                self.kept.append(test)
        elif test.skipped or test.status in _SKIPPED_STATUS:
            counts.skipped += 1
        else:
            counts.passed += 1
            counts.flaky += test.again


def read_report(log: LogFile, run_id: str = "") -> JunitReport | Missing:
    """Read the file behind `log` (UTF-8 or another encoding that it declares, no UTF-16); Missing when it is no JUnit XML."""
    collector = _Collector()
    try:
        with log.path.open("rb") as file:
            problem = walk(file, collector)
            collector.cut_off()
            if collector.root not in ("testsuites", "testsuite"):
                return _no_report(log.name, collector.root, problem)
            return _report(log, run_id, collector, problem, file)
    except OSError as error:
        return Missing(
            phrase("the test report ", Untrusted(log.name)),
            "unreadable",
            phrase((error.strerror or "it cannot be read").lower()),
        )


def _no_report(name: str, root: str, problem: str) -> Missing:
    if root in _FOREIGN or root.lower() in _FOREIGN:
        why = phrase(f"it is {_FOREIGN.get(root) or _FOREIGN[root.lower()]}, not JUnit XML.")
    elif root:
        why = phrase("its root element is ", Untrusted(root[:80]), ", not testsuites or testsuite: it is no JUnit XML.")
    else:
        why = phrase(f"{problem or 'it holds no element'}: it is no JUnit XML.")
    return Missing(
        phrase("the test report ", Untrusted(name)),
        "unreadable",
        why,
        "pytest --junit-xml=FILE, or your runner's JUnit reporter",
    )


def _report(log: LogFile, run_id: str, collector: _Collector, problem: str, file: BinaryIO) -> JunitReport:
    tool = runner_of(collector.signs)
    bads = [test.bad for test in collector.kept if test.bad is not None]
    lines = _line_numbers(file, sorted({offset for bad in bads for offset in (bad.at, bad.end or bad.at)}))
    counts = collector.counts
    return JunitReport(
        log.name, log, tool, counts.run, counts.passed, counts.failed, counts.errors, counts.skipped, counts.flaky,
        tuple(_reported(test, test.bad, tool, lines) for test in collector.kept if test.bad is not None),
        _doubt(problem, counts, collector.claims), run_id,
    )  # fmt: skip


def _reported(test: _Test, bad: _Bad, tool: str, lines: dict[int, int]) -> ReportedTest:
    file, line = place_of(tool, test.suite, (test.file, _number(test.line) or None), f"{bad.message}\n{bad.body}")
    at = lines[bad.at]
    return ReportedTest(
        full_name(tool, test.name, test.suite, test.file)[:MOST_NAME], test.suite, bad.kind, at, max(at, lines[bad.end or bad.at]), file, line,
        message_of(tool, bad.message, bad.body),
    )  # fmt: skip


def _doubt(problem: str, counts: _Counts, claims: list[int]) -> Phrase | None:
    """Say why the file may not be the whole: it ends early, or its attributes count more than its elements."""
    if problem:
        return phrase(f"{problem}. What stands before is used.")
    tests, bad = claims
    if bad > counts.failed + counts.errors:
        return phrase(
            f"its attributes count {bad} failures, its elements {counts.failed + counts.errors}; the elements are used."
        )
    if tests > counts.run:
        return phrase(f"its attributes count {tests} tests, its elements {counts.run}; the elements are used.")
    return None


def _line_numbers(file: BinaryIO, offsets: list[int]) -> dict[int, int]:
    """Give the 1-based line of each offset (ascending), counting newline bytes as a log's lines are counted."""
    out: dict[int, int] = {}
    file.seek(0)
    start, line = 0, 1
    wanted = array("q", offsets)
    place = 0
    while place < len(wanted):
        piece = file.read(1 << 20)
        at = 0
        while place < len(wanted) and (wanted[place] < start + len(piece) or not piece):
            stop = min(wanted[place] - start, len(piece))
            line += piece.count(b"\n", at, stop)
            at = stop
            out[wanted[place]] = line
            place += 1
        line += piece.count(b"\n", at)
        start += len(piece)
    return out


def _test(attributes: dict[str, str], suite: tuple[str, str], offset: int) -> _Test:
    owner = attributes.get("class") or attributes.get("classname") or suite[0]
    status = (attributes.get("status") or attributes.get("result") or "").lower()
    if attributes.get("result", "").lower() in _SKIPPED_STATUS:
        status = attributes["result"].lower()
    name = _cut(attributes.get("name", "")) or "(a test without a name)"
    return _Test(
        name, _cut(owner), _cut(attributes.get("file", "") or suite[1]), attributes.get("line", ""), status, offset
    )


def _cut(text: str) -> str:
    return " ".join(text[:MOST_NAME].split("\n")).strip()


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0  # noqa: PLR2004 - nobody has 10^9 tests
