"""What stands inside a failure and never tells it."""

from __future__ import annotations

import pytest

from diagnose.scan.blocks import Extent, structure_extent, with_stack
from diagnose.scan.stacks import is_frame, is_inner
from tests.support.reading import log_of


@pytest.mark.parametrize(
    "text",
    [
        "", "error: bad", "KeyError: 'x'", "at line 3 the parser gives up", "from now on: broken", "  expected: 3", "E   assert 1 == 2", "#4 is missing", "# 12 tests failed",
        "Caused by: java.io.IOException: gone", "FAILED at 3", "    | ValueError: part 1 is empty", "- old", "+ new", "12 errors", "^C", "| name | failed |", "goroutine pool is empty",
        "created by hand", "    at the end of the file", "[1] 4711 killed", "1: too few arguments",
    ],
)  # fmt: skip
def test_what_tells_is_neither_frame_nor_quoted(text: str) -> None:
    assert not is_frame(text)
    assert not is_inner(text)


@pytest.mark.parametrize(
    "text",
    [
        "\tat acme.Cart.total(Cart.java:12)", "    at total (/src/cart.js:3:9)", "    at async Promise.all (index 0)", "    at file:///src/cart.mjs:2:7", "[error] \tat acme.Main$.main(Main.scala:5)",
        "   at Acme.Cart.Total(Int32 n) in /src/Cart.cs:line 21", "   --- End of inner exception stack trace ---", "\t... 12 more", "    ... 5 lines matching cause stack trace ...",
        '  File "/src/cart.py", line 3, in total', '    |   File "/src/cart.py", line 3, in total', "Traceback (most recent call last):", "  [Previous line repeated 996 more times]",
        "\tfrom cart.rb:3:in `total'", "     # ./spec/cart_spec.rb:3:in 'block (2 levels) in <main>'", "goroutine 18 [running]:", "\t/src/cart.go:3 +0x1d", "created by main.main in goroutine 1",
        "   4: acme::total", "             at ./src/lib.rs:2:46", "stack backtrace:", "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
        "#0 /src/cart.php(3): total()", "#1 {main}", "    #1 0x55d9419e4166 in main /src/leak.c:3", "#1      main (file:///src/cart.dart:4:12)", "==12==    at 0x10917B: main (ms.c:3)",
        "0    libswiftCore.so                    0x00007f1d2e5c1f80 fatal + 113", "    cart.exs:2: Cart.total/1", "    (elixir 1.14.0) lib/code.ex:1245: Code.require_file/2",
        "  error, called at src/Cart.hs:3:9 in main:Main", "CallStack (from HasCallStack):", 'Called from Cart.total in file "cart.ml", line 3, characters 2-9',
        "\ta.lua:3: in main chunk", "\t[C]: in ?", "\tmain::total() called at a.pl line 3", " [2] total(c::Dict{String, Int64})", "   @ Main /src/cart.jl:2", "Node.js v20.20.2",
    ],
)  # fmt: skip
def test_frames_and_heads_of_stacks(text: str) -> None:
    assert is_frame(text)
    assert is_inner(text)


@pytest.mark.parametrize(
    "text",
    [
        "      ^~~~",
        "  |      ^^^ expected `u32`, found `&str`",
        "    5 | int area(int w);",
        "> 2 |   it(1)",
        "  912 \u2502   *zoom: 1;",
        "  |",
        "%    3| f() -> g(X).",
        "       |     items",
    ],
)
def test_quoted_source_is_inside_and_no_frame(text: str) -> None:
    assert is_inner(text)
    assert not is_frame(text)


def test_long_lines_cost_little() -> None:
    for text in (
        " at " + "a(b" * 90_000,
        "at " + "a" * 300_000,
        " " * 300_000,
        "#1 " + "a (x:1" * 50_000,
        "   1: " + "a" * 300_000,
    ):
        assert is_inner(text) in (True, False)


@pytest.mark.parametrize(
    ("text", "number", "first_last"),
    [
        ("Fault: no total\n    at a (/x/a.js:1:2)\n    at b (/x/b.js:1:2)\ndone\n", 1, (1, 4)),
        ('Traceback (most recent call last):\n  File "a.py", line 1, in f\n    f()\nBroken: x\n', 4, (1, 4)),
        ('words\n  File "a.py", line 1, in f\n    f()\n    ^^^\nBroken: x\n', 5, (2, 5)),
        ("words\n\nBroken: x\n", 3, (3, 3)),
        ("Fault\n" + "    at a (/x/a.js:1:2)\n" * 30, 1, (1, 31)),
        ("undefined total\n\n  cart.total\n      ^^^^^\n", 1, (1, 1)),
        ("Fault\n\n    at a (/x/a.js:1:2)\n", 1, (1, 3)),
        ("cannot read it\n+ rm -rf build\n", 1, (1, 1)),
    ],
)
def test_a_stack_belongs_to_the_line_that_it_explains(text: str, number: int, first_last: tuple[int, int]) -> None:
    found = structure_extent(log_of(text), number, 99)
    assert (found.first, found.last) == first_last


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("bad\nwords\n", 1),
        ("bad\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)\nwords\n", 3),
        ("bad\n\tat a.B.c(B.java:1)\nCaused by: a.E: worse\n\tat a.B.d(B.java:2)\n\t... 1 more\nwords\n", 5),
        ("bad\n    at a (/x/a.js:1:2) {\n  [cause]: TypeError: x\n      at b (/x/b.js:1:2)\n}\n", 4),
        ("bad\n\nstack backtrace:\n   0: acme::total\n             at ./src/lib.rs:2:46\n\nwords\n", 5),
    ],
)
def test_a_rules_block_goes_on_through_the_stack_below_it(text: str, last: int) -> None:
    assert with_stack(log_of(text), Extent(1, 1, 1, {})) == Extent(1, 1, last, {})
