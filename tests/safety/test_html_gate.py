"""The gate to HTML: only elements and attributes that say something, only addresses that were found good."""

from __future__ import annotations

import re

import pytest

from diagnose.model.text import Untrusted, phrase
from diagnose.safety.html import commit, github, here, page, tag, to_html, together

HOSTILE = '"><script>alert(1)</script><a href="x'


def markup(html: object) -> str:
    return html._markup  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("script", None), ("iframe", None), ("style", None), ("img", None), ("form", None), ("object", None), ("base", None), ("a href", None), ("A", None),
        ("p", {"onclick": "x"}), ("p", {"style": "x"}), ("a", {"src": "x"}), ("a", {"href": "javascript:x"}), ("a", {"href": "https://github.com/a/b/pull/1"}), ("a", {"href": Untrusted("x")}),
        ("p", {"class": '"x'}), ("p", {"class": Untrusted("x")}), ("p", {"id": "a<b"}), ("p", {"title": here("x")}), ("p", {"srcdoc": "x"}), ("p", {"aria-labelledby": "x'"}),
    ],
)  # fmt: skip
def test_what_can_act_is_refused(name: str, attributes: dict[str, str] | None) -> None:
    with pytest.raises(ValueError, match=r"page|takes"):
        tag(name, attributes)


@pytest.mark.parametrize(
    "address",
    [
        "", "javascript:alert(1)", "http://github.com/acme/app/pull/1", "https://github.com.evil.example/acme/app/pull/1", "https://github.com@evil.example/acme/app/pull/1",
        "https://evil.example/https://github.com/acme/app/pull/1", "https://github.com/acme/app/pull/1\nx", "https://github.com/acme/app/pull/1?x=1", "https://github.com/acme/app/pull/1#x",
        "https://github.com/acme/../pull/1", "https://github.com/acme/./pull/1", "https://github.com/acme/app/pull/1/", "https://github.com/acme/app/pull/x", "https://github.com/acme/app/settings",
        "https://github.com/-acme/app/pull/1", "https://github.com/acme/app/commit/DEADBEEF", "https://github.com/acme/app/commit/abc", 'https://github.com/acme/app/pull/1"onclick="x',
        "https://github.com/acme/app/actions/runs/1/delete", "https://github.com/login/oauth/authorize?x", " https://github.com/acme/app/pull/1", "https://github.com/acme/app/pull/٣",
    ],
)  # fmt: skip
def test_any_other_address_is_none(address: str) -> None:
    assert github(Untrusted(address)) is None


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/acme/app/actions/runs/123", "https://github.com/acme/app/actions/runs/123/job/4", "https://github.com/acme/app/actions/runs/123/attempts/2", "https://github.com/acme/a.b_c-d/pull/9",
        "https://github.com/acme/app/issues/1", "https://github.com/acme/app/commit/42e02ac", f"https://github.com/acme/app/compare/{'a' * 40}...{'b' * 40}", "https://github.com/acme/.github/pull/9",
    ],
)  # fmt: skip
def test_places_of_github_are_links(address: str) -> None:
    link = github(Untrusted(address))
    assert link is not None
    assert markup(tag("a", {"href": link}, "x")) == f'<a href="{address}">x</a>'


@pytest.mark.parametrize(
    ("repository", "sha"),
    [
        ("acme", "42e02ac"),
        ("acme/app", "#12"),
        ("acme/app/x", "42e02ac"),
        ("../app", "42e02ac"),
        ("acme/..", "42e02ac"),
        ("", ""),
    ],
)
def test_a_commit_needs_a_repository_and_a_hash(repository: str, sha: str) -> None:
    assert commit(Untrusted(repository), Untrusted(sha)) is None


def test_a_commit_of_a_repository_is_a_link() -> None:
    assert commit(Untrusted("acme/app"), "42e02ac") == github("https://github.com/acme/app/commit/42e02ac")


@pytest.mark.parametrize("place", ["", "A", "a b", '"', "1"])
def test_a_place_is_a_name_of_ours(place: str) -> None:
    with pytest.raises(ValueError, match="no place"):
        here(place)


def test_text_is_escaped_wherever_it_stands() -> None:
    for text in (HOSTILE, Untrusted(HOSTILE), phrase("x ", Untrusted(HOSTILE))):
        out = markup(tag("p", {"title": text, "class": "a"}, text, tag("b", None, text)))
        assert re.findall(r"<[^>]*", out)[1:] == ["<b", "</b", "</p"]
        assert out.count("&quot;&gt;&lt;script&gt;") == 3
    assert markup(together(("<", tag("br"), Untrusted("&")))) == "&lt;<br>&amp;"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (("br",), "<br>"), (("rect", {"x": 1.25, "width": 3}), '<rect x="1.25" width="3"/>'), (("input", {"checked": "", "value": None}), "<input checked>"),
        (("p", None, "a\x1b[31mb\x1b[0m\u202e"), "<p>ab&lt;U+202E&gt;</p>"), (("svg", {"viewBox": "0 0 1 1"}), '<svg viewBox="0 0 1 1"></svg>'),
    ],
)  # fmt: skip
def test_elements_close_as_a_browser_expects(html: tuple[str], expected: str) -> None:
    assert markup(tag(*html)) == expected


def test_a_page_names_its_style_and_script_by_their_hashes() -> None:
    out = page(tag("title", None, "<x>"), tag("p", None, "y"), style="p{}", script="1")
    assert out.startswith(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy"'
    )
    policy = to_html("default-src 'none'; style-src 'sha256-")
    assert policy in out
    assert "unsafe" not in out
    assert (
        out.index("Content-Security-Policy")
        < out.index("<title>&lt;x&gt;")
        < out.index("<style>p{}</style>")
        < out.index("<script>1</script>")
    )


@pytest.mark.parametrize(("style", "script"), [("</style>", ""), ("", "</script>"), ("", "<!--")])
def test_a_script_that_would_end_itself_is_a_bug(style: str, script: str) -> None:
    with pytest.raises(ValueError, match="ends its element"):
        page(tag("title"), tag("p"), style=style, script=script)


def test_nothing_is_markup_by_being_asked() -> None:
    assert not together(())
    assert markup(tag("p", None, str(tag("b", None, "x")))).count("<") == 2
