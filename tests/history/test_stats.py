"""The figures in a terminal and as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from diagnose.history.figures import figures
from diagnose.history.stats import stats_sentences, stats_text, stats_tree
from diagnose.memory.history import History
from diagnose.safety.json_out import to_json
from tests.history.test_page import hostile, inputs
from tests.support.histories import TODAY, busy, event, green, known
from tests.support.security import judge_of

DAY = TODAY.date()
SMALL = History(
    (known(1, id="aaaa0001", title="The beam is too wide"), known(2, id="bbbb0002")),
    (
        event(1, 20, escalated=True, confidence=0.4), event(2, 9, category="lint", tests=("test_lamp",), verdict="flaky", trusted=False), event(1, 3, again=True, recognised=True, tests=("test_lamp",), verdict="flaky"),
        event(1, 2, again=True, confidence=0.96),
    ),
    (green(19.5), green(2.5)),
)  # fmt: skip


def test_nothing_recorded_has_no_share() -> None:
    assert (
        stats_text(figures(History(), DAY), DAY)
        == "No failure is recorded yet; 0 patterns known from a record. It fills as you diagnose.\n"
    )
    assert "1 pattern known" in stats_text(figures(History((known(1),)), DAY), DAY)
    tree = json.loads(to_json(stats_tree(figures(History(), DAY))))
    assert [tree[name] for name in ("seen_before", "recognised", "escalated", "mean_confidence", "confident")] == [
        None
    ] * 5
    assert [target["met"] for target in tree["targets"]] == [None] * 4


def test_the_figures_stand_against_their_targets() -> None:
    said = stats_text(figures(SMALL, DAY), DAY)
    assert (
        said
        == """\
3 weeks to 21 Nov 2026 · 4 failures · 2 patterns · 50 % seen before

  ! Repeats recognised    50 % of 2               target: over 60 %
  ! Escalated to a person 25 % of 4               target: under 20 %
  ✓ Confidence            0.79, mean of 4         target: over 0.70
  ✓ Time to resolve       12 h known, 4 days new  target: known sooner than new

  week    31 Aug ········▄·▄█ 16 Nov · highest 2, week of 16 Nov
  kind    tests 3 · lint and format 1
  to fix  known 12 h (median, to green) · new 4 days (median, to green)
          1 failure not seen green yet
  sure    almost certain 25 % · very likely 50 % · a guess 25 %
  flaky   test_lamp  1 of 1 passed again
  top     aaaa0001  3 times    The beam is too wide

1 failure of these on forks or other refs that anybody can write.
"""
    )


def test_sentences_say_the_same_without_marks() -> None:
    assert stats_sentences(figures(History(), DAY), DAY) == stats_text(figures(History(), DAY), DAY)
    said = stats_sentences(figures(SMALL, DAY), DAY)
    for sentence in (
        "3 weeks to 21 Nov 2026, 4 failures, 2 patterns, 50 % seen before.", "Repeats recognised: 50 % of 2; target: over 60 %, missed.", "Week of 26 Oct: 1 failure.", "Tests: 3 failures.",
        "Median time to green of known failures: 12 h.", "Confidence a guess: 25 % of the answers.", "Flaky test: test_lamp, failed once, 1 of these passed again.", "Pattern aaaa0001, met 3 times: The beam is too wide.",
    ):  # fmt: skip
        assert sentence in said.splitlines()
    assert said.isascii()


@pytest.mark.parametrize("ascii_only", [False, True])
def test_rows_fit_eighty_columns(ascii_only: bool) -> None:  # noqa: FBT001 - a table
    for history in (SMALL, busy(60, 12), busy(2_000, 300, days=170)):
        said = stats_text(figures(history, DAY), DAY, ascii_only=ascii_only)
        assert max(map(len, said.splitlines())) <= 80
        assert said.isascii() is ascii_only


def test_the_tree_holds_what_the_text_says() -> None:
    tree = json.loads(to_json(stats_tree(figures(SMALL, DAY))))
    assert (
        tree["failures"],
        tree["on_untrusted_refs"],
        tree["seen_before"],
        tree["recognised"],
        tree["escalated"],
    ) == (4, 1, 0.5, 0.5, 0.25)
    assert tree["time_to_resolve"]["known"] == [0, 0, 0, 1, 0]
    assert tree["time_to_resolve"]["known_median"] == 720
    assert tree["flaky"][0]["untrusted_test"] == "test_lamp"
    assert tree["top"] == [{"pattern": "aaaa0001", "untrusted_title": "The beam is too wide", "times": 3}]
    assert tree["weeks"][-1]["failures"] == 2
    assert datetime.fromisoformat(tree["flaky"][0]["last"]).tzinfo == UTC


def test_hostile_words_are_dead_in_the_terminal_and_in_json() -> None:
    judge = judge_of()
    found = figures(hostile(list(dict.fromkeys(inputs().values()))), DAY)
    said = stats_text(found, DAY)
    assert judge.live_terminal(said) == []
    written = to_json(stats_tree(found), tty=True)
    assert judge.bad_json(written.encode()) == []
    assert judge.live_terminal(written) == []
