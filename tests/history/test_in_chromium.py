"""The page in a real browser: search, filters, keyboard, without its script, on a phone and on paper; nothing complained, nothing asked of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from diagnose.history.page import history_page
from diagnose.memory.history import History
from tests.history.test_page import hostile, inputs
from tests.support.histories import TODAY, busy, event, known

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.chromium import Chromium

PATTERNS = (
    known(
        1,
        id="aaaa0001",
        title="The beam is too wide",
        lines=("E   AssertionError: assert beam.width == 19.98", "tests/test_beam.py:41: in test_width"),
        state="resolved",
        minutes=40.0,
        solution="hold it",
    ),
    known(
        2,
        id="bbbb0002",
        title="The mirror does not answer",
        category="network",
        lines=("curl: (28) Failed to connect to mirror.example.org port 443 after 129532 ms",),
        repository="acme/tides",
    ),
    known(
        3,
        id="cccc0003",
        title="An unused import in the lamp",
        category="lint",
        lines=("lamp/keeper.py:3:8: F401 `os` imported but unused",),
    ),
)
EVENTS = (
    event(3, 40, job="lint", category="lint", verdict="change"), event(2, 20, category="network", verdict="infrastructure", repository="acme/tides", escalated=True), event(1, 10, verdict="flaky"),
    event(1, 3, verdict="change", again=True, recognised=True), event(1, 2, job="build <&>", verdict="base", again=True),
)  # fmt: skip
SMALL = History(PATTERNS, EVENTS)
SHOWN = "[...document.querySelectorAll('.p')].filter(one => one.getClientRects().length).map(one => one.querySelector('details').id)"
ALL = ["p-aaaa0001", "p-bbbb0002", "p-cccc0003"]
COUNT = "document.getElementById('count').textContent"
FOCUS = "document.activeElement.id || document.activeElement.parentNode.id"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "history.html"
    file.write_text(history_page(SMALL, TODAY.date()), "utf-8")
    return file


@pytest.fixture
def page(chromium: Chromium, small: Path) -> Chromium:
    chromium.look(1280)
    chromium.open(small)
    return chromium


def choose(page: Chromium, field: str, value: str) -> None:
    """Set a field as a reader does, and let the page answer."""
    page.value(
        f"(() => {{ const field = document.getElementById('{field}'); field.value = '{value}'; field.dispatchEvent(new Event('change', {{bubbles: true}})); }})()"
    )
    page.settle()


def number(page: Chromium, words: str) -> str:
    """The value of the option with these words."""
    found: str = page.value(
        f"[...document.querySelectorAll('option')].find(one => one.textContent === {words!r}).value"
    )
    return found


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_it_fits_every_width_in_both_themes(chromium: Chromium, small: Path, width: int, dark: bool) -> None:  # noqa: FBT001 - a table
    chromium.look(width, dark=dark)
    chromium.open(small)
    chromium.value("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert chromium.value("document.documentElement.scrollWidth <= innerWidth")
    paper = chromium.value("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(15, 19, 23)" if dark else "rgb(255, 255, 255)")
    assert chromium.value(SHOWN) == ALL
    assert chromium.complaints() == []


def test_a_complaint_would_be_heard(page: Chromium) -> None:
    page.value(
        "(() => { const one = document.createElement('script'); one.textContent = 'window.ran = 1'; document.body.append(one); })()"
    )
    page.value(
        "(() => { const one = new Image(); one.src = 'https://example.org/x.png'; document.body.append(one); return new Promise(done => { one.onerror = done; }); })()"
    )
    page.value("console.error('heard')")
    assert page.value("window.ran") is None
    said = " ".join(page.complaints())
    assert "heard" in said
    assert said.count("Content Security Policy") >= 2


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", ALL), ("zebra", []), ("BEAM", ["p-aaaa0001"]), ("beam zebra", []), ("test_width", ["p-aaaa0001"]), ("acme/tides", ["p-bbbb0002"]), ("F401", ["p-cccc0003"]), ("hold it", ["p-aaaa0001"]),
        ("  curl: (28) Failed to connect to mirror.example.org port 443 after 7 ms", ["p-bbbb0002"]),  # figures differ
        ("E   AssertionError: assert tide.height == 4 in the harbor of the old town", []),
        ("<script>alert(1)</script>", []), ("...", ALL), ("[(*+?", ALL),
    ],
)  # fmt: skip
def test_search_finds_words_and_pasted_lines(page: Chromium, asked: str, shown: list[str]) -> None:
    page.value("document.getElementById('q').focus()")
    page.write(asked)
    assert page.value(SHOWN) == shown
    assert page.value(COUNT) == {3: "3 patterns", 0: "No pattern fits"}.get(len(shown), f"{len(shown)} of 3 patterns")
    assert page.value("document.getElementById('clear').hidden") is (len(shown) == 3)
    assert page.complaints() == []


@pytest.mark.parametrize(
    ("pressed", "shown"),
    [
        ("st-person", ["p-bbbb0002"]),
        ("st-open", ["p-cccc0003"]),
        ("st-fixed", ["p-aaaa0001"]),
        ("ca-lint", ["p-cccc0003"]),
        ("ca-infra", ["p-bbbb0002"]),
        ("ca-test", ["p-aaaa0001"]),
        ("st-all", ALL),
    ],
)
@pytest.mark.parametrize("script", [True, False])
def test_state_and_category_filter_with_and_without_the_script(
    chromium: Chromium,
    small: Path,
    pressed: str,
    shown: list[str],
    script: bool,  # noqa: FBT001 - a table
) -> None:
    chromium.look(1280)
    chromium.open(small, script=script)
    chromium.value(f"document.querySelector('label[for={pressed}]').click()")
    chromium.settle() if script else None
    assert chromium.value(SHOWN) == shown


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"f-from": "2026-11-18"}, ["p-aaaa0001"]), ({"f-to": "2026-10-31"}, ["p-cccc0003"]), ({"f-from": "2026-10-20", "f-to": "2026-11-05"}, ["p-bbbb0002"]), ({"f-from": "2026-11-22"}, []),
        ({"f-whose": "flaky"}, ["p-aaaa0001"]), ({"f-whose": "change"}, ["p-aaaa0001", "p-cccc0003"]), ({"f-whose": "unknown"}, []),
        ({"f-whose": "flaky", "f-from": "2026-11-18"}, []),  # of one and the same failure
        ({"f-job": "build <&>"}, ["p-aaaa0001"]), ({"f-job": "lint"}, ["p-cccc0003"]), ({"f-job": "lint", "f-whose": "base"}, []), ({"f-repo": "acme/tides"}, ["p-bbbb0002"]),
    ],
)  # fmt: skip
def test_date_job_verdict_and_repository_filter(page: Chromium, fields: dict[str, str], shown: list[str]) -> None:
    for field, value in fields.items():
        choose(page, field, number(page, value) if field in ("f-job", "f-repo") else value)
    assert page.value(SHOWN) == shown
    page.value("document.getElementById('clear').click()")
    assert page.value(SHOWN) == ALL
    assert (
        page.value(
            "['f-job', 'f-whose', 'f-repo', 'f-from', 'f-to', 'q'].map(id => document.getElementById(id).value).join('')"
        )
        == ""
    )
    assert page.complaints() == []


def test_the_keyboard_alone_is_enough(page: Chromium) -> None:
    page.press("Tab")
    assert page.value("document.activeElement.className") == "skip"
    page.press("/")
    assert page.value(FOCUS) == "q"
    page.press("/")  # in the field it is a letter
    assert page.value("document.getElementById('q').value") == "/"
    page.press("Escape")
    assert page.value("document.getElementById('q').value") == ""
    page.press("ArrowDown")
    page.press("ArrowDown")
    assert page.value(FOCUS) == "p-bbbb0002"
    page.press("End")
    page.press("ArrowDown")
    assert page.value(FOCUS) == "p-cccc0003"
    page.press("Enter")
    assert page.value("document.getElementById('p-cccc0003').open") is True
    page.press("Home")
    page.press("ArrowUp")
    assert page.value(FOCUS) == "q"
    page.write("mirror")
    page.press("Enter")
    assert page.value(f"[{FOCUS}, document.getElementById('p-bbbb0002').open]") == ["p-bbbb0002", True]
    assert page.complaints() == []


def test_tab_reaches_every_control_and_the_focus_is_seen(page: Chromium) -> None:
    seen = []
    for _ in range(40):
        page.press("Tab")
        seen.append(
            page.value(
                "document.activeElement.id || document.activeElement.parentNode.id || document.activeElement.tagName"
            )
        )
        outline = page.value(
            "(() => { const one = document.activeElement, shown = one.type === 'radio' ? one.nextElementSibling : one; return getComputedStyle(shown).outlineStyle; })()"
        )
        assert outline != "none", (seen, page.value("document.activeElement.outerHTML.slice(0, 200)"))
        if seen[-1] == ALL[-1]:
            break
    order = ["q", "st-all", "ca-all", "f-job", "f-whose", "f-repo", "f-from", "f-to", *ALL]
    assert [one for one in dict.fromkeys(seen) if one in order] == order


def test_every_control_has_a_name(page: Chromium) -> None:
    page.ask("Accessibility.enable")
    nodes = page.ask("Accessibility.getFullAXTree")["nodes"]
    asking = {
        "button",
        "link",
        "textbox",
        "searchbox",
        "combobox",
        "radio",
        "DisclosureTriangle",
        "Date",
        "image",
        "region",
        "navigation",
        "complementary",
        "table",
    }
    controls = [node for node in nodes if node.get("role", {}).get("value") in asking and not node.get("ignored")]
    assert len(controls) > 20
    assert [
        node for node in controls if node["role"]["value"] != "table" and not node.get("name", {}).get("value")
    ] == []
    headings = [node["name"]["value"] for node in nodes if node.get("role", {}).get("value") == "heading"]
    assert headings[1:] == ["Patterns", "Trends"]


@pytest.mark.parametrize("place", ALL)
def test_an_address_with_a_place_opens_it_even_when_it_was_filtered(
    chromium: Chromium, small: Path, place: str
) -> None:
    chromium.look(1280)
    chromium.open(small, place=place)
    assert chromium.value(f"document.getElementById('{place}').open") is True
    chromium.value(f"document.getElementById('{place}').open = false; document.getElementById('q').focus()")
    chromium.write("zebra")
    assert chromium.value(SHOWN) == []
    chromium.value(
        f"(() => {{ const link = document.createElement('a'); link.href = '#{place}'; document.body.append(link); link.click(); }})()"
    )
    assert chromium.value(f"[{SHOWN}.length, document.getElementById('{place}').open]") == [3, True]


def test_without_its_script_everything_is_there(chromium: Chromium, small: Path) -> None:
    chromium.look(390)
    chromium.open(small, script=False)
    assert chromium.value("['qbox', 'more', 'found'].map(id => document.getElementById(id).hidden)") == [
        True,
        True,
        True,
    ]
    assert chromium.value(SHOWN) == ALL
    assert chromium.value(
        "document.querySelector('.data').open = true, document.querySelectorAll('.data td').length > 20"
    )
    assert chromium.value("getComputedStyle(document.querySelector('.ps'), '::after').content") == 'counter(p) " shown"'


def test_on_a_phone_the_other_filters_are_folded(chromium: Chromium, small: Path) -> None:
    chromium.look(390)
    chromium.open(small)
    assert chromium.value("document.getElementById('more').open") is False
    chromium.look(1280)
    chromium.open(small)
    assert chromium.value("document.getElementById('more').open") is True


@pytest.mark.parametrize(("reduced", "behaviour"), [(True, "auto"), (False, "smooth")])
def test_nothing_moves_for_who_wants_none(chromium: Chromium, small: Path, reduced: bool, behaviour: str) -> None:  # noqa: FBT001 - a table
    chromium.look(1280, reduced=reduced)
    chromium.open(small)
    assert chromium.value("getComputedStyle(document.documentElement).scrollBehavior") == behaviour


def test_paper_has_no_controls(chromium: Chromium, small: Path) -> None:
    chromium.look(794, media="print")
    chromium.open(small)
    hidden: list[Any] = chromium.value(
        "['.tools', 'nav', '.skip', '.data'].map(css => getComputedStyle(document.querySelector(css)).display)"
    )
    assert hidden == ["none"] * 4
    assert chromium.value(SHOWN) == ALL


def test_five_thousand_failures_are_searched(chromium: Chromium, tmp_path: Path) -> None:
    file = tmp_path / "big.html"
    file.write_text(history_page(busy(5_000, 900, days=180), TODAY.date()), "utf-8")
    chromium.look(1280)
    chromium.open(file)
    assert chromium.value(COUNT) == "900 patterns"
    chromium.value("document.getElementById('q').focus()")
    chromium.write("keeper rustc E0308")
    shown = chromium.value("[...document.querySelectorAll('.p')].filter(one => !one.hidden).length")
    assert 0 < shown < 300
    assert chromium.value(COUNT) == f"{shown} of 900 patterns"
    assert chromium.complaints() == []


def test_hostile_words_do_nothing_in_a_browser(chromium: Chromium, tmp_path: Path) -> None:
    file = tmp_path / "hostile.html"
    file.write_text(history_page(hostile(list(dict.fromkeys(inputs().values()))), TODAY.date()), "utf-8")
    chromium.look(1280)
    chromium.open(file)
    chromium.value("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    chromium.settle()
    assert chromium.complaints() == []
    assert chromium.value("document.querySelectorAll('script').length") == 1
    assert chromium.value("document.documentElement.scrollWidth <= innerWidth")
