"""JSON, memory, HTML, SARIF, the runner and its files."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import pytest

from diagnose.model.text import Untrusted, phrase
from diagnose.safety.html import to_html
from diagnose.safety.json_out import to_json
from diagnose.safety.plain import plain
from diagnose.safety.redact import Redactor
from diagnose.safety.runner import annotation, live_command, to_runner
from diagnose.safety.runner_file import RefusedValueError, to_runner_file
from diagnose.safety.sarif import to_sarif_text, to_sarif_uri
from diagnose.safety.store import to_store

TOKEN = "ghp_" + "a1B2" * 9


def test_json_opens_what_it_is_given() -> None:
    tree = {
        "a": Untrusted("x\n"),
        "b": [phrase("y ", Untrusted("z")), None, True, 1, 0.5],
        "at": datetime(2026, 11, 21, 2, tzinfo=UTC),
    }
    assert json.loads(to_json(tree)) == {
        "a": "x\n",
        "b": ["y z", None, True, 1, 0.5],
        "at": "2026-11-21T02:00:00+00:00",
    }
    assert to_json({"a": (1, 2)}, indent=2) == '{\n  "a": [\n    1,\n    2\n  ]\n}'


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("\u2028\x85\x7f", '"\\u2028\\u0085\\u007f"'),
        ("\x7f", '"\\u007f"'),
        ("</script><!--]]>", '"<\\/script>\\u003c!--]]\\u003e"'),
        ("\ud800x", '"\ufffdx"'),
        ("\u202ex", '"\u202ex"'),
    ],
)
def test_json_text(text: str, written: str) -> None:
    assert to_json(text) == written


def test_json_for_a_terminal_escapes_what_hides() -> None:
    assert to_json("a\u202eb\U000e0041", tty=True) == '"a\\u202eb\\udb40\\udc41"'


@pytest.mark.parametrize(("value", "error"), [(math.nan, ValueError), (object(), TypeError), ({(1, 2): 3}, TypeError)])
def test_json_refuses_what_is_a_bug(value: object, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"\w"):
        to_json(value)


def test_memory_keeps_no_secret_and_no_sequence() -> None:
    assert to_store(phrase("a ", Untrusted(f"\x1b[31m{TOKEN}\x07\nb"))) == "a [secret:github-token]<U+0007>\nb"
    assert to_store("a\n  b\t c", one_line=True) == "a b c"
    assert to_store("x" * 50, limit=10) == "x" * 9 + "…"
    assert (
        to_store("my hunter2-horse-Zw7", redactor=Redactor({"DB_PASSWORD": "hunter2-horse-Zw7"})) == "my [secret:value]"
    )
    assert to_store(TOKEN, limit=8) == "[secret…"


def test_plain_joins() -> None:
    assert plain(phrase("a", Untrusted("\x1b"), "b")) == "a\x1bb"


def test_html_and_sarif() -> None:
    assert to_html("<b a='\"'>&\x1b[0m\x00") == "&lt;b a=&#x27;&quot;&#x27;&gt;&amp;&lt;U+0000&gt;"
    assert to_sarif_text("[a](b) c\\d") == "\\[a\\](b) c\\\\d"
    assert to_sarif_uri("a b/[id].tsx") == "a%20b/%5Bid%5D.tsx"
    assert to_sarif_uri("../a") is None


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("::error::x", "error"),
        (" \u3000::Notice file=a::x", "notice"),
        ("::error:\u200b:x", "error"),
        ("build ##[group]x", "group"),
        ("##[set-output name=a]b", "set-output"),
        ("a ::error::x", None),
        ("::unknown::x", None),
        ("::error", None),
        ("##[error", None),
        ("std::error::Error", None),
    ],
)
def test_the_runners_parser(line: str, command: str | None) -> None:
    assert live_command(line) == command


def test_lines_for_the_runner() -> None:
    assert (
        to_runner(["a\r::error::b", Untrusted("##[group]c\x85::d::"), phrase("e")])
        == "| a\n| ::error::b\n| ##\\[group]c\n| ::d::\n| e\n"
    )
    assert to_runner("x") == "| x\n"
    assert to_runner("a ##[##[group]b") == "| a ##\\[##\\[group]b\n"


def test_annotations() -> None:
    assert (
        annotation("error", "a: 50%\nb", file="src/a,b.py", line=3, title="x:y")
        == "::error file=src/a%2Cb.py,line=3,title=x%3Ay::a: 50%25%0Ab\n"
    )
    assert annotation("notice", Untrusted("a\x1b[2J"), file="../../etc/passwd", line=1) == "::notice::a\n"
    assert len(annotation("warning", "x" * 10_000)) < 5_000


@pytest.mark.parametrize(
    ("name", "value", "delimiter"),
    [
        ("a b", "x", "0" * 32),
        ("", "x", "0" * 32),
        ("a\n", "x", "0" * 32),
        ("a", "x", "EOF"),
        ("a", "x", "0" * 16 + "\n"),
        ("a", "x\0", "0" * 32),
        ("a", "x\r", "0" * 32),
        ("a", "\ud800", "0" * 32),
        ("a", "ghadelimiter_" + "0" * 32, "0" * 32),
    ],
)
def test_outputs_that_are_refused(name: str, value: str, delimiter: str) -> None:
    with pytest.raises(RefusedValueError):
        to_runner_file(name, value, delimiter=delimiter)


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (0.5, "0.5"), (3, "3"), ("a\nb", "a\nb")])
def test_outputs(value: str | float, text: str) -> None:
    mark = "ghadelimiter_" + "0" * 32
    assert to_runner_file("verdict", value, delimiter="0" * 32) == f"verdict<<{mark}\n{text}\n{mark}\n"
