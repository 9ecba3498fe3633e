"""From a failure to what is known of it: recorded, matched, resolved, joined with the written record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose.memory import aside
from diagnose.memory.append import Appended, append
from diagnose.memory.discoveries import parse
from diagnose.memory.entry import Entry
from diagnose.memory.match import Match, match
from diagnose.memory.patterns import Found, Resolution, list_patterns, resolve, search, show
from diagnose.memory.problem import StoreProblem
from diagnose.memory.recognise import Lookup, entry_for, lookup, rebuild
from diagnose.memory.record import Occurrence, Recorded, Seen, record
from diagnose.memory.rows import Pattern
from diagnose.memory.signature import Signature, sign
from diagnose.memory.similarity import SAME
from diagnose.memory.store import Store
from diagnose.memory.wanted import Wanted
from diagnose.model.text import Untrusted

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PIP = [
    "ERROR: Cannot install botocore==1.31 and urllib3==2.0 because these package versions have conflicting dependencies."
]
LOGIN = [
    "FAILED tests/test_login.py::test_login - AssertionError: expected the dashboard, got the login page of portal"
]
DOCKER = ["Cannot connect to the Docker daemon at unix:///var/run/docker.sock"]
FIX = Resolution("urllib3 2 breaks botocore", "botocore needs urllib3 < 2", "pin urllib3 < 2", "3fc09d1", 14, 0.86)


def signed(lines: list[str], category: str = "test", rule: str = "") -> Signature:
    found = sign(lines, category=category, tool="tool", rule=rule)
    assert found
    return found


def kept(
    store: Store,
    target: str,
    lines: list[str],
    *alternatives: list[str],
    repository: str = "o/r",
    at: datetime = NOW,
    category: str = "test",
    rule: str = "",
) -> Recorded:
    def cause(texts: list[str]) -> Seen:
        return Seen(signed(texts, category, rule), "title of " + texts[0], 0.5, 7)

    done = record(
        store, Occurrence(repository, target, at, cause(lines), tuple(map(cause, alternatives)), commit="abc")
    )
    assert isinstance(done, Recorded)
    return done


def known(
    store: Store,
    target: str,
    *ranks: list[str],
    repository: str = "o/r",
    least: float = SAME,
    category: str = "test",
    rule: str = "",
) -> tuple[Match, ...]:
    found = match(
        store,
        [signed(lines, category, rule) for lines in ranks],
        repository=repository,
        target=target,
        now=NOW,
        least=least,
    )
    assert isinstance(found, tuple)
    return found


def listed(store: Store, now: datetime = NOW) -> tuple[Pattern, ...]:
    found = list_patterns(store, now=now)
    assert isinstance(found, tuple)
    return found


def test_a_log_does_not_recognise_itself(store: Store) -> None:
    assert kept(store, "a", PIP).new_sighting
    again = kept(store, "a", PIP)
    assert (again.new_sighting, again.new_pattern) == (False, False)
    assert known(store, "a", PIP) == ()
    assert listed(store)[0].seen == 1


def test_another_log_is_recognised(store: Store) -> None:
    kept(store, "a", PIP)
    kept(store, "b", PIP, at=NOW + timedelta(hours=1))
    (found,) = known(store, "c", PIP)
    assert (found.exact, found.score, found.pattern.seen) == (True, 100, 2)
    assert [one.target for one in found.sightings] == [Untrusted("b"), Untrusted("a")]
    assert [one.target for one in known(store, "b", PIP)[0].sightings] == [Untrusted("a")]
    assert known(store, "b", PIP)[0].pattern.seen == 1


def test_nothing_is_known_of_another_failure_or_repository(store: Store) -> None:
    kept(store, "a", PIP)
    assert known(store, "b", LOGIN) == ()
    assert known(store, "b", PIP, repository="o/other") == ()


def test_near_is_the_same_pattern(store: Store) -> None:
    first = kept(store, "a", LOGIN)
    near = [LOGIN[0].replace("dashboard,", "dashboard;")]
    assert signed(near).hash != signed(LOGIN).hash
    assert kept(store, "b", near) == Recorded(first.pattern, new_pattern=False, new_sighting=True)
    assert len(listed(store)) == 1
    assert listed(store)[0].seen == 2


def test_a_substituted_name_is_another_failure(store: Store) -> None:
    kept(store, "a", LOGIN)
    assert known(store, "b", [LOGIN[0].replace("test_login", "test_logout")]) == ()


def test_a_stored_alternative_leads_to_its_root_cause(store: Store) -> None:
    root = kept(store, "a", PIP, LOGIN)
    (found,) = known(store, "b", LOGIN)
    assert (found.pattern.id, found.score) == (root.pattern, 97)
    (found,) = known(store, "b", DOCKER, PIP)
    assert (found.pattern.id, found.score, found.rank) == (root.pattern, 97, 1)
    assert known(store, "b", DOCKER, LOGIN) == ()  # never alternative with alternative


def test_lines_that_many_repositories_know_carry_no_identity(store: Store) -> None:
    for name in ("o/a", "o/b", "o/c"):
        kept(store, "a", DOCKER, repository=name)
    assert known(store, "b", DOCKER, repository="o/a") == ()
    assert known(store, "b", DOCKER, repository="o/a", rule="docker/daemon")
    mixed = ["could not start the fixture of portal", *DOCKER]
    kept(store, "a", mixed, repository="o/a")
    assert known(store, "b", mixed, repository="o/a")


def test_an_outage_is_known_across_repositories_when_a_rule_says_so(store: Store) -> None:
    kept(store, "a", DOCKER, repository="o/a", category="network", rule="docker/daemon")
    assert known(store, "b", DOCKER, repository="o/b", category="network", rule="docker/daemon")[0].exact
    assert known(store, "b", DOCKER, repository="o/b", category="network") == ()


def test_beyond_the_bound_the_token_table_finds_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagnose.memory.match.BRUTE_ROWS", 3)
    names = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf")
    for name in names:
        kept(
            store,
            name,
            [
                f"cannot link lib{name}.so into the {name} binary",
                f"undefined reference to {name}_init in object {name}",
            ],
        )
    (found,) = known(
        store,
        "x",
        ["cannot link libdelta.so into the delta binary!", "undefined reference to delta_init in object delta"],
    )
    assert found.sightings[0].target == Untrusted("delta")
    assert not found.exact


def test_a_resolution_is_told_even_to_the_log_it_came_from(store: Store) -> None:
    kept(store, "a", PIP, category="dependency")
    done = resolve(store, signed(PIP, "dependency"), FIX, repository="o/r", now=NOW)
    assert isinstance(done, Pattern)
    assert (done.state, done.minutes, done.solution) == ("resolved", 14, Untrusted("pin urllib3 < 2"))
    (found,) = known(store, "a", PIP, category="dependency")
    assert (found.pattern.fixed_by, found.pattern.seen) == (Untrusted("3fc09d1"), 1)


def test_a_failure_that_was_never_recorded_can_be_resolved(store: Store) -> None:
    resolve(store, signed(PIP), FIX, repository="o/r", now=NOW)
    (found,) = known(store, "a", PIP)
    assert found.pattern.title == Untrusted(FIX.title)
    assert found.sightings == ()


@pytest.mark.parametrize(
    ("days", "seen_again", "state"), [(0, None, "resolved"), (0, 1, "came-back"), (200, None, "stale")]
)
def test_states(store: Store, days: int, seen_again: int | None, state: str) -> None:
    kept(store, "a", PIP)
    resolve(store, signed(PIP), FIX, repository="o/r", now=NOW)
    if seen_again is not None:
        kept(store, "b", PIP, at=NOW + timedelta(days=seen_again))
    assert listed(store, NOW + timedelta(days=days))[0].state == state


@pytest.mark.parametrize("state", ["wrong", "withdrawn"])
def test_a_muted_pattern_is_listed_and_not_told(store: Store, state: str) -> None:
    kept(store, "a", PIP)
    resolve(store, signed(PIP), replace(FIX, state=state), repository="o/r", now=NOW)  # type: ignore[arg-type]
    assert known(store, "b", PIP) == ()
    assert not kept(store, "b", PIP).new_pattern
    assert listed(store)[0].state == state


def test_list_show_and_search(store: Store) -> None:
    kept(store, "a", PIP)
    login = kept(store, "b", LOGIN, at=NOW + timedelta(minutes=1))
    assert [one.title for one in listed(store)] == [Untrusted("title of " + LOGIN[0]), Untrusted("title of " + PIP[0])]
    assert list_patterns(store, now=NOW, wanted=Wanted(repository="o/other")) == ()
    shown = show(store, login.pattern[:4].upper(), now=NOW)
    assert isinstance(shown, tuple)
    assert (shown[0].pattern.id, shown[0].sightings[0].line, shown[0].sightings[0].commit) == (
        login.pattern,
        7,
        Untrusted("abc"),
    )
    hits = search(store, LOGIN[0], now=NOW)
    assert isinstance(hits, tuple)
    assert [(one.pattern.id, one.same) for one in hits] == [(login.pattern, True)]
    words = search(store, "dashboard portal", now=NOW)
    assert isinstance(words, tuple)
    assert [(one.pattern.id, one.same) for one in words] == [(login.pattern, False)]


@pytest.mark.parametrize("ident", ["", "abc", "zzzz", "%%%%", "' OR 1=1", "123456789", "____"])
def test_what_is_no_id_shows_nothing(store: Store, ident: str) -> None:
    kept(store, "a", PIP)
    assert show(store, ident, now=NOW) == ()


@pytest.mark.parametrize("query", ["", "exit code 1", "zebra", "% _ '", "\ud800", "x" * 100_000])
def test_a_search_for_nothing_finds_nothing(store: Store, query: str) -> None:
    kept(store, "a", PIP)
    found: tuple[Found, ...] | StoreProblem = search(store, query, now=NOW)
    assert found == ()


@pytest.mark.parametrize("text", ["\ud800", "'; DROP TABLE pattern; --", "\x00", "\x1b[2J", "x" * 100_000, ""])
def test_hostile_texts_are_kept_as_texts(store: Store, text: str) -> None:
    kept(store, "a" + text, [*PIP, "zz" + text], repository="o/r" + text)
    resolve(store, signed(PIP), Resolution(text, text, text, text), repository=text, now=NOW)
    assert known(store, "b", [*PIP, "zz" + text], repository="o/r" + text)
    assert len(listed(store)) == 2


@pytest.mark.parametrize("wrong", [{"confidence": 1.5}, {"confidence": float("nan")}, {"line": -1}])
def test_a_cause_out_of_range_is_a_mistake(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="a cause at line"):
        replace(Seen(signed(PIP), "t", 0.5, 1), **wrong)  # type: ignore[arg-type]


def test_rows_of_another_algorithm_are_masked_anew(store: Store) -> None:
    kept(store, "a", LOGIN)
    store.write(lambda db: db.execute("UPDATE signature SET algo = 0, hash = x'00', masked = 'old'"))
    assert known(store, "b", LOGIN)[0].score >= SAME


def test_a_hostile_row_is_read_as_nothing(store: Store) -> None:
    kept(store, "a", LOGIN)
    store.write(lambda db: db.execute("UPDATE signature SET masked = x'ff', raw = x'ff'"))
    store.write(
        lambda db: db.execute(
            "UPDATE pattern SET title = x'ff', minutes = 'many', last_seen = 'x', state = 'y', seen_before = -1e300"
        )
    )
    assert known(store, "b", [LOGIN[0] + "!"]) == ()
    (one,) = listed(store)
    assert (one.title, one.minutes, one.last_seen, one.state, one.seen) == (Untrusted(""), None, "", "open", 1)


def entry(**more: Any) -> Entry:
    return replace(
        Entry("written title", signed(PIP).id, "written cause", "written fix", "#411", 20, 0.9, 5, "2026-11-01", "o/r"),
        **more,
    )


def looked(store: Store, *entries: Entry) -> Lookup:
    return lookup(store, entries, [signed(LOGIN), signed(PIP)], repository="o/r", target="x", now=NOW)


def test_the_written_record_alone_is_enough(store: Store) -> None:
    (found,) = looked(store, entry()).found
    assert (found.rank, found.known.similarity, found.known.seen, found.known.minutes, found.written) == (
        1,
        0.97,
        5,
        20,
        True,
    )
    assert looked(store, entry(id="00000000")).found == ()
    assert looked(store, entry(state="withdrawn")).found == ()


def test_what_people_wrote_goes_before_the_database(store: Store) -> None:
    kept(store, "a", PIP)
    (one,) = looked(store, entry()).known
    assert (one.title, one.solution, one.fixed_by, one.sources) == (
        Untrusted("written title"),
        Untrusted("written fix"),
        Untrusted("#411"),
        (Untrusted("a"),),
    )
    assert looked(store, entry(state="withdrawn")).found == ()


def test_a_resolution_is_written_down_and_recognised_from_the_paper_alone(store: Store, tmp_path: Path) -> None:
    kept(store, "a", PIP, category="dependency")
    signature = signed(PIP, "dependency")
    done = resolve(store, signature, FIX, repository="o/r", now=NOW)
    assert isinstance(done, Pattern)
    path = tmp_path / "DISCOVERIES.md"
    assert isinstance(
        append(path, entry_for(signature, FIX, done, repository="o/r"), locks=tmp_path / "locks"), Appended
    )
    entries, doubts = parse(path.read_text())
    empty = Store(tmp_path / "none.sqlite3", store.sleep)
    (one,) = lookup(empty, entries, [signature], repository="o/r", target="b", now=NOW).known
    assert (one.pattern, one.solution, one.fixed_by, one.minutes, one.seen, doubts) == (
        done.id,
        Untrusted(FIX.solution),
        Untrusted("3fc09d1"),
        14,
        1,
        (),
    )
    assert "| tool | ERROR: Cannot install botocore==1.31 and urllib3==2.0" in path.read_text()


def test_without_the_database_the_record_still_answers(store: Store) -> None:
    store.path.parent.mkdir()
    store.path.write_text("not a database " * 100)
    found = looked(store, entry())
    assert isinstance(found.problem, StoreProblem)
    assert [one.pattern for one in found.known] == [entry().id]


def test_the_record_rebuilds_the_database(store: Store) -> None:
    assert rebuild(store, [entry(), entry(id="00000000", last_seen="")], repository="o/r", now=NOW) == 2
    assert rebuild(store, [entry(), entry(id="00000000", last_seen="")], repository="o/r", now=NOW) == 0
    (found,) = known(store, "a", PIP)
    assert (found.pattern.seen, found.pattern.solution, found.exact) == (5, Untrusted("written fix"), True)
    assert not kept(store, "a", PIP).new_pattern
    assert rebuild(store, [entry(state="withdrawn")], repository="o/r", now=NOW) == 1
    assert known(store, "b", PIP) == ()


def test_the_loop_goes_on_meanwhile(store: Store) -> None:
    async def session() -> Lookup:
        seen = Seen(signed(PIP), "t", 0.5)
        assert isinstance(await aside.record(store, Occurrence("o/r", "a", NOW, seen)), Recorded)
        assert isinstance(await aside.resolve(store, signed(PIP), FIX, repository="o/r", now=NOW), Pattern)
        return await aside.lookup(store, [], [signed(PIP)], repository="o/r", target="b", now=NOW)

    assert len(anyio.run(partial(session)).found) == 1
