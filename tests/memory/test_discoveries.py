"""DISCOVERIES.md: written, read back through whatever people and merges do to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.memory.discoveries import FILE_NAME, HEAD, parse, sections
from diagnose.memory.entry import Entry, fold, neutral, render, title_id
from diagnose.memory.neutral import VALUE_CAP, escape, in_span, one_line, unescape

FORM = """\
## CI Pattern: urllib3 2 breaks botocore <!-- ci:7f3a9c2e -->
- Root cause: botocore 1.31 needs urllib3 < 2; the constraint was lost in #411
- Solution: pin urllib3 < 2 in requirements.txt (fixed by 3fc09d1) <!-- 7f3a9c2e -->
- Time to resolve: 14 min
- Confidence: 0.86
- Seen: 3 times, last 2026-11-20, in owner/repo
- Failure signature: `7f3a9c2e dependency | pip | ERROR: Cannot install botocore==1.31 and urllib3==2.0`
"""
SOLUTION = FORM.splitlines(keepends=True)[2]
ENTRY = Entry(
    "urllib3 2 breaks botocore",
    "7f3a9c2e",
    "botocore 1.31 needs urllib3 < 2; the constraint was lost in #411",
    "pin urllib3 < 2 in requirements.txt",
    "3fc09d1",
    14.0,
    0.86,
    3,
    "2026-11-20",
    "owner/repo",
    "",
    "dependency",
    "pip",
    "ERROR: Cannot install botocore==1.31 and urllib3==2.0",
)


def test_the_form_is_fixed() -> None:
    assert render(ENTRY) == FORM
    assert parse(FORM) == ((ENTRY,), ())


def test_the_repositorys_own_file_begins_with_the_head() -> None:
    assert (Path(__file__).resolve().parents[2] / FILE_NAME).read_text().startswith(HEAD)
    assert parse(HEAD) == ((), ())


CUT = [
    (FORM.replace(SOLUTION, ""), 1, "has no Solution"),
    (FORM.replace("- Time to resolve: 14 min\n", ""), 1, "has no Time to resolve"),
    (FORM.splitlines()[0] + "\n", 1, "has no Solution and no Time to resolve"),
    (FORM.replace("`7f3a9c2e", "`00000000"), 1, "holds the signature of another"),
    ("<<<<<<< HEAD\n" + FORM + "=======\n>>>>>>> theirs\n", 1, "a merge conflict"),
    ("x\n```\n" + FORM, 2, "a code fence that is never closed"),
    ("## CI Pattern: by hand\n- Root cause: x\n", 1, "has no Solution"),
]


@pytest.mark.parametrize(("text", "line", "why"), CUT)
def test_what_a_merge_did_is_named(text: str, line: int, why: str) -> None:
    entries, doubts = parse(text)
    assert doubts[0].line == line
    assert why in doubts[0].message
    assert len(entries) == ("conflict" in why or "fence" in why)


@pytest.mark.parametrize(
    "text",
    [
        FORM.replace("\n", "\r\n"),
        "\ufeff" + FORM,
        FORM.replace("\n- ", "\n* "),
        FORM.replace("\n- ", "\n  + "),
        "# Title\n\nprose\n\n" + FORM + "\n# End\n- Solution: not ours\n",
        FORM.rstrip("\n"),
        "\n".join(
            f"- **{line[2:].replace(':', ':**', 1)}" if line.startswith("- ") else line for line in FORM.splitlines()
        ),
        "\n".join(
            f"- __{line[2:].replace(':', '__:', 1)}" if line.startswith("- ") else line for line in FORM.splitlines()
        ),
        FORM.replace("needs urllib3", "needs\n    urllib3"),
        FORM.replace("\n- ", "\n\n- "),
        "```\n" + FORM.replace("14", "15") + "```\n" + FORM,
        FORM.replace(" <!-- 7f3a9c2e -->", ""),
        FORM + "\n" + FORM,
        FORM + "- Seen: 2 times, last 2026-10-01, in owner/repo\n",
    ],
)
def test_hand_edits_survive(text: str) -> None:
    assert parse(text) == ((ENTRY,), ())


OTHER = replace(ENTRY, id="00000000", title="another", reference="#7")


def test_an_edit_that_a_merge_put_behind_the_next_entry_goes_back_to_its_own() -> None:
    mixed = f"{FORM}\n{render(OTHER)}- Seen: 9 times, last 2026-12-01, in owner/repo\n{FORM.splitlines()[-1]}\n"
    assert parse(mixed) == ((replace(ENTRY, seen=9, last_seen="2026-12-01"), OTHER), ())


def test_half_an_entry_behind_another_is_not_read() -> None:
    mixed = f"{render(OTHER)}- Seen: 9 times, last 2026-12-01, in owner/repo\n{FORM.splitlines()[-1]}\n"
    found, (doubt,) = parse(mixed)
    assert found == (OTHER,)
    assert "entry 7f3a9c2e has no Solution and no Time to resolve: it was cut by a merge" in doubt.message


def test_the_sections_are_the_file() -> None:
    text = f"prose\n\n# A\n```\n## not one\n```\n\n{FORM}\n## B\n{FORM}"
    parts = sections(text)
    assert "\n".join(part.text for part in parts) == text
    assert [(part.key, part.entry) for part in parts] == [
        ("", ""),
        ("# A", ""),
        (ENTRY.id, ENTRY.id),
        ("## B", ""),
        (ENTRY.id, ENTRY.id),
    ]


def test_a_hand_written_entry_is_taken() -> None:
    text = "## CI Pattern: port taken\n- Root cause: two jobs share 5432\n- Solution: use port 0\n- Ticket: ABC-1\nSee the wiki.\n"
    (one,), doubts = parse(text)
    assert (one.id, one.by_hand, one.minutes, one.extra, one.prose, doubts) == (
        title_id("port taken"),
        True,
        None,
        (("Ticket", "ABC-1"),),
        ("See the wiki.",),
        (),
    )
    again, _ = parse(render(one))
    assert again == (one,)


def test_a_withdrawal_is_a_line() -> None:
    withdrawn = FORM.replace("- Solution", "- State: withdrawn\n- Solution")
    assert parse(withdrawn)[0][0].state == "withdrawn"
    assert parse(FORM + "\n" + withdrawn)[0][0].state == "withdrawn"
    assert parse(render(replace(ENTRY, state="withdrawn")))[0][0].state == "withdrawn"


def test_the_same_id_twice_is_folded() -> None:
    other = replace(ENTRY, solution="drop botocore", reference="#500", seen=9, last_seen="2026-12-01", minutes=None)
    (one,) = fold([ENTRY, other])
    assert (one.solution, one.reference, one.seen, one.last_seen, one.minutes) == (
        "pin urllib3 < 2 in requirements.txt; or: drop botocore",
        "3fc09d1, #500",
        9,
        "2026-12-01",
        14.0,
    )
    assert fold([one, other]) == [one]


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("Time to resolve", "2 h", 120.0),
        ("Time to resolve", "about 90 seconds", 1.5),
        ("Time to resolve", "unknown", None),
        ("Time to resolve", "", None),
        ("Confidence", "86 %", 0.86),
        ("Confidence", "900 %", 1.0),
        ("Confidence", "high", None),
        ("Confidence", "1.5", None),
        ("Seen", "1 time", 1),
        ("Seen", "often", None),
        ("Seen", "unknown, last 2026-11-20", None),
    ],
)
def test_figures_that_people_wrote(field: str, value: str, read: float | None) -> None:
    lines = [f"- {field}: {value}" if line.startswith(f"- {field}:") else line for line in FORM.splitlines()]
    (one,), _ = parse("\n".join(lines))
    assert {"Time to resolve": one.minutes, "Confidence": one.confidence, "Seen": one.seen}[field] == read


@pytest.mark.parametrize(
    "common",
    [
        {},
        {"reference": ""},
        {"reference": "", "state": "withdrawn", "prose": ("a", "b")},
        {"state": "withdrawn", "extra": (("Ticket", "1"), ("Owner", "me"), ("See", "x"))},
        {"prose": tuple("abcdefgh")},
    ],
)
def test_no_line_but_unique_ones_stands_between_more_than_three_common_ones(common: dict[str, Any]) -> None:
    one = render(replace(ENTRY, **common)).splitlines()
    other = render(replace(ENTRY, id="00000000", title="another", line="x", **common)).splitlines()
    equal = "".join("=" if left == right else "." for left, right in zip(one, other, strict=True))
    assert "====" not in equal
    assert equal.endswith(".")


@pytest.mark.parametrize(
    ("value", "safe"),
    [
        ("<!-- x -->", "&lt;!-- x --&gt;"),
        ("# x", "&#35; x"),
        ("<script>", "&lt;script>"),
        ("urllib3 < 2 & > 1", "urllib3 < 2 & > 1"),
        ("![x](http://y)", "![x]&#40;http://y)"),
        ("&lt;", "&amp;lt;"),
    ],
)
def test_what_is_live_in_markdown_is_not(value: str, safe: str) -> None:
    assert escape(value) == safe
    assert unescape(safe) == value


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("a\nb\r\nc\u2028d\x85e\tf", "a b c d e f"),
        ("\x1b[31mred\x00", "[31mred"),
        ("a\u202eb\u2066c\ufeff", "abc"),
        ("\ud800x", "x"),
        ("x" * 9999, "x" * VALUE_CAP),
        ("  ", ""),
    ],
)
def test_a_value_is_one_line(value: str, line: str) -> None:
    assert one_line(value) == line


def test_a_span_cannot_be_left() -> None:
    assert in_span("`a` <!-- b -->") == "'a' <!- - b - ->"


PIECES = [
    "<!--",
    "-->",
    "#",
    "##",
    "\n",
    "\r\n",
    "\u2028",
    "`",
    "```",
    "**",
    "__",
    "- ",
    "* ",
    "Solution: ",
    "## CI Pattern: ",
    "<b>",
    "](x)",
    "(fixed by a)",
    "&lt;",
    "&amp;",
    "|",
    "> ",
    " ",
    "a",
    "urllib3 < 2",
    ":",
    "\x1b[31m",
    "\ud800",
    "é",
    "&",
    "_",
    "(",
    ")",
    "<<<<<<< ",
    "~~~",
    "=======",
    "<!-- ci:00000000 -->",
    "; or: ",
    "unknown",
]
VALUES = st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(max_size=30))
ENTRIES = st.builds(
    Entry,
    title=VALUES,
    id=st.sampled_from(["7f3a9c2e", "", "zz"]),
    root_cause=VALUES,
    solution=VALUES,
    reference=VALUES,
    minutes=st.none() | st.floats(),
    confidence=st.none() | st.floats(),
    seen=st.none() | st.integers(),
    last_seen=st.sampled_from(["", "2026-11-20", "x", "2026-11-20T00:00:00"]),
    repository=VALUES,
    state=st.sampled_from(["", "withdrawn", "x"]),
    category=VALUES,
    tool=VALUES,
    line=VALUES,
    extra=st.lists(st.tuples(VALUES, VALUES), max_size=2).map(tuple),
    prose=st.lists(VALUES, max_size=2).map(tuple),
)


@settings(max_examples=300, deadline=None)
@given(ENTRIES)
def test_hostile_values_come_back_as_they_were_neutralised(entry: Entry) -> None:
    safe = neutral(entry)
    text = render(entry)
    assert neutral(safe) == safe
    assert parse(f"{HEAD}\n{text}") == ((safe,), ())
    assert render(safe) == text
    assert text.count("\n") == len(text.splitlines())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, *FORM.splitlines(keepends=True)]), max_size=30).map("".join))
def test_any_text_is_read_without_an_error(text: str) -> None:
    entries, doubts = parse(text)
    assert len({one.id for one in entries}) == len(entries)
    assert all(doubt.message.isprintable() for doubt in doubts)
