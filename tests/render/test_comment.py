"""What a comment may take of a reader: characters and rows that stand open, the order of its folds; looked at in a browser where there is one."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from diagnose.model.report import Escalation
from diagnose.model.text import Untrusted, phrase
from diagnose.render.foot import Foot
from diagnose.render.interface import View
from diagnose.render.markdown import comment
from diagnose.render.opening import ROOM, first_sentence, outage
from diagnose.render.summary import summary
from tests.render.samples import (
    SAMPLES,
    TABLE,
    dependency,
    fix,
    killed,
    line,
    place,
    pytest_pair,
    root_of,
    runner_lost,
    several,
    unclear,
    whose,
)
from tests.support.chromium import Chromium, browser
from tests.support.comment_page import page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.model.report import Report

VIEW = View(reliability=TABLE)
FOOT = Foot("a" * 40, "https://github.com/acme/app/actions/runs/1", kept=True)
ROWS = 18
ORDER = (
    "Why we say so",
    "Why these",
    "Run it here",
    "Step by step",
    "failed tests",
    "jobs fail",
    "Also seen",
    "What could hide",
    "Run again",
    "Not seen",
)


def wordy() -> Report:
    """A report that says everything at length."""
    base = several()
    long = "a name of a thing that somebody gave it and that goes on and on for very much longer than anybody likes to read, even at a desk, and then some"
    sentences = " ".join(
        f"Do thing number {number} with care and look at what it says before you go on to the next one."
        for number in range(9)
    )
    root = replace(
        root_of(base),
        title=phrase("a test fails: ", Untrusted(long), " and ", Untrusted(long)),
        locations=(place("/".join(["folder"] * 30) + "/x.py", 10_000),),
        failed_tests=(),
    )
    root = replace(root, evidence=tuple(line(100_000 + number, f"line {number} " + "x" * 900) for number in range(6)))
    return replace(
        base,
        root_cause=root,
        fix_strategy=fix(sentences, 60, 180, 600),
        attribution=whose("change", 0.7, phrase(Untrusted(long)), phrase(Untrusted(long)), "so it is"),
        requires_escalation=True,
        escalation=tuple(Escalation("fix_time", phrase(f"reason {number}: ", Untrusted(long))) for number in range(4)),
    )


CASES = {**SAMPLES, "wordy": wordy}


def opened(text: str) -> str:
    """What a reader sees without opening anything, as one line."""
    bare = re.sub(
        r"<!--.*?-->|</?sub>|\]\([^)]*\)|```\w*|\*\*|`",
        "",
        re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL),
    )
    return re.sub(r"\s+", " ", bare.replace("&lt;", "<")).strip()


@pytest.mark.parametrize("name", CASES)
def test_what_stands_open_is_short_and_the_whole_is_bounded(name: str) -> None:
    text = comment(CASES[name](), VIEW, FOOT)
    assert len(opened(text)) <= ROOM
    assert len(text) <= 20_000


@pytest.mark.parametrize("name", CASES)
def test_folds_come_in_their_order(name: str) -> None:
    found = [
        next(place for place, words in enumerate(ORDER) if words in one)
        for one in re.findall(r"<summary>(.*?)</summary>", comment(CASES[name](), VIEW, FOOT))
    ]
    assert found == sorted(found)


@pytest.mark.parametrize("name", CASES)
def test_no_tables_headings_images_nor_breaks_within_paragraphs(name: str) -> None:
    text = re.sub(r"```.*?```", "", comment(CASES[name](), VIEW, FOOT), flags=re.DOTALL)
    assert not re.search(r"^#|^\||^---|!\[|:[a-z_]+:", text, flags=re.MULTILINE)
    for paragraph in text.split("\n\n")[1:]:
        assert "\n" not in paragraph.strip() or re.match(r"(?:- |1\. )", paragraph.strip())


def test_what_is_shortened_above_stands_whole_below() -> None:
    text = comment(wordy(), VIEW, FOOT)
    assert (
        "**Do:** Do thing number 0 with care and look at what it says before you go on to the next one. About 3 h (1 to 10)."
        in text
    )
    assert "- Do thing number 0 with care" in text.partition("Step by step")[2]
    assert "number 8" in text
    assert "And 3 more reasons." in text


@pytest.mark.parametrize(
    ("said", "first"),
    [
        (phrase("Do a. Then b."), "Do a."),
        (phrase("Do ", Untrusted("x. Y z"), " now. Then b."), "Do x. Y z now."),
        (phrase("Use go 1.22 or so"), "Use go 1.22 or so"),
        (phrase("See e.g. Makefile"), "See e.g."),
        (phrase(), ""),
    ],
)
def test_the_first_sentence_ends_at_our_own_full_stop(said: object, first: str) -> None:
    from diagnose.model.text import Phrase
    from diagnose.safety.phrases import phrase_to_terminal

    assert isinstance(said, Phrase)
    assert phrase_to_terminal(first_sentence(said)) == first


def test_an_outage_beside_the_cause_comes_first_of_all() -> None:
    lost = replace(root_of(runner_lost()), id="c2")
    report = replace(pytest_pair(), findings=(lost,))
    assert outage(report) == lost
    for text in (comment(report, VIEW, FOOT).partition("\n")[2], summary(report, VIEW)):
        assert text.startswith(
            "**Outside the repository:** the runner was lost, nothing in the code is known to be wrong.\n\n**CI failed: 2 tests, 2 causes.**"
        )
    assert outage(runner_lost()) is None
    assert outage(replace(pytest_pair(), findings=(replace(root_of(dependency()), id="c2"),))) is None


@pytest.mark.parametrize("name", CASES)
def test_a_summary_begins_as_the_comment_does(name: str) -> None:
    first = comment(CASES[name](), VIEW, FOOT).split("\n")[1]
    if name != "wordy":
        assert summary(CASES[name](), VIEW).split("\n")[0] == first
    assert "<details>" not in summary(CASES[name](), VIEW) or len(SAMPLES[name]().jobs) > 30


def test_a_summary_folds_from_four_causes_on() -> None:
    others = tuple(replace(root_of(killed()), id=f"c{number}") for number in range(2, 6))
    text = summary(replace(pytest_pair(), findings=others), VIEW)
    assert text.count("<details><summary>c") == 4
    assert text.count("<details>") == text.count("</details>")


def test_the_odds_of_two_readings_are_said_as_measured() -> None:
    assert "(6 times in 10 the right one)" in comment(unclear(), VIEW)
    assert "(unsure, 0.61)" in comment(unclear(), replace(VIEW, reliability=type(TABLE)()))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    program = browser()
    if not program:
        pytest.skip("no Chromium is on this machine; CI has one")
    # the browser goes on writing to its folder for a moment after it was told to end
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, Chromium(program, Path(folder)) as one:
        yield one


ROWS_OPEN = """(() => { let rows = 0
for (const part of document.querySelector('article').children) {
  if (part.tagName === 'DETAILS') continue
  const style = getComputedStyle(part), inner = part.getBoundingClientRect().height - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom)
  rows += Math.round(inner / (part.tagName === 'PRE' ? parseFloat(style.fontSize) * 1.45 : 21)) }
return rows })()"""


@pytest.mark.timeout(120)
@pytest.mark.parametrize("width", [390, 1000])
def test_in_a_browser_it_is_short_and_nothing_scrolls_sideways(chromium: Chromium, tmp_path: Path, width: int) -> None:
    file = tmp_path / "comment.html"
    for name, make in CASES.items():
        for dark in (False, True):
            file.write_text(page(comment(make(), VIEW, FOOT)), encoding="utf-8")
            chromium.look(width, 600, dark=dark)
            chromium.open(file)
            assert chromium.value("document.documentElement.scrollWidth") <= width, name
            assert 0 < chromium.value(ROWS_OPEN) <= ROWS, name
            assert chromium.value("document.querySelectorAll('img, table, h1, h2, h3, script, iframe').length") == 0
            assert [one for one in chromium.complaints() if "favicon" not in one] == []
