"""The written record beside the database: which entries a failure is, taken back, brought up to date, filtered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from diagnose.memory.discoveries import HEAD, parse
from diagnose.memory.entry import Entry, render
from diagnose.memory.neutral import in_span, one_line
from diagnose.memory.patterns import Resolution, list_patterns, resolve, resolve_pattern
from diagnose.memory.propose import Proposal, propose
from diagnose.memory.recognise import lookup, rebuild
from diagnose.memory.record import Occurrence, Seen, record
from diagnose.memory.refresh import entries_of, refreshed
from diagnose.memory.reject import Rejection, refute
from diagnose.memory.rows import Pattern
from diagnose.memory.signature import Signature, sign
from diagnose.memory.vetted import vetted
from diagnose.memory.wanted import Wanted
from diagnose.memory.withdraw import withdrawn
from diagnose.memory.written import fitting, silenced
from diagnose.model.text import Untrusted

if TYPE_CHECKING:
    from diagnose.memory.store import Store

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LONG = "ERROR: Cannot install botocore because these package versions have conflicting dependencies with urllib3 in requirements"


def signed(*lines: str, category: str = "dependency", tool: str = "pip") -> Signature:
    found = sign(lines, category=category, tool=tool, rule="pip/conflict")
    assert found is not None
    return found


def written(signature: Signature, ident: str = "00000000", **other: str) -> Entry:
    entry = Entry(
        "a conflict",
        ident,
        "a pin was lost",
        "pin it again",
        category=signature.category,
        tool=signature.tool,
        line=in_span(one_line(signature.masked[0])),
    )
    return replace(entry, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "other", "score"),
    [
        (signed(LONG, "another line"), {}, 88.0),
        (signed(LONG.replace("dependencies", "dependancies"), "x y"), {}, 75.0),
        (signed(LONG.replace("urllib3", "boto_core"), "x y"), {}, 0.0),
        (signed(LONG, "another line", category="test"), {}, 0.0),
        (signed(LONG, "another line", tool="poetry"), {}, 0.0),
        (signed(LONG, "another line", tool="poetry"), {"tool": ""}, 88.0),
        (
            signed("AssertionError: assert total(3) == 4", "another line"),
            {"line": "AssertionError: assert total(3) == 4"},
            0.0,
        ),
        (signed(LONG, "another line"), {"line": ""}, 0.0),
    ],
)
def test_a_line_is_known_where_it_tells(asked: Signature, other: dict[str, str], score: float) -> None:
    entry = written(signed(LONG), **other)
    assert [near for _, near in fitting([entry], asked, 0)] == ([score] if score else [])


def test_an_id_is_surer_than_a_line_and_a_line_of_two_entries_than_neither() -> None:
    asked = signed(LONG, "another line")
    alike = [written(asked, "00000001"), written(asked, "00000002")]
    assert [near for _, near in fitting(alike, asked, 0)] == [75.0, 75.0]
    assert [(entry.id, near) for entry, near in fitting([*alike, written(asked, asked.id)], asked, 1)] == [
        (asked.id, 97.0)
    ]


def known(store: Store, entries: list[Entry], asked: Signature, least: float = 88.0) -> list[tuple[str, float]]:
    return [
        (one.known.pattern, one.known.similarity)
        for one in lookup(store, entries, [asked], repository="o/r", target="t", now=NOW, least=least).found
    ]


def test_what_is_written_is_known_by_its_line_unless_a_person_says_no(store: Store) -> None:
    asked = signed(LONG, "another line")
    entry = written(asked)
    assert known(store, [entry], asked) == [("00000000", 0.88)]
    assert known(store, [replace(entry, state="withdrawn")], asked) == []
    assert rebuild(store, [entry], repository="o/r", now=NOW) == 1
    refute(store, Rejection("00000000", "o/r", asked), now=NOW)
    assert silenced(store, "o/r", [asked]) == {("00000000", asked.hash)}
    assert known(store, [entry], asked) == []
    assert known(store, [entry], signed(LONG, "a third line")) == [("00000000", 0.88)]
    refute(store, Rejection("00000000", "o/r", None, who="mona"), now=NOW)
    assert known(store, [entry], signed(LONG, "a third line")) == []
    assert silenced(store, "o/other", [asked]) == frozenset()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_taken_back_by_a_line(end: str) -> None:
    one, two = written(signed(LONG), "11111111"), written(signed(LONG), "22222222")
    text = "\n".join([HEAD, render(one), render(two)]).replace("\n", end)
    after, line = withdrawn(text, "22222222")
    assert after.split(end)[line - 1].startswith("## CI Pattern: a conflict <!-- ci:22222222 -->")
    assert [entry.state for entry in parse(after)[0]] == ["", "withdrawn"]
    assert after.replace(end + "- State: withdrawn", "") == text
    assert withdrawn(after, "22222222") == (after, 0)
    assert withdrawn(text, "33333333") == (text, 0)
    assert (
        parse(
            withdrawn(
                "## CI Pattern: by hand\n- Solution: x\n", parse("## CI Pattern: by hand\n- Solution: x\n")[0][0].id
            )[0]
        )[0][0].state
        == "withdrawn"
    )


def failure(text: str, target: str = "a", **other: object) -> Occurrence:
    return Occurrence("o/r", target, NOW, Seen(signed(text), f"title of {text[:9]}", 0.9, 7), **other)  # type: ignore[arg-type]


def test_what_nobody_vouches_for_is_not_written(store: Store) -> None:
    for text in ("first no such package alpha", "second no such package beta", "third no such package gamma"):
        record(store, failure(text))
    first, second = signed("first no such package alpha"), signed("second no such package beta")
    resolve(store, first, Resolution("t", "why", "how", "3fc09d1", 14, 0.86), repository="o/r", now=NOW)
    propose(store, Proposal(second.id, "o/r", "changed x", "green-run", "1", sure=0.6), now=NOW)
    entries = entries_of(store, now=NOW)
    assert isinstance(entries, list)
    assert [(one.id, one.root_cause, one.solution, one.reference, one.line) for one in entries] == [
        (first.id, "why", "how", "3fc09d1", first.masked[0])
    ]
    propose(store, Proposal(second.id, "o/r", "changed x", "green-run", "2", sure=0.6), now=NOW)
    entries = entries_of(store, now=NOW, repository="o/r")
    assert isinstance(entries, list)
    assert {one.id for one in entries} == {first.id, second.id}
    assert entries_of(store, now=NOW, repository="o/other") == []


def test_only_the_seen_line_of_what_stands_is_anew() -> None:
    one = replace(written(signed(LONG), "11111111"), seen=1, last_seen="2026-11-01", prose=("See the wiki.",))
    text = f"{HEAD}\n{render(one)}\n# Ours\n\nbare words\n"
    later = replace(one, seen=4, last_seen="2026-11-19", solution="not this", prose=())
    after, new, anew = refreshed(text, [later])
    assert (new, anew) == (0, 1)
    assert after == text.replace("- Seen: 1 time, last 2026-11-01", "- Seen: 4 times, last 2026-11-19")
    assert refreshed(after, [later]) == (after, 0, 0)
    assert refreshed(text, [replace(later, last_seen="2026-10-01", seen=9)]) == (text, 0, 0)
    grown, new, _ = refreshed(text.replace("\n", "\r\n"), [replace(later, id="22222222")])
    assert (new, "\n" in grown.replace("\r\n", "")) == (1, False)
    assert [entry.id for entry in parse(grown)[0]] == ["11111111", "22222222"]
    assert refreshed("", [])[0].strip() == HEAD.strip()
    taken_back = text.replace("- Solution", "- State: withdrawn\n- Solution")
    assert refreshed(taken_back, [later]) == (taken_back, 0, 0)


def test_a_strangers_entry_is_redacted() -> None:
    token = "ghp_" + "a1B2" * 9
    hostile = replace(
        written(signed(LONG)),
        title=token,
        root_cause=token,
        solution=token,
        reference=token,
        line=token,
        extra=((token, token),),
        prose=(token,),
    )
    assert token not in repr(vetted(hostile, lambda text: text.replace(token, "[secret]")))
    assert vetted(hostile, str).id == hostile.id


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), 1),
        (Wanted(since=NOW), 1),
        (Wanted(since=NOW + timedelta(seconds=1)), 0),
        (Wanted(until=NOW), 0),
        (Wanted(until=NOW + timedelta(seconds=1)), 1),
        (Wanted(job="LINUX"), 1),
        (Wanted(job="mac"), 0),
        (Wanted(category="dependency"), 1),
        (Wanted(category="test"), 0),
        (Wanted(verdict="change"), 1),
        (Wanted(verdict="base"), 0),
        (Wanted(branch="main"), 1),
        (Wanted(branch="mai"), 0),
        (Wanted(repository="o/r"), 1),
        (Wanted(repository="o"), 0),
        (Wanted(state="open"), 1),
        (Wanted(state="resolved"), 0),
        (Wanted(since=NOW, job="linux", branch="main", verdict="change"), 1),
        (Wanted(job="%"), 0),
        (Wanted(repository="' OR 1 --"), 0),
    ],
)
def test_filters(store: Store, wanted: Wanted, found: int) -> None:
    record(store, failure(LONG, job="test (Linux)", branch="main", verdict="change"))
    patterns = list_patterns(store, now=NOW, wanted=wanted)
    assert isinstance(patterns, tuple)
    assert len(patterns) == found


def test_a_person_s_word_stands_when_the_record_repeats_it(store: Store) -> None:
    asked = signed(LONG)
    kept = resolve(
        store,
        asked,
        Resolution("t", "why", "how", "3fc09d1", 14, 0.86, who="mona", links=("https://x/1",), sure=1.0),
        repository="o/r",
        now=NOW,
    )
    assert isinstance(kept, Pattern)
    rebuild(store, [replace(written(asked, asked.id), solution="how", seen=50)], repository="o/r", now=NOW)
    (one,) = list_patterns(store, now=NOW)  # type: ignore[misc]
    assert (one.how, one.who, one.links, one.sure, one.seen) == ("person", kept.who, kept.links, 1.0, 50)
    rebuild(
        store,
        [replace(written(asked, asked.id), solution="another", extra=(("Recorded by", "hubot"),))],
        repository="o/r",
        now=NOW,
    )
    (one,) = list_patterns(store, now=NOW)  # type: ignore[misc]
    assert (one.how, one.who, one.links, one.sure) == ("record", Untrusted("hubot"), (), None)
    assert resolve_pattern(store, "ffffffff", Resolution("", "", ""), repository="o/r", now=NOW) is None
