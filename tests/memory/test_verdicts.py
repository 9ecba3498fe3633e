"""What speaks for and against a pattern: rejections, passing logs, age, automatic solutions, sightings in forks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from diagnose.memory.green import Failure, Green, KeptGreen, keep_green, open_failures
from diagnose.memory.match import Match, match
from diagnose.memory.patterns import Resolution, list_patterns, resolve
from diagnose.memory.propose import MOST_SURE, Proposal, Proposed, propose
from diagnose.memory.record import Occurrence, Recorded, Seen, record
from diagnose.memory.reject import Rejected, Rejection, refute
from diagnose.memory.signature import Signature, sign
from diagnose.memory.similarity import SAME
from diagnose.memory.standing import expired, stale, standing
from diagnose.memory.walk import keep_walk, walked
from diagnose.model.text import Untrusted
from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from diagnose.memory.rows import Pattern
    from diagnose.memory.store import Store

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LOGIN = "FAILED tests/test_login.py::test_login - AssertionError: expected the dashboard, got the login page of portal"
NEAR = LOGIN.replace("dashboard,", "dashboard;")
OTHER = "cannot link libportal.so into the portal binary"


def signed(line: str) -> Signature:
    found = sign([line], category="test", tool="tool", rule="")
    assert found
    return found


def kept(
    store: Store,
    target: str,
    line: str = LOGIN,
    at: datetime = NOW,
    *,
    branch: str = "main",
    job: str = "build",
    trusted: bool = True,
) -> Recorded:
    seen = Seen(signed(line), "it broke", 0.5)
    done = record(
        store,
        Occurrence("o/r", target, at, seen, branch=branch, job=job, commit="abc", tests=("a::b", "c"), trusted=trusted),
    )
    assert isinstance(done, Recorded)
    return done


def known(store: Store, line: str = LOGIN, now: datetime = NOW, *, trusted: bool = True) -> tuple[Match, ...]:
    found = match(store, [signed(line)], repository="o/r", target="new", now=now, least=SAME, trusted=trusted)
    assert isinstance(found, tuple)
    return found


def listed(store: Store) -> tuple[Pattern, ...]:
    found = list_patterns(store, now=NOW)
    assert isinstance(found, tuple)
    return found


def rejected(store: Store, pattern: str, line: str | None = LOGIN, who: str = "anna") -> Rejected:
    done = refute(store, Rejection(pattern, "o/r", signed(line) if line else None, who, 0.9), now=NOW)
    assert isinstance(done, Rejected)
    return done


@pytest.mark.parametrize(
    ("seen", "wrong", "passed", "stands"),
    [
        (1, 0, 0, "good"),
        (1, 1, 0, "doubtful"),
        (1, 0, 1, "doubtful"),
        (1, 1, 1, "silent"),
        (5, 2, 0, "silent"),
        (18, 2, 0, "good"),
        (9, 1, 0, "good"),
    ],
)
def test_how_a_pattern_may_match(seen: int, wrong: int, passed: int, stands: str) -> None:
    assert standing(seen=seen, wrong=wrong, passed=passed) == stands


@pytest.mark.parametrize(
    ("days", "state", "says"),
    [(10, "open", ""), (100, "open", "stale"), (400, "open", "stale expired"), (400, "solved", "stale")],
)
def test_age(days: int, state: str, says: str) -> None:
    last = (NOW - timedelta(days=days)).isoformat()
    gone = expired(last_seen=last, solved=state == "solved", now=NOW)
    assert " ".join([*(["stale"] if stale(last, NOW) else []), *(["expired"] if gone else [])]) == says


def test_what_is_too_old_is_known_by_equal_lines_alone(store: Store) -> None:
    kept(store, "a")
    later = NOW + timedelta(days=400)
    assert known(store, NEAR)
    assert not known(store, NEAR, later)
    assert known(store, LOGIN, later)[0].pattern.state == "stale"


def test_a_rejection_of_nothing_is_none(store: Store) -> None:
    kept(store, "a")
    assert refute(store, Rejection("00000000", "o/r", signed(LOGIN)), now=NOW) is None
    assert refute(store, Rejection(signed(LOGIN).id, "o/other", signed(LOGIN)), now=NOW) is None


def test_a_refuted_pair_never_matches_again(store: Store) -> None:
    first = kept(store, "a")
    assert kept(store, "b", NEAR).pattern == first.pattern
    done = rejected(store, first.pattern, NEAR)
    assert (done.new, done.moved, done.apart, done.pattern.wrong) == (True, 1, signed(NEAR).id, 1)
    assert not rejected(store, first.pattern, NEAR).new
    assert {one.pattern.id for one in known(store, NEAR)} == {done.apart}
    assert [one.pattern.id for one in known(store, LOGIN)] == [first.pattern]
    assert kept(store, "c", NEAR).pattern == done.apart
    assert sorted(one.seen for one in listed(store)) == [1, 2]


def test_what_is_nearer_to_a_refuted_failure_is_refuted_too(store: Store) -> None:
    for number in range(20):
        kept(store, f"a{number}")
    rejected(store, signed(LOGIN).id, NEAR)
    assert not known(store, NEAR + ";")
    assert known(store, LOGIN + " now")


def test_its_own_failure_can_be_refuted(store: Store) -> None:
    first = kept(store, "a")
    assert rejected(store, first.pattern).moved == 0
    assert not known(store)
    assert kept(store, "b").pattern == first.pattern


def test_two_rejections_silence_a_pattern(store: Store) -> None:
    first = kept(store, "a")
    assert rejected(store, first.pattern, None, "anna").pattern.state == "open"
    assert not rejected(store, first.pattern, None, "anna").new
    assert [one.exact for one in known(store)] == [True]
    assert not known(store, NEAR)
    assert rejected(store, first.pattern, None, "ben").pattern.state == "wrong"
    assert not known(store)


def green(
    store: Store, target: str, at: datetime = NOW, log: str = "", branch: str = "main", job: str = "build"
) -> KeptGreen:
    done = keep_green(store, Green("o/r", target, at, branch, job, "def", "https://ci/1"), log=log)
    assert isinstance(done, KeptGreen)
    return done


@pytest.mark.parametrize(
    "log", ["", "all is well\n", "expected the dashboard\n", LOGIN.replace("login page", "start page")]
)
def test_a_passing_log_without_it_says_nothing(store: Store, log: str) -> None:
    kept(store, "a")
    assert green(store, "g", log=log) == KeptGreen(new=True)
    assert listed(store)[0].passed == 0


def test_a_passing_log_with_it_counts_once_and_two_silence_it(store: Store) -> None:
    first = kept(store, "a")
    log = f"begin\n2026-11-20T12:00:00Z {LOGIN}\nend"
    assert green(store, "g1", log=log).held == (first.pattern,)
    assert green(store, "g1", log=log) == KeptGreen(new=False)
    assert [one.exact for one in known(store)] == [True]
    green(store, "g2", log=log)
    assert not known(store)
    assert (listed(store)[0].passed, listed(store)[0].state, listed(store)[0].precision) == (2, "wrong", 1 / 3)


def open_(store: Store, **asked: object) -> list[tuple[str, bool]]:
    found = open_failures(store, repository="o/r", branch="main", **asked)  # type: ignore[arg-type]
    assert isinstance(found, tuple)
    assert all(isinstance(one, Failure) and one.tests == (Untrusted("a::b"), Untrusted("c")) for one in found)
    return [(plain(one.target), one.trusted) for one in found]


def test_failures_since_the_last_green_run(store: Store) -> None:
    assert open_(store) == []
    green(store, "g0", NOW)
    kept(store, "late", OTHER, NOW + 3 * HOUR)
    kept(store, "early", LOGIN, NOW + HOUR, trusted=False)
    kept(store, "elsewhere", LOGIN, NOW + HOUR, branch="other")
    kept(store, "other job", LOGIN, NOW + 2 * HOUR, job="lint")
    assert open_(store) == [("early", False), ("other job", True), ("late", True)]
    assert open_(store, job="build") == [("early", False), ("late", True)]
    assert open_(store, job="build", before=NOW + 2 * HOUR) == [("early", False)]
    green(store, "g1", NOW + 4 * HOUR)
    assert open_(store) == [("other job", True)]
    assert open_(store, job="build", before=NOW + 4 * HOUR) == [("early", False), ("late", True)]


def proposed(store: Store, solution: str = "pin urllib3 < 2", fixed_by: str = "c1", sure: float = 0.5) -> Proposed:
    links = ("https://ci/1", "https://ci/2\nhttps://evil")
    done = propose(
        store,
        Proposal(
            signed(LOGIN).id, "o/r", solution, "green-run", fixed_by, "anna", links, sure, elapsed=2.0, minutes=14
        ),
        now=NOW,
    )
    assert isinstance(done, Proposed)
    return done


def test_a_proposal_for_nothing_is_none(store: Store) -> None:
    assert propose(store, Proposal("00000000", "o/r", "x", "re-run"), now=NOW) is None


def test_a_candidate_is_never_sure_and_a_second_fix_lifts_it(store: Store) -> None:
    kept(store, "a")
    first = proposed(store, sure=1.0)
    assert (
        first.outcome,
        first.pattern.sure,
        first.pattern.how,
        first.pattern.state,
        first.pattern.elapsed,
        first.pattern.minutes,
    ) == ("taken", MOST_SURE, "green-run", "resolved", 2, 14)
    assert len(first.pattern.links) == 2
    assert proposed(store).outcome == "known"
    assert proposed(store, "bump the runner", "c2", 0.3).outcome == "beside"
    again = proposed(store, fixed_by="c3")
    assert (again.outcome, again.pattern.sure, again.pattern.fixed_by) == ("confirmed", 0.8, Untrusted("c3"))
    assert proposed(store).pattern.sure == 0.8


def test_a_persons_word_goes_before_a_proposal(store: Store) -> None:
    kept(store, "a")
    resolve(store, signed(LOGIN), Resolution("t", "c", "as a person says"), repository="o/r", now=NOW)
    done = proposed(store)
    assert (done.outcome, done.pattern.solution) == ("told", Untrusted("as a person says"))


def test_nothing_is_learnt_from_forks_alone(store: Store) -> None:
    kept(store, "evil", trusted=False)
    assert proposed(store).outcome == "untrusted"
    assert listed(store)[0].solution == Untrusted("")
    kept(store, "good")
    assert proposed(store).outcome == "taken"


def test_forks_are_not_seen_by_trusted_runs(store: Store) -> None:
    kept(store, "evil", trusted=False)
    assert not known(store)
    assert [one.pattern.untrusted for one in known(store, trusted=False)] == [1]
    kept(store, "good", at=NOW - HOUR)
    (found,) = known(store)
    assert [plain(one.target) for one in found.sightings] == ["good"]
    assert (found.pattern.seen, found.pattern.untrusted, found.pattern.last_seen) == (1, 1, (NOW).isoformat())


def test_a_fork_brings_no_pattern_back_and_makes_no_line_common(store: Store) -> None:
    kept(store, "a")
    proposed(store)
    kept(store, "evil", at=NOW + HOUR, trusted=False)
    assert listed(store)[0].state == "resolved"
    kept(store, "b", at=NOW + HOUR)
    assert listed(store)[0].state == "came-back"
    assert store.read(lambda db: db.execute("SELECT sum(seen) FROM line").fetchone()[0]) == 2


def test_a_walk_goes_on(store: Store) -> None:
    asked = {"repository": "o/r", "what": "branch main"}
    assert walked(store, **asked) == ""
    for cursor in ("p1", "p2"):
        assert keep_walk(store, **asked, cursor=cursor, now=NOW) is None
    assert walked(store, **asked) == "p2"
    assert keep_walk(store, **asked, cursor="", now=NOW) is None
    assert walked(store, **asked) == ""
