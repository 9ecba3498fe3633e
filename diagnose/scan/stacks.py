r"""What stands inside a failure and never tells it: frames of a stack, the heads above them, source that is quoted with its carets.

The line that tells stands above (the JVM, JavaScript, .NET, Ruby, Go, Rust, PHP, Elixir, Haskell, OCaml, Lua, sanitizers) or below
(Python) what is known here. The forms are those of the runtimes' own printers; each was made by running it, or is of its documentation.
"""

from __future__ import annotations

import re
from typing import Final

from diagnose.kit.regex import regex

_LONGEST: Final = 600
_FRAMES: Final = (
    # Java, Kotlin, Scala, JavaScript, .NET, Rust: at acme.Cart.total(Cart.java:12) · at total (/src/cart.js:3:9) · at Acme.Cart.Total() in /src/Cart.cs:line 4
    r"\s*(?:\[\w+\]\s+)?at (?:async |new |static |Object\.<anonymous> )*(?:[\w$.<>/@\[\]`|~+ ,:&{}-]|\(\))*\([^()]*(?:\([^()]*\))?[^()]*\)(?: ~?\[[^\]]*\])?(?: in \S+:line \d+)?",
    r"\s+at (?:async )?(?:\S+ )?(?:\(?(?:file://|node:|webpack|https?://|/|\./|[A-Za-z]:[\\/])?[^\s()]*:\d+(?::\d+)?\)?|<anonymous>|\[native code\])(?: \{)?,?",
    r"\s*(?:\[\w+\]\s+)?\.\.\. (?:\d+ (?:more|common frames omitted)|\d+ lines matching cause stack trace \.\.\.)",
    r"\s*--- End of (?:inner exception stack trace|stack trace from previous location)[\w ]* ---",
    # Python: File "/src/cart.py", line 3, in total · its repetition
    r"[\s|+]*File \"[^\"]+\", line \d+(?:, in .+)?",
    r"[\s|]*\[Previous line repeated \d+ more times?\]",
    # Ruby, Crystal: from cart.rb:3:in 'total' · # ./spec/cart_spec.rb:3:in 'block' · /gems/x.rb:3:in `y'
    r"\s+(?:from |# )?\S+:\d+:in [`'].*'",
    r"\s+from \S+:\d+:\d+ in '.*'",
    # Go: its goroutines, /src/cart.go:3 +0x1d, created by
    r"\t\S+\.(?:go|s):\d+(?: \+0x[0-9a-f]+)?",
    r"created by [\w*()-]*[./][\w./*()-]*(?: in goroutine \d+)?",
    # Rust: 4: acme::total
    r" +\d{1,4}: +(?:0x[0-9a-f]+ - )?[<\w][\w:<>&$ .{}#\[\]*(),'-]*",
    # PHP, gdb, sanitizers, Dart: #0 /src/cart.php(3): total() · #1 0x55d9 in main /src/a.c:5 · #0      main (file:///src/a.dart:3:5)
    r"\s*#\d+ +(?:0x[0-9a-f]+ (?:in )?.*|\{main\}|\S.*\(\d+\): .*|\S.* \([^()]*:\d+(?::\d+)?\)|\[internal function\]: .*|\S.* at \S+:\d+|\S+ \S+:\d+(?::\d+)?(?: \(.*\))?)",
    # valgrind, Swift and Apple: ==12== at 0x10: main (a.c:3) · 3  acme  0x0000000104 main + 12
    r"==\d+== +(?:at|by) 0x[0-9A-F]+: .*",
    r"\d+ +\S+ +0x[0-9a-f]{8,16} .*",
    # Elixir, Erlang: (elixir 1.14.0) lib/enum.ex:3: Enum.sum/1 · lib/cart.ex:2: Cart.total/1
    r"\s+(?:\(\S+ [^()]*\) )?\S+\.[eh]rl:\d+: .*|\s+(?:\(\S+ [^()]*\) )?\S+\.exs?:\d+: \S.*|\s+\(\S+ [\d.]+\S*\) \S.*/\d+",
    # Haskell, OCaml: error, called at src/Cart.hs:3:9 in main:Main · Called from Cart.total in file "cart.ml", line 3
    r"\s+\w+, called at \S+:\d+:\d+ in .*",
    r"(?:Raised|Re-raised|Called|Raised by primitive operation|Re-Raised) (?:at|from) .*",
    # Lua, Perl, Julia, Nim: cart.lua:3: in function 'total' · main::total() called at a.pl line 3 · [2] total(x) @ Main a.jl:3
    r"\s+(?:\[C\]|\S+:\d+): in .*",
    r"\s+\S.* called at \S+ line \d+\.?",
    r"\s+(?:\[\d+\] .*|@ \S+ \S+:\d+)",
)  # fmt: skip
_HEADS: Final = (
    r"\s*(?:stack backtrace|stack traceback|stack trace|stacktrace|backtrace|call stack)(?: \(.*\))?:?",
    r"[\s|+]*(?:Exception Group )?Traceback \(most recent call last\):",
    r"CallStack \(from \w+\):?",
    r"goroutine \d+ \[[^\]]*\]:",
    r"\s*note: run with `RUST_BACKTRACE=\w+` .*|note: Some details are omitted, run with `RUST_BACKTRACE=full`.*",
    r"Node\.js v\d+\.\d+\.\d+",
)
_QUOTED: Final = (
    # carets and tildes under a line; the gutter of a quoted source: 3 | let x = y; · | ^^^ expected u32 · > 2 | it(…) · 27| it(…)
    r"[\s|:>%+]*[\^~][\s^~|+-]*[\^~]?",
    r"\s*(?:>\s?|%\s+|=>\s?)?\d{1,6} ?[|\u2502](?:\s.*)?",
    r"\s+(?:%\s+)?[|\u2502](?:\s{3,}.*|[\s^~_|/\\-]*(?:[\^~-]\s.*)?)",
    r"%\s+[|].*",
)


_INNER: Final = regex(
    rf"(?:(?P<frame>{'|'.join((*_FRAMES, *_HEADS))})|{'|'.join(_QUOTED)})\s*", re.IGNORECASE
)  # one for both questions: it is the longest to compile


def is_frame(text: str) -> bool:
    """Tell whether a line is a frame of a stack, or the head of one."""
    found = _INNER.fullmatch(text[:_LONGEST])
    return found is not None and found["frame"] is not None


def is_inner(text: str) -> bool:
    """Tell whether a line stands inside a failure and says nothing alone: a frame, a stack's head, quoted source, a caret."""
    return _INNER.fullmatch(text[:_LONGEST]) is not None
