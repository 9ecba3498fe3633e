"""Places by form: lines as tools print them, in; file, line, column and severity, out."""

from __future__ import annotations

import pytest

from diagnose.scan.places import heading, spot_of


@pytest.mark.parametrize(
    "text",
    [
        "",
        "all is well",
        "12:30:45 started",
        "2026-01-02 03:04:05 INFO started",
        "https://example.org/a.html:443/x",
        "http://localhost:8080: connection refused",
        "see example.com:443 for more",
        "10.0.0.1:80: refused",
        "version 1.2.3:4",
        "Ran 3 tests in 0.1s",
        "a.c:0: nothing stands on line 0",
        "ratio 3:4",
    ],
)
def test_what_names_no_place(text: str) -> None:
    assert spot_of(text) is None


@pytest.mark.parametrize(
    ("text", "file", "line", "column", "severity"),
    [
        ("src/a.c:3:9: error: expected ';'", "src/a.c", 3, 9, "error"),
        ("src/a.c:3: warning: unused", "src/a.c", 3, None, "warning"),
        ("a.go:3:9: undefined: x", "a.go", 3, 9, ""),
        ("C:\\w\\a.c:3:9: fatal error: no", "C:\\w\\a.c", 3, 9, "fatal error"),
        ("pkg/a.py:3: [C0103, f] Invalid name", "pkg/a.py", 3, None, ""),
        ("a.py:3:1: E302 expected 2 blank lines", "a.py", 3, 1, ""),
        ("  src/a.ts:3:9 - error TS2304: Cannot find name 'x'.", "src/a.ts", 3, 9, "error"),
        ("ERROR: src/a.proto:3:9: unexpected token", "src/a.proto", 3, 9, ""),
        ("[WARNING] /w/A.java:[3,9] [unchecked] cast", "/w/A.java", 3, 9, ""),
        ("[ERROR] C:\\w\\A.java:[3,9] cannot find symbol", "C:\\w\\A.java", 3, 9, ""),
        ("a.cs(3,9): error CS1002: ; expected", "a.cs", 3, 9, "error"),
        ('..\\a.c(3): error:  #18: expected a ")"', "..\\a.c", 3, None, "error"),
        ("1>a.vb(3,9): warning BC4: x", "a.vb", 3, 9, "warning"),
        ('"a.c", line 3: Error: no', "a.c", 3, None, ""),
        ('  File "a.py", line 3, in f', "a.py", 3, None, ""),
        ("Error: a.f90, line 3: no", "a.f90", 3, None, "error"),
        ("PHP Parse error: syntax error, unexpected '}' in /w/a.php on line 3", "/w/a.php", 3, None, ""),
        ("no such thing at t/a.pl line 3.", "t/a.pl", 3, None, ""),
        ("# (in test file test/a.bats, line 3)", "test/a.bats", 3, None, ""),
        ("  --> src/main.rs:3:9", "src/main.rs", 3, 9, ""),
        ("    at f (src/a.js:3:9)", "src/a.js", 3, 9, ""),
        ("/w/tests/CartTest.php:8", "/w/tests/CartTest.php", 8, None, ""),
        ("  on main.tf line 3, in resource", "main.tf", 3, None, ""),
        ("lua5.4: a.lua:3: ')' expected", "a.lua", 3, None, ""),
        ("Makefile:3: *** missing separator.  Stop.", "Makefile", 3, None, ""),
        ("::error file=conf/a.yml,line=3,col=9::3:9 [colons] too many", "conf/a.yml", 3, 9, "error"),
        ("   3:9  error  'x' is not defined  no-undef", "", 3, 9, "error"),
    ],
)
def test_what_names_a_place(text: str, file: str, line: int, column: int | None, severity: str) -> None:
    spot = spot_of(text)
    assert spot is not None
    assert (spot.file, spot.line, spot.column, spot.severity) == (file, line, column, severity)


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("src/a.js", "src/a.js"),
        ("/home/runner/work/a/a/src/a.js", "/home/runner/work/a/a/src/a.js"),
        ("C:\\w\\a.js", "C:\\w\\a.js"),
        ("./a.yml:", "./a.yml"),
        ("all is well", ""),
        ("Finished in 3.14", ""),
        ("", ""),
    ],
)
def test_a_file_on_a_line_of_its_own(text: str, file: str) -> None:
    assert heading(text) == file


@pytest.mark.timeout(5)
@pytest.mark.parametrize("unit", ["a.b:1", "(", "line 1 ", "/", "a ", " in a line 1", "[", ":1:", "\u00d7 "])
def test_long_hostile_lines_come_to_an_end(unit: str) -> None:
    text = unit * 20_000
    assert spot_of(text) is None or unit in ("a.b:1", " in a line 1", ":1:", "line 1 ")
    assert heading(text) in ("", text)
