from __future__ import annotations

import pytest

from diagnose.model.text import Untrusted, phrase
from diagnose.safety.markdown import phrase_to_markdown, to_markdown_block, to_markdown_span


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("", ""),
        (" \n", ""),
        ("a", "` a `"),
        ("a\n b", "` a b `"),
        ("a`b", "`` a`b ``"),
        ("``", "``` `` ```"),
        ("a|b", "` a¦b `"),
        ("#ff0000", '` "#ff0000" `'),
        ("x" * 500, "` " + "x" * 399 + "… `"),
    ],
)
def test_span(text: str, span: str) -> None:
    assert to_markdown_span(text) == span


def test_a_block_is_longer_fenced_than_what_it_holds() -> None:
    assert to_markdown_block("a\n````\nb\n") == "\n\n`````text\na\n````\nb\n`````\n\n"


def test_a_block_is_cut_by_lines() -> None:
    assert to_markdown_block("one\ntwo\nthree\nfour", limit=9) == "\n\n```text\none\ntwo\n… 2 more lines\n```\n\n"
    assert to_markdown_block("one\ntwo", limit=5) == "\n\n```text\none\n… 1 more line\n```\n\n"
    assert to_markdown_block("x" * 30, limit=9) == "\n\n```text\nxxxxxxxxx…\n```\n\n"


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        (("cannot read ", Untrusted("a.txt")), "cannot read ` a.txt `"),
        (("cannot read `", Untrusted("a.txt"), "`."), "cannot read ` a.txt `."),
        (("price $", Untrusted("x"), "$"), "price $ ` x ` $"),
        (("a ` b", Untrusted("x")), "a \\` b` x `"),
        (("run `make`: ", Untrusted("x")), "run `make`: ` x `"),
        (("a <b>\nc",), "a &lt;b> c"),
        ((Untrusted("a"), Untrusted("b")), "` ab `"),
        (("a", "b", Untrusted("")), "ab"),
    ],
)
def test_sentence(parts: tuple[str | Untrusted, ...], line: str) -> None:
    assert phrase_to_markdown(phrase(*parts)) == line
