"""Rows go out and come in, from hostile files too; and what was kept is taken away again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.memory.green import Green, keep_green
from diagnose.memory.match import match
from diagnose.memory.patterns import Resolution, list_patterns, resolve
from diagnose.memory.problem import StoreProblem
from diagnose.memory.propose import Proposal, propose
from diagnose.memory.record import Occurrence, Seen, record
from diagnose.memory.reject import Rejection, refute
from diagnose.memory.remove import Removed, forget, prune
from diagnose.memory.signature import Signature, sign
from diagnose.memory.store import Store
from diagnose.memory.transfer import HEAD, Imported, rows_in, rows_out
from diagnose.model.text import Untrusted

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TABLES = (
    "repository",
    "signature",
    "df",
    "posting",
    "line",
    "pattern",
    "occurrence",
    "green",
    "refuted",
    "proposal",
    "walk",
)


def signed(line: str) -> Signature:
    found = sign([line, "at place of the portal"], category="test", tool="tool", rule="t/r")
    assert found
    return found


def kept(
    store: Store,
    target: str,
    line: str = "cannot open file alpha",
    at: datetime = NOW,
    repository: str = "o/r",
    *,
    trusted: bool = True,
) -> None:
    seen = Seen(signed(line), "it broke", 0.5, 7)
    other = Seen(signed("linker found no beta"), "or this", 0.2)
    record(
        store,
        Occurrence(
            repository,
            target,
            at,
            seen,
            (other,),
            "build",
            "abc",
            "test",
            "tool",
            "flaky",
            "main",
            "anna",
            "https://ci/1",
            ("a", "b"),
            True,  # noqa: FBT003 - a row
            True,  # noqa: FBT003 - a row
            14,
            trusted,
        ),
    )


def full(store: Store) -> Store:
    kept(store, "a")
    kept(store, "evil", trusted=False)
    kept(store, "b", "undefined reference to gamma_init", NOW - timedelta(days=500))
    keep_green(store, Green("o/r", "g", NOW, "main", "build", "def", "https://ci/2"))
    propose(
        store,
        Proposal(
            signed("cannot open file alpha").id, "o/r", "pin it", "green-run", "c1", "ben", ("https://ci/3",), 0.5, 2
        ),
        now=NOW,
    )
    refute(
        store,
        Rejection(signed("cannot open file alpha").id, "o/r", signed("cannot open file delta"), "anna", 0.9),
        now=NOW,
    )
    return store


def out(store: Store, repository: str | None = None) -> tuple[str, ...]:
    rows = rows_out(store, repository=repository)
    assert isinstance(rows, tuple)
    return rows


def taken(store: Store, lines: list[str] | tuple[str, ...]) -> Imported:
    done = rows_in(store, lines, redact=lambda text: text.replace("hunter2", "[secret]"), now=NOW)
    assert isinstance(done, Imported)
    return done


def counts(store: Store) -> dict[str, int]:
    found = store.read(
        lambda db: {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}  # noqa: S608 - names of the test
    )
    assert isinstance(found, dict)
    return found


@pytest.fixture
def other(tmp_path: Path) -> Store:
    return Store(tmp_path / "other.sqlite3", lambda _: None)


def test_all_goes_out_and_comes_in_and_again_changes_nothing(store: Store, other: Store) -> None:
    rows = out(full(store))
    assert {json.loads(row).get("kind") for row in rows} == {
        None,
        "pattern",
        "sighting",
        "refuted",
        "proposal",
        "green",
    }
    assert (taken(other, rows).new, taken(other, rows).new) == (len(rows) - 1, 0)
    assert sorted(out(other)) == sorted(rows)
    assert counts(other) == counts(store)
    assert taken(store, rows).new == 0


def test_what_was_imported_is_recognised(store: Store, other: Store) -> None:
    taken(other, out(full(store)))
    found = match(other, [signed("cannot open file alpha")], repository="o/r", target="new", now=NOW)
    assert isinstance(found, tuple)
    assert (found[0].exact, found[0].pattern.seen, found[0].pattern.solution) == (True, 1, Untrusted("pin it"))


def test_one_repository_alone(store: Store) -> None:
    kept(store, "a")
    kept(store, "a", repository="o/other")
    assert {json.loads(row)["repository"] for row in out(store, "o/other")[1:]} == {"o/other"}


@pytest.mark.parametrize(
    ("here", "there", "stands"),
    [
        ("", "theirs", "theirs"),
        ("machine", "theirs", "theirs"),
        ("mine", "theirs", "mine"),
        ("mine", "", "mine"),
    ],
)
def test_whose_words_stand(store: Store, other: Store, here: str, there: str, stands: str) -> None:
    for where, words in ((other, here), (store, there)):
        kept(where, "a")
        if words == "machine":
            propose(where, Proposal(signed("cannot open file alpha").id, "o/r", words, "re-run"), now=NOW)
        elif words:
            resolve(where, signed("cannot open file alpha"), Resolution("t", "c", words), repository="o/r", now=NOW)
    rows = [row.replace('"how": ""', '"how": "person"') for row in out(store)]
    taken(other, rows)
    found = list_patterns(other, now=NOW)
    assert isinstance(found, tuple)
    assert found[0].solution == Untrusted(stands)


PATTERN: dict[str, Any] = {
    "kind": "pattern",
    "repository": "o/r",
    "id": "0123abcd",
    "title": "t",
    "category": "test",
    "tool": "x",
    "state": "open",
    "first_seen": "2026-11-01T00:00:00+00:00",
    "last_seen": "2026-11-02T00:00:00+00:00",
}
SIGHTING: dict[str, Any] = {
    "kind": "sighting",
    "repository": "o/r",
    "pattern": "0123abcd",
    "target": "a",
    "at": "2026-11-02T00:00:00+00:00",
    "category": "test",
    "signature": {"category": "test", "tool": "", "rule": "", "raw": ["cannot open file alpha"]},
}
HOSTILE = [
    ("{", "is not JSON"),
    ("[" * 5000, "is not JSON"),
    ("[1]", "is not a JSON object"),
    ('{"kind": NaN}', "is not JSON"),
    ('"' + "x" * 70_000 + '"', "is longer than"),
    ({}, "is of none of the kinds"),
    ({"kind": ["pattern"]}, "is of none of the kinds"),
    ({**PATTERN, "id": "../../etc"}, "has no proper `id`"),
    ({**PATTERN, "title": 7}, "has a `title` that is no text"),
    ({**PATTERN, "state": "DROP TABLE"}, "has a `state` that is none of"),
    ({**PATTERN, "minutes": -1}, "has a `minutes` that is not between"),
    ({**PATTERN, "minutes": True}, "has a `minutes` that is not between"),
    ({**PATTERN, "wrong": 10**30}, "has a `wrong` that is not between"),
    ({**PATTERN, "confidence": 1.5}, "has a `confidence`"),
    ({**PATTERN, "first_seen": "yesterday"}, "has no `first_seen`"),
    ({**PATTERN, "first_seen": "2026-11-01"}, "has no `first_seen`"),
    ({**PATTERN, "last_seen": "2027-11-01T00:00:00+00:00"}, "has a `last_seen` that is still to come"),
    ({**PATTERN, "first_seen": "0001-01-01T00:00:00+23:59"}, "has no `first_seen`"),
    ({**PATTERN, "links": ["x"] * 6}, "has `links` that are not at most 5 texts"),
    ({**PATTERN, "signature": {"raw": ["x\ny"]}}, "has no proper `signature`"),
    ({**PATTERN, "signature": {"category": "test", "raw": ["Done."]}}, "carry no identity"),
    ({**SIGHTING, "pattern": "fedcba98"}, "is of a pattern that neither"),
    ({**SIGHTING, "target": ""}, "has no `target`"),
    ({**SIGHTING, "rank": 9}, "has a `rank`"),
    ({**SIGHTING, "verdict": "guilty"}, "has a `verdict`"),
    (
        {
            "kind": "refuted",
            "repository": "o/r",
            "pattern": "0123abcd",
            "hash": "xyz",
            "at": "2026-11-02T00:00:00+00:00",
        },
        "has no proper `hash`",
    ),
    (
        {
            "kind": "refuted",
            "repository": "o/r",
            "pattern": "0123abcd",
            "hash": "ab",
            "line": 1,
            "at": "2026-11-02T00:00:00+00:00",
        },
        "has a `line`",
    ),
    (
        {
            "kind": "proposal",
            "repository": "o/r",
            "pattern": "0123abcd",
            "how": "person",
            "at": "2026-11-02T00:00:00+00:00",
        },
        "has a `how`",
    ),
]


@pytest.mark.parametrize(
    ("line", "why"), HOSTILE, ids=lambda value: value if isinstance(value, str) and len(value) < 60 else ""
)
def test_a_hostile_line_is_told_and_the_rest_is_kept(store: Store, line: str | dict[str, Any], why: str) -> None:
    hostile = line if isinstance(line, str) else json.dumps(line)
    done = taken(store, [json.dumps(HEAD), json.dumps(PATTERN), hostile, json.dumps(SIGHTING)])
    assert (done.refused, done.rows, [one.line for one in done.problems]) == (1, 2, [3])
    assert why in done.problems[0].message


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("garbage", "is not JSON"),
        ('{"format": "other"}', "is not the head"),
        ('{"format": "ci-diagnose memory", "version": 9}', "another version"),
    ],
)
def test_a_file_of_another_form_is_refused_whole(store: Store, head: str, why: str) -> None:
    done = taken(store, [head, json.dumps(PATTERN)])
    assert (done.rows, done.problems[0].line) == (0, 1)
    assert why in done.problems[0].message


def test_texts_are_redacted_and_cut(store: Store) -> None:
    row = {
        **PATTERN,
        "title": "hunter2 " + "x" * 9000,
        "signature": {**SIGHTING["signature"], "raw": ["login with hunter2 refused"]},
    }
    taken(store, [json.dumps(HEAD), json.dumps(row)])
    text = "\n".join(out(store))
    assert "hunter2" not in text
    assert len(json.loads(out(store)[1])["title"]) <= 2000


def test_a_store_that_cannot_be_used_is_a_value(store: Store, other: Store) -> None:
    rows = out(full(store))
    other.path.mkdir()
    assert isinstance(rows_in(other, rows, redact=str, now=NOW), StoreProblem)
    assert isinstance(rows_out(other), StoreProblem)


def test_forgetting_everything_by_mistake_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="say what"):
        forget(store)
    with pytest.raises(ValueError, match="at least one day"):
        prune(store, now=NOW, days=0)


def test_a_repository_is_forgotten_without_a_trace(store: Store) -> None:
    full(store)
    kept(store, "a", repository="o/other")
    before = counts(store)
    assert forget(store, repository="o/r") == Removed(2, 3, 1)
    assert counts(store)["pattern"] == 1
    forget(store, repository="o/other")
    assert set(counts(store).values()) == {0}
    assert before["df"] > 0
    data = b"".join(part.read_bytes() for part in store.path.parent.iterdir())
    assert b"cannot open file alpha" not in data


def test_a_pattern_is_forgotten_and_the_counts_are_as_without_it(store: Store, other: Store) -> None:
    kept(other, "b", "undefined reference to gamma_init")
    kept(store, "b", "undefined reference to gamma_init")
    kept(store, "a")
    assert forget(store, ident=signed("cannot open file alpha").id, repository="o/r") == Removed(1, 1, 0)
    assert counts(store) == counts(other)
    assert store.read(lambda db: db.execute("SELECT token, n FROM df ORDER BY token").fetchall()) == other.read(
        lambda db: db.execute("SELECT token, n FROM df ORDER BY token").fetchall()
    )
    assert forget(store, ident="00000000") == Removed(0, 0, 0)


def test_what_is_older_than_a_date_is_forgotten(store: Store) -> None:
    kept(store, "old", at=NOW - timedelta(days=10))
    kept(store, "new")
    kept(store, "gone", "undefined reference to gamma_init", NOW - timedelta(days=10))
    keep_green(store, Green("o/r", "g", NOW - timedelta(days=10)))
    assert forget(store, before=NOW - timedelta(days=5)) == Removed(1, 2, 1)
    assert [json.loads(row)["target"] for row in out(store) if '"sighting"' in row and '"rank": 0' in row] == ["new"]


def test_prune_keeps_what_has_a_solution(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    long_ago = NOW - timedelta(days=500)
    kept(store, "a", at=long_ago)
    kept(store, "b", "undefined reference to gamma_init", long_ago)
    resolve(store, signed("cannot open file alpha"), Resolution("t", "c", "pin it"), repository="o/r", now=long_ago)
    assert prune(store, now=NOW) == Removed(1, 1, 0)
    monkeypatch.setattr("diagnose.memory.remove.SIGHTINGS_KEPT", 2)
    for number in range(5):
        kept(store, f"n{number}", at=NOW + timedelta(minutes=number))
    assert prune(store, now=NOW).sightings == 4  # type: ignore[union-attr]
    found = list_patterns(store, now=NOW)
    assert isinstance(found, tuple)
    assert found[0].seen == 6
