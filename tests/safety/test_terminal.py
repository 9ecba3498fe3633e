from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.model.text import Untrusted, phrase
from diagnose.safety.phrases import phrase_to_terminal
from diagnose.safety.terminal import strip_ansi, to_terminal


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[38;5;196mred\x1b[m", "red"),
        ("cut \x1b[3", "cut "),
        ("cut \x1b[3\nnext", "cut \nnext"),
        ("cut \x1b", "cut "),
        ("\x1b\x1b[0m[2Jx", "[2Jx"),
        ("\x1b[\x1b[0m2Jx", "2Jx"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1b]0;title\x1b\\b", "ab"),
        ("a\x1b]0;never ended\nb", "a\nb"),
        ("a\x1bPq#0\x1b\\b", "ab"),
        ("\x1b(Bx", "x"),
        ("a\x9b31mb", "ab"),
        ("a\x9d0;t\x9cb", "ab"),
        ("caf\xe9", "caf\xe9"),
        ("a\r\nb", "a\r\nb"),
    ],
)
def test_sequences_are_dropped(text: str, bare: str) -> None:
    assert strip_ansi(text) == bare


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb\r\r\nc\rd", "a\nb\nc\nd"),
        ("a\x00b", "a<U+0000>b"),
        ("a\x08b\x7f", "a<U+0008>b<U+007F>"),
        ("a\udc9bb", "a\\x9Bb"),
        ("a\ud800b", "a<U+D800>b"),
        ("a\u202eb", "a<U+202E>b"),
        ("a\u200db", "a<U+200D>b"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("\u2764\ufe0f\u200d\U0001f525", "\u2764\ufe0f\u200d\U0001f525"),
        ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
        ("a" + "\u0301" * 30, "a" + "\u0301" * 6),
        ("\U0001fffe", "<U+1FFFE>"),
    ],
)
def test_what_acts_or_hides_is_written_out(text: str, shown: str) -> None:
    assert to_terminal(text) == shown
    assert to_terminal(Untrusted(text)) == shown


def test_a_sequence_in_two_parts_is_seen_whole() -> None:
    assert phrase_to_terminal(phrase("cannot read ", Untrusted("a\x1b[3"), Untrusted("1mb\n c"))) == "cannot read ab c"


@given(st.text(st.characters(codec=None) | st.sampled_from("\x1b[]\x9b\x9d0;m\\\x07\r\n\u200d\ufe0f"), max_size=60))
def test_once_is_enough(text: str) -> None:
    assert strip_ansi(strip_ansi(text)) == strip_ansi(text)
    assert "\x1b" not in strip_ansi(text)
    assert strip_ansi(text).count("\n") == text.count("\n")
    assert to_terminal(to_terminal(text)) == to_terminal(text)
