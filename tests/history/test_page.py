"""The page as text: whole without its script, every word through the gate, nothing of it from elsewhere."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from diagnose.history import page as module
from diagnose.history.chosen import chosen, last_day
from diagnose.history.page import history_page
from diagnose.memory.history import History
from diagnose.memory.wanted import Wanted
from tests.support.histories import REPO, TODAY, busy, event, green, known
from tests.support.security import cases_of, judge_of

DAY = TODAY.date()
SOME = busy(60, 12)


class Elements(HTMLParser):
    """Every element with its attributes and the text in it, up to its end."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def of(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.all if tag in tags]


def test_nothing_recorded_is_said_and_has_no_chart() -> None:
    out = history_page(History(), DAY)
    assert "Nothing is recorded yet." in out
    assert "%" not in re.sub(r"<style>.*?</style>|<script>.*?</script>", "", out, flags=re.DOTALL)
    assert Elements(out).of("svg", "table", "input", "nav") == []
    assert "Nothing that is recorded fits." in history_page(History(), DAY, filtered=True)


def test_patterns_of_a_record_alone_have_no_figures() -> None:
    out = history_page(History((known(1, how="record", solution="hold it", seen=4, state="resolved"),)), DAY)
    assert "1 pattern, no failure kept here." in out
    assert "seen 4 times, no run of it is kept here" in out
    assert "target" not in re.sub(r"<style>.*?</style>|<script>.*?</script>", "", out, flags=re.DOTALL)


def test_one_failure_is_a_page() -> None:
    out = history_page(History((known(1),), (event(1),)), DAY)
    assert "1 failure in one week." in out
    assert "had been seen before" not in out


def test_every_chart_has_words_and_a_table() -> None:
    elements = Elements(history_page(SOME, DAY))
    charts = [one for one in elements.of("svg") if one.get("class") == "chart"]
    assert len(charts) == 3
    assert [one.get("class") for one in elements.of("details")].count("data") == 3
    ids = {one["id"] for one in elements.of("title") if one.get("id")}
    assert {one["aria-labelledby"] for one in charts} == ids
    assert all(one.get("aria-hidden") or one.get("role") == "img" for one in elements.of("svg"))


def test_places_are_named_once_and_every_link_leads_somewhere() -> None:
    elements = Elements(history_page(SOME, DAY))
    ids = [one["id"] for _, one in elements.all if one.get("id")]
    assert [name for name, times in Counter(ids).items() if times > 1] == []
    links = [str(one["href"]) for one in elements.of("a")]
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    assert all(link.startswith(("#", "https://github.com/")) for link in links)
    assert {one.get("rel") for one in elements.of("a") if not str(one["href"]).startswith("#")} == {"noreferrer"}
    labels = {one["for"] for one in elements.of("label")}
    assert {one["id"] for one in elements.of("input", "select")} == labels


def test_nothing_is_loaded_and_only_our_script_and_style_may_run() -> None:
    out = history_page(SOME, DAY)
    elements = Elements(out)
    assert [tag for tag, one in elements.all if {"src", "srcset", "style", "action", "data", "poster"} & set(one)] == []
    assert [name for _, one in elements.all for name in one if name.startswith("on")] == []
    assert len(elements.of("script")) == len(elements.of("style")) == 1
    policy = next(
        str(one["content"]) for one in elements.of("meta") if one.get("http-equiv") == "Content-Security-Policy"
    )
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; script-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'",
        policy,
    )
    assert "url(" not in out.split("</style>")[0]
    assert "@import" not in out


def test_the_newest_sightings_are_listed_and_the_rest_is_counted() -> None:
    out = history_page(History((known(1, seen=50),), tuple(event(1, 50 - place) for place in range(50))), DAY)
    assert out.count('<td class="day">') == 20
    assert "30 older sightings not listed." in out


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"https://github.com/{REPO}/actions/runs/904/job/90410", ">job 90410</a>"), (f"https://github.com/{REPO}/actions/runs/904", ">run 904</a>"), (f"https://github.com/{REPO}/pull/412", ">pull 412</a>"),
        (f"https://github.com/{REPO}/commit/{'0a' * 20}", ">commit 0a0a0a0</a>"), (f"https://github.com/{REPO}/compare/{'0a' * 20}...{'0b' * 20}", ">compare 0a0a0a0...0b0b0b0</a>"),
        ("https://github.com/acme/other/pull/1", ">acme/other/pull 1</a>"), ("https://ci.example.org/run/7", "<dd>https://ci.example.org/run/7</dd>"),
    ],
)  # fmt: skip
def test_links_are_named_by_what_they_lead_to(address: str, said: str) -> None:
    assert said in history_page(History((known(1, links=(address,)),), (event(1),)), DAY)


def test_untrusted_sightings_are_told_apart() -> None:
    out = history_page(History((known(1),), (event(1, 3, trusted=False), event(1, 2), event(1, 1, trusted=False))), DAY)
    assert "Where it was seen (2 times on untrusted refs)" in out
    assert out.count("(untrusted ref)") == 2


def test_failed_tests_are_named_the_most_frequent_first() -> None:
    events = tuple(event(1, 20 - place, tests=("test_often", f"test_{place:02}")) for place in range(12))
    out = history_page(History((known(1),), events), DAY)
    assert "<dt>Tests</dt><dd><code>test_often</code>, <code>test_00</code>" in out
    assert "<code>test_08</code> and 3 more tests</dd>" in out


def test_what_does_not_fit_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SECTIONS", 5)
    out = history_page(History(SOME.patterns, SOME.events, SOME.greens, older=7, unreadable=2), DAY)
    assert out.count('<li class="p ') == 5
    for said in (
        "7 older patterns not on this page",
        "7 older failures not counted.",
        "2 rows of the memory not read: no date.",
    ):
        assert said in out


@pytest.mark.parametrize("ident", ["", "../../x", '"><b>', "0" * 40, "p1"])
def test_an_id_that_is_not_ours_names_no_place(ident: str) -> None:
    out = history_page(History((known(1, id=ident), known(2, id=ident)), (event(1), event(2))), DAY)
    assert {one["id"] for one in Elements(out).of("details") if one.get("id", "") != "more" and one.get("id")} == {
        "p-x-1",
        "p-x-2",
    }


def test_two_repositories_with_the_same_pattern_have_two_places() -> None:
    out = history_page(History((known(1, id="6f1a2b3c"), known(2, id="6f1a2b3c", repository="acme/other")), ()), DAY)
    assert 'id="p-6f1a2b3c"' in out
    assert 'id="p-6f1a2b3c-2"' in out


@pytest.mark.parametrize(
    ("more", "newest", "state"),
    [
        ({"state": "open"}, {}, "open"),
        ({"state": "open"}, {"escalated": True}, "needs a person"),
        ({"state": "came-back", "minutes": 40.0}, {}, "came back, was fixed in 40 min"),
        ({"state": "came-back"}, {"escalated": True}, "came back, needs a person"),
        ({"state": "resolved", "minutes": 40.0}, {"escalated": True}, "fixed in 40 min"),
        ({"state": "resolved", "elapsed": 3.0}, {}, "fixed, green after 3 h"),
        ({"state": "resolved"}, {}, "fixed"),
        ({"state": "resolved", "minutes": 48.0, "how": "green-run", "solution": "x"}, {}, "fixed, not confirmed"),
        ({"state": "resolved", "minutes": 48.0, "how": "person", "solution": "x"}, {}, "fixed in 48 min"),
        ({"state": "stale"}, {}, "open, not seen lately"),
        ({"state": "stale", "solution": "x", "minutes": 5.0}, {}, "fixed in 5 min"),
        ({"state": "withdrawn"}, {"escalated": True}, "withdrawn"),
        ({"state": "wrong"}, {}, "said not to be one"),
    ],
)
def test_where_a_pattern_stands(more: dict[str, Any], newest: dict[str, Any], state: str) -> None:
    out = history_page(History((known(1, **more),), (event(1, **newest),)), DAY)
    said = re.search(r'<span class="state \w+">(?:<span aria-hidden="true">.</span> )?([^<]*)<', out)
    assert said is not None
    assert said[1] == state


@pytest.mark.parametrize(
    ("fixed_by", "link", "linked"),
    [
        ("42e02ac", f"https://github.com/{REPO}/actions/runs/7", True),
        ("42e02ac", "", False),  # nothing says that it is on github.com
        ("42e02ac", "https://github.com/evil/other/actions/runs/7", False),
        ("42e02ac", f"https://github.example.com/{REPO}/actions/runs/7", False),
        ("the revert", f"https://github.com/{REPO}/actions/runs/7", False),
    ],
)
def test_a_commit_is_linked_only_where_it_is_known_to_be(fixed_by: str, link: str, linked: bool) -> None:  # noqa: FBT001 - a table
    out = history_page(History((known(1, fixed_by=fixed_by, solution="x"),), (event(1, link=link),)), DAY)
    assert (f"https://github.com/{REPO}/commit/{fixed_by}" in out) is linked
    assert fixed_by in out


@pytest.mark.parametrize(
    ("wanted", "failures", "patterns"),
    [
        (Wanted(), 3, 3), (Wanted(job="LINT"), 1, 1), (Wanted(category="lint"), 1, 2), (Wanted(verdict="flaky"), 1, 1), (Wanted(branch="topic"), 1, 1), (Wanted(repository="acme/none"), 0, 0),
        (Wanted(state="resolved"), 1, 1), (Wanted(since=event(1, 2.5).at), 2, 3), (Wanted(until=event(1, 2.5).at), 1, 1), (Wanted(job="lint", verdict="flaky"), 0, 0),
    ],
)  # fmt: skip
def test_filters_choose_failures_and_their_patterns(wanted: Wanted, failures: int, patterns: int) -> None:
    history = History(
        (known(1), known(2, state="resolved", category="lint"), known(3, category="lint", seen=2)),
        (event(1, 3, branch="topic"), event(2, 2, job="lint (all)", category="lint"), event(1, 1, verdict="flaky")),
    )
    found = chosen(history, wanted)
    assert (len(found.events), len(found.patterns)) == (failures, patterns)
    if wanted != Wanted():
        assert (
            "Only a part of what is recorded" in history_page(found, last_day(wanted, TODAY), filtered=True)
            or not found.patterns
        )


def hostile(texts: list[str]) -> History:
    """A history that says each of these texts wherever somebody else may say something."""
    patterns, events, greens = [], [], []
    for key, text in enumerate(texts, 1):
        own = dict.fromkeys(
            ("repository", "title", "root_cause", "solution", "fixed_by", "who", "id", "category", "tool"), text
        )
        said = dict.fromkeys(("repository", "target", "job", "commit", "branch", "link", "tool"), text)
        patterns.append(known(key, **own, lines=(text, text), links=(text,), how="person", state="resolved"))
        events += [
            event(key, 3, **said, tests=(text,), verdict="flaky"),
            event(key, 2, **said, tests=(text,), verdict="flaky", again=True),
            event(key, 1, **said, trusted=False),
        ]
        greens.append(green(2.5, job=text, branch=text, commit=text, repository=text))
    return History(tuple(patterns), tuple(events), tuple(greens))


def body(texts: list[str]) -> str:
    """The page of that history without our own style and script."""
    return re.sub(
        r"<style>.*?</style>|<script>.*?</script></body>", "", history_page(hostile(texts), DAY), flags=re.DOTALL
    )


def inputs() -> dict[str, str]:
    """Every hostile text by its case, each once."""
    found = {case["id"]: case["input"] for name in ("html", "markdown-live") for case in cases_of(name)}
    found |= {
        case["id"]: base64.b64decode(case["b64"]).decode("utf-8", "surrogateescape") for case in cases_of("terminal")
    }
    return {ident: text for ident, text in found.items() if text and "\n" not in ident}


def test_nothing_hostile_is_alive_in_the_page() -> None:
    """Hostile words make the very elements and attributes that plain ones make: not one more, not one other. (Of words that vanish in the gate a row may be missing.)"""
    judge = judge_of()
    texts = list(dict.fromkeys(inputs().values()))
    assert len(texts) > 300

    def elements(texts: list[str]) -> Counter[tuple[str, str]]:
        parsed = judge._Html()
        parsed.feed(body(texts))
        parsed.close()
        return Counter(parsed.out)

    assert elements(texts) - elements([f"plain words {place}" for place in range(len(texts))]) == Counter()
    assert judge.live_terminal(body(texts)) == []
    history_page(hostile(texts), DAY).encode("utf-8")


@pytest.mark.parametrize("text", ["<b>zq</b>", "<img src=x onerror=zq>", "</td></tr></table>zq"])
def test_the_judge_sees_what_gets_past_the_gate(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = judge_of()
    plain = body(["plain words"])
    assert judge.live_html(body([text]), "zq", plain) == []
    monkeypatch.setattr("diagnose.safety.html.to_html", lambda said: said if isinstance(said, str) else text)
    assert judge.live_html(body([text]), "zq", plain) != []


def test_no_secret_that_a_foreign_store_holds_reaches_the_page() -> None:
    cases = [
        case for case in cases_of("secrets") if case.get("keep") != "all" and not case.get("env") and case.get("values")
    ]
    out = history_page(hostile(["".join(case["parts"]) for case in cases]), DAY)
    values = [(case["id"], "".join(value)) for case in cases for value in case["values"]]
    assert len(values) > 300
    assert [ident for ident, value in values if len(value) > 7 and value in out] == []


CSS = (Path(module.__file__).parent / "page.css").read_text("utf-8")


def luminance(colour: str) -> float:
    digits = colour.lstrip("#") if len(colour) == 7 else "".join(2 * digit for digit in colour.lstrip("#"))
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green_, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green_ + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize(
    ("ink", "paper", "least"),
    [(ink, paper, 4.5) for ink in ("fg", "dim", "acc", "warn", "bad", "good") for paper in ("bg", "soft")] + [(f"k{place}", "bg", 2.9) for place in range(1, 7)] + [("mut", "bg", 3)],
)  # fmt: skip
def test_colours_can_be_read_in_both_themes(theme: int, ink: str, paper: str, least: float) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 for text; 1.4.11: 3 to 1 for shapes (the grey of one kind is at 2.9; its number stands beside it)."""
    colours = dict(re.findall(r"--(\w+):(#[0-9a-f]{3,6})", re.findall(r":root\{(.*?)\}", CSS, re.DOTALL)[theme]))
    light, dark = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= least, (colours[ink], colours[paper])


def test_a_page_of_five_thousand_failures_is_bounded() -> None:
    out = history_page(busy(5_000, 900, days=180), DAY)
    assert len(out.encode()) < 4_000_000
    assert out.count('<li class="p ') == 900
    json.dumps(out)
