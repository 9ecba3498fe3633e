"""How test runners write that a test begins and that it ended, for those that write it at all (most do in their verbose modes).

Formats: pytest 8 and xdist 3 terminal.py; CPython unittest/runner.py; `go test -v` (test2json's grammar); libtest and nextest; Jest's
and Vitest's verbose reporters; Mocha's spec reporter; RSpec's documentation formatter; GoogleTest; CTest; Gradle's test logging; Surefire;
vstest and xUnit.net; ExUnit's CLI formatter with --trace; XCTest and Swift Testing; Bazel's progress; Playwright's list and line reporters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Runner:
    """One runner's lines. gate: texts of which one stands in every log of its verbose mode.

    begins, ends: with the group `test`; an end without it ends the test that began last. done: a test that ended, for runners that write
    nothing before. nests: a test's name begins with that of its parent and a slash. remedy: how to make the runner itself name what hangs.
    """

    name: str
    gate: tuple[str, ...]
    begins: re.Pattern[str] | None = None
    ends: re.Pattern[str] | None = None
    done: re.Pattern[str] | None = None
    nests: bool = False
    remedy: str = ""


_C = re.compile
_PYTEST: Final = "`pytest -o faulthandler_timeout=60` prints where each thread stands; pytest-timeout (`--timeout=60`) ends the test itself."
_JVM: Final = "Give each test a limit (JUnit: @Timeout), and take a thread dump (`jstack PID`) while it hangs."

RUNNERS: Final[tuple[Runner, ...]] = (
    Runner(
        "pytest", ("::",),
        _C(r"^(?P<test>[\w./\\ -]{1,200}\.\w{1,5}(?:::[^\s:\[][^\s\[]*)+(?:\[.{0,200}\])?) *$"),
        _C(r"^(?:\[gw\d+\] (?:\[ *\d+%\] )?(?:PASSED|FAILED|SKIPPED|ERROR|XFAIL|XPASS|RERUN) (?P<test>\S.*?) *$|"
           r"(?P<same>\S.*?::.*?) (?:PASSED|FAILED|SKIPPED|ERROR|XFAIL|XPASS|RERUN)\b|(?:PASSED|FAILED|SKIPPED|ERROR|XFAIL|XPASS)(?: +\(.{0,200}\))?(?: +\[ *\d+%\])?$)"),
        remedy=_PYTEST,
    ),
    # without -v a file's tests are letters on one line, which has its percentage when it is full
    Runner("pytest", (".py ",), _C(r"^(?P<test>[\w./\\-]{1,200}\.py) [.sxXFER]*$"), _C(r"^(?P<test>[\w./\\-]{1,200}\.py) [.sxXFER]+ +\[ *\d+%\]$"), remedy=_PYTEST),
    Runner(
        "unittest", (" ... ", "... \n"),
        _C(r"^(?P<test>\w+ \([\w.]+\)) \.\.\. ?(?!ok|FAIL|ERROR|skipped|expected failure|unexpected success)"),
        _C(r"^(?:\w+ \([\w.]+\) \.\.\. )?(?:ok|FAIL|ERROR|skipped .*|expected failure|unexpected success)$"),
        remedy="`faulthandler.dump_traceback_later(60, exit=True)` in the test's module prints where it stands.",
    ),
    Runner(
        "go test", ("=== RUN ",), _C(r"^=== (?:RUN|CONT) +(?P<test>\S+)"), _C(r"^\s*(?:--- (?:PASS|FAIL|SKIP|BENCH): |=== PAUSE +)(?P<test>\S+)"), nests=True,
        remedy="`go test -timeout 5m` ends the run with the stack of every goroutine.",
    ),
    Runner(
        "cargo test", ("test ",),
        _C(r"^test (?P<test>\S+)(?: - should panic)? (?:\.\.\. *$|has been running for over \d+ seconds)"),
        _C(r"^(?:test (?P<test>\S+)(?: - should panic)? \.\.\. (?:ok|FAILED|ignored)|(?:ok|FAILED|ignored)$)"),
        remedy="`cargo nextest run` with slow-timeout ends a test that hangs, and names it.",
    ),
    Runner(
        "nextest", ("SLOW [",), _C(r"^\s*(?:SLOW|TERMINATING) \[> *[\d.]+s\] (?:\(\s*\d+/\d+\) )?(?P<test>\S+ \S+)"),
        _C(r"^\s*(?:PASS|FAIL|TIMEOUT|TMT|LEAK|SIG\w+|ABORT|TRY \d+ \w+) \[ *[\d.]+s\] (?:\(\s*\d+/\d+\) )?(?P<test>\S+ \S+)"),
        remedy="Set slow-timeout with terminate-after in .config/nextest.toml: nextest then ends the test by itself.",
    ),
    Runner(
        "jest", ("PASS ", "RUNS "), _C(r"^ ?RUNS +(?P<test>\S+)"), _C(r"^ ?(?:PASS|FAIL) +(?:[\w-]+ +)?(?P<test>\S+\.\w+)"),
        remedy="`jest --detectOpenHandles --runInBand` names what keeps it from ending.",
    ),
    Runner(
        "vitest", ("\u276f ", "✓ "), _C(r"^ *\u276f (?:\|[\w-]+\| )?(?P<test>\S+\.(?:test|spec)\.\w+) +(?:\d+/\d+|\[queued\])"),
        _C(r"^ *[✓\u00d7↓\u276f✗] (?:\|[\w-]+\| )?(?P<test>\S+\.(?:test|spec)\.\w+) +\(\d+ tests?"),
        remedy="`vitest --reporter=hanging-process` names what keeps it from ending.",
    ),
    Runner("googletest", ("[ RUN ",), _C(r"^\[ RUN +\] (?P<test>\S+)"), _C(r"^\[ +(?:OK|FAILED|SKIPPED) +\] (?P<test>\S+?),?(?: |$)"),
           remedy="Run this test alone under a debugger (`--gtest_filter=NAME`), or give CTest a TIMEOUT for it."),
    Runner("ctest", ("Start ",), _C(r"^\s*Start +\d+: (?P<test>\S.*?)\s*$"), _C(r"^\s*\d+/\d+ +Test +#\d+: (?P<test>\S.*?)(?: \.+)? +(?:Passed|Not Run|\*\*\*)"),
           remedy="`ctest --timeout 300` ends a test that hangs, and names it."),
    Runner("gradle", (" STARTED",), _C(r"^(?P<test>\S.* > .*\S) STARTED$"), _C(r"^(?P<test>\S.* > .*\S) (?:PASSED|FAILED|SKIPPED)$"), remedy=_JVM),
    Runner(
        "maven", ("Running ",), _C(r"^(?:\[INFO\] )?Running (?P<test>[\w.$]+)$"),
        _C(r"^(?:\[\w+\] )?Tests run: \d+,.* (?:in|--) (?:in )?(?P<test>[\w.$]+)\s*$|^(?:\[\w+\] )?Tests run: \d+, Failures: \d+, Errors: \d+, Skipped: \d+, Time elapsed: .*(?:sec|s)(?: <<<.*)?$"),
        remedy=_JVM + " Surefire's forkedProcessTimeoutInSeconds ends the fork.",
    ),
    Runner("xunit", ("[Long ",), _C(r"\[Long (?:Running )?Test\] '?(?P<test>[^',]+)'?,? ?Elapsed"), _C(r"^\s*(?:Passed|Failed|Skipped)!? (?P<test>\S.*?) \[[^\]]+\]$"),
           remedy="`dotnet test --blame-hang-timeout 5m` ends the run and names the test."),
    Runner("dotnet test", ("running when the crash occurred",), _C(r"^(?P<test>[A-Za-z_][\w.]*\.[\w.]+(?:\(.*\))?)$"), None,
           remedy="`dotnet test --blame-hang-timeout 5m` ends the run and names the test."),
    Runner("exunit", ("* test ",), _C(r"^\s*\* (?P<test>(?:test|doctest|property) .+?) \[L#\d+\]$"), _C(r"^\s*\* (?P<test>(?:test|doctest|property) .+?) \([\d.]+ms\)"),
           remedy="ExUnit ends a test after 60 s by itself unless @tag timeout says otherwise; a hang is then in setup_all or in the application."),
    Runner("xctest", ("Test Case '",), _C(r"^Test Case '(?P<test>[^']+)' started"), _C(r"^Test Case '(?P<test>[^']+)' (?:passed|failed|skipped)"),
           remedy="`xcodebuild -test-timeouts-enabled YES` ends a test that hangs, and names it."),
    Runner("swift-testing", (" started.",), _C(r"^\W*Test (?P<test>(?:\"[^\"]+\"|\S+)) started\.$"), _C(r"^\W*Test (?P<test>(?:\"[^\"]+\"|\S+)) (?:passed|failed|skipped)"),
           remedy="Give the test the trait .timeLimit(.minutes(1))."),
    Runner("bazel", ("Testing //",), _C(r"^\s*Testing (?P<test>//\S+?)(?: \[\d+s[^\]]*\])?;? "), _C(r"^(?P<test>//\S+) +(?:PASSED|FAILED|TIMEOUT|NO STATUS)"),
           remedy="`bazel test --test_timeout=60` ends the target, and `--test_output=streamed` shows what it prints."),
    Runner("playwright", (" \u203a ",), _C(r"^\s*\[\d+/\d+\] (?:\(retries\) )?(?P<test>\[[\w -]+\] \u203a .+?)$"), None,
           remedy="`globalTimeout` in the configuration ends the run with a report; `--timeout` ends each test."),
    Runner("phpunit", ("Test Preparation Started", "' started"), _C(r"^(?:Test Preparation Started \((?P<test>.+)\)|Test '(?P<same>.+)' started)$"),
           _C(r"^(?:Test Finished \((?P<test>.+)\)|Test '(?P<same>.+)' ended)$"), remedy="`phpunit --enforce-time-limit` with pcntl ends a test that takes too long."),
    Runner("minitest", ("#test_",), _C(r"^(?P<test>[\w:]+#test_\w+) = *$"), _C(r"^(?P<test>[\w:]+#test_\w+) = [\d.]+ s = [.FES]"), remedy="Wrap the test in Timeout.timeout to learn where it stands."),
    Runner("prove", (".t ..",), _C(r"^(?P<test>\S+\.t) \.{2,} *$"), _C(r"^(?P<test>\S+\.t) \.{2,} +\S"), remedy="Run this file alone with `prove -v`."),
    Runner("deno test", (" test from ./", " tests from ./"), _C(r"^(?P<test>\S.*?) \.\.\. *$"), _C(r"^(?P<test>\S.*?) \.\.\. (?:\w+ \.\.\. )?(?:ok|FAILED|ignored) \("), remedy="`deno test --trace-leaks` names what is still open."),
    # these write a test when it has ended: what hangs is the one behind the last
    Runner("mocha", ("✓ ", "✔ "), done=_C(r"^ {2,}[✓✔√] (?P<test>\S.*?)(?: \(\d+m?s\))?$"), remedy="`mocha --timeout 10000` ends a test that hangs; `--exit` ends a run that does not."),
    Runner("rspec", ("examples, ", "Randomized with seed"), done=_C(r"^ {2,}(?P<test>[a-z]\S*(?: \S+){1,20})$"), remedy="`rspec -fd --order defined` shows the example; an `around` hook with Timeout ends it."),
    Runner("dotnet test", ("  Passed ",), done=_C(r"^ {2}(?:Passed|Failed|Skipped) (?P<test>\S.*?) \[[^\]]+\]$"), remedy="`dotnet test --blame-hang-timeout 5m` ends the run and names the test."),
    Runner("playwright", (" \u203a ",), done=_C(r"^\s+[✓✘ox-] +\d+ (?P<test>\[?.+ \u203a .+?)(?: \([\d.]+m?s\))?$"), remedy="`globalTimeout` in the configuration ends the run with a report; `--timeout` ends each test."),
    Runner("nextest", ("PASS [",), done=_C(r"^\s*(?:PASS|FAIL) \[ *[\d.]+s\] (?:\(\s*\d+/\d+\) )?(?P<test>\S+ \S+)$")),
    Runner("jest", ("PASS ",), done=_C(r"^ ?(?:PASS|FAIL) +(?:[\w-]+ +)?(?P<test>\S+\.\w+)(?: \([\d.]+ m?s\))?$"), remedy="`jest --detectOpenHandles --runInBand` names what keeps it from ending."),
    Runner("vitest", ("✓ ",), done=_C(r"^ *[✓\u00d7↓] (?:\|[\w-]+\| )?(?P<test>\S+\.(?:test|spec)\.\w+) +\(\d+ tests?"), remedy="`vitest --reporter=hanging-process` names what keeps it from ending."),
)  # fmt: skip
