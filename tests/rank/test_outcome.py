"""Whether a log tells of a failure: exit codes first, then the system's closing line, then what was counted and said."""

from __future__ import annotations

import pytest

from diagnose.rank.outcome import Outcome, outcome_of
from diagnose.scan.rule import Capture
from tests.support.reading import STAMP, github_log, reading_of, rule, shipped_reading_of

FAILS = "##[error]Process completed with exit code 1."
CONTAINER = "##[command]/usr/bin/docker run --name ab12_cd --rm -e INPUT_A 08450d:ab12"
AND_ON = "\nand on" * 13
CAUSE = rule("^error: ", "error: ", id="tool/error")
LIGHT = rule("^notice: ", "notice: ", id="tool/notice", weight=0.3)
TESTED = rule("^E  ", "E  ", id="tests/assert", category="test")
WRAPPER = rule(r"^make: \*\*\*", "make: ***", id="make/failed", kind="wrapper")
TOTALS = rule(
    r"^(?:(?P<failed>\d+) failed, )?(?P<passed>\d+) passed",
    " passed",
    id="tests/totals",
    kind="totals",
    captures=(Capture(r"^(?P<errors>\d+) errors", "below", 2),),
)


def outcome(text: str) -> Outcome:
    return outcome_of(reading_of(text, CAUSE, LIGHT, TESTED, WRAPPER, TOTALS))


@pytest.mark.parametrize(
    ("text", "status", "line"),
    [
        ("", "undetermined", 0),
        ("\n\n", "undetermined", 0),
        ("all quiet\n", "undetermined", 0),
        ("could not find x\n-- Build files have been written to: /w/build\n", "passed", 2),
        ("-Wl,--fatal-warnings\n[95/95] cc -o acme\n", "passed", 2),
        ("[94/95] cc -o acme\nerror: x\n", "failed", 2),
        ("[95/95] cc -o acme\nerror: x\n", "failed", 2),
        ("unknown thing\nBuild completed successfully (80 jobs).\n", "passed", 2),
        (github_log(("make", "fine")), "passed", 8),
        (github_log(("make", FAILS)), "failed", 6),
        (github_log(("make", "error: of no consequence")), "passed", 8),
        (github_log(("acme/a@v1", "##[error]note"), ("make", "fine")), "failed", 6),
        (github_log(("acme/a@v1", f"{CONTAINER}\nerror: at last")), "failed", 7),
        (github_log(("acme/a@v1", f"{CONTAINER}\nerror: x\nAll checks passed")), "passed", 10),
        (github_log(("acme/a@v1", f"{CONTAINER}\nerror: x{AND_ON}")), "passed", 22),
        (github_log(("acme/a@v1", f"{CONTAINER}\nerror: x"), ("make", "fine")), "passed", 14),
        (github_log(("acme/a@v1", f"{CONTAINER}\nnotice: x")), "passed", 9),
        (github_log(("make", "##[error]a matcher's note"), ("make", "fine")), "passed", 13),
        (github_log(("make", "error: x"), closed=False), "failed", 6),
        (github_log(("make", "quiet"), closed=False), "undetermined", 0),
        (f"j\ta\t{STAMP}##[error]Process completed with exit code 2.\n", "failed", 1),
        (f"j\ta\t{STAMP}out\nj\tPost a\t{STAMP}Post job cleanup.\n", "passed", 2),
        ('$ make\nThe command "make" exited with 0.\n\nDone. Your build exited with 0.\n', "passed", 4),
        ('$ make\nThe command "make" exited with 2.\n\nDone. Your build exited with 1.\n', "failed", 4),
        ('$ a\nThe command "a" exited with 1.\n\nDone. Your build exited with 0.\n', "passed", 4),
        ("travis_fold:start:x\ntravis_time:start:1\n$ make\nout\n", "failed", 0),
        ("travis_fold:start:x\n$ make\nNo output has been received in the last 10m0s\n", "failed", 3),
        ("out\nFinished: SUCCESS\n", "passed", 2),
        ("#8 [2/3] RUN make\n#8 1.2 warning: error words\n#8 DONE 2.1s\n", "passed", 3),
        ("* checking examples ... OK\n* DONE\nStatus: 1 NOTE\n", "passed", 3),
        ("out\nFinished: FAILURE\n", "failed", 2),
        ("out\nFinished: ABORTED\n", "failed", 2),
        ("Finished: FAILURE\n" + "more\n" * 60, "undetermined", 0),
        ("error: x\n", "failed", 1),
        ("error: x\nAll checks passed!\n", "passed", 2),
        ("All checks passed!\nerror: x\n", "failed", 2),
        ("notice: x\n", "undetermined", 0),
        ("make: *** [x] Error 1\nAll checks passed!\n", "failed", 2),
        ("3 failed, 2 passed\nAll checks passed!\n", "failed", 2),
        ("E   x\n2 passed\n", "passed", 2),
        ("error: x\n2 passed\n", "failed", 1),
        ("2 passed\n4 errors\n", "failed", 2),
        ("2 passed\n0 errors\n", "passed", 2),
        ("99999999999 failed, 1 passed\n", "passed", 1),
        ("Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'\n", "failed", 0),
        ("KeyError: 'x'\n" + "quiet\n" * 3 + "Successfully built it\n", "passed", 5),
        ("a.c:1:2: warning: unused variable\n", "undetermined", 0),
    ],
)
def test_what_a_log_says_of_the_whole(text: str, status: str, line: int) -> None:
    found = outcome(text)
    assert found.status == status
    assert found.line == line or (found.line and line == 0 and found.status == "failed")
    assert found.why


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("============ 3 passed in 0.12s ============\n", "passed"),
        ("FAILED tests/test_a.py::test_x - assert 1 == 2\n======== 1 failed, 2 passed in 0.12s ========\n", "failed"),
        ("src/a.py:1: error: bad  [misc]\nFound 1 error in 1 file (checked 3 source files)\n", "failed"),
        ("Success: no issues found in 3 source files\n", "passed"),
        ("--- FAIL: TestA (0.00s)\n    a_test.go:7: bad\nFAIL\nFAIL\texample.org/a\t0.01s\n", "failed"),
        ("ok  \texample.org/a\t0.012s\n", "passed"),
        ("test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n", "passed"),
    ],
)
def test_the_shipped_rules_tell_bare_output_apart(text: str, status: str) -> None:
    assert outcome_of(shipped_reading_of(text)).status == status
