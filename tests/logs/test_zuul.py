"""Zuul's playbooks, tasks and results."""

from __future__ import annotations

import pytest

from diagnose.logs.dialects import detect
from diagnose.logs.dialects.zuul import DIALECT
from diagnose.logs.steps import failed_steps
from diagnose.rank.outcome import outcome_of
from tests.support.reading import log_of, shipped_reading_of, stamped

AT = "2026-11-20 09:12:01.168300 | "
PLAYBOOK = "[untrusted : example.org/acme/shop/playbooks/{}.yaml@main]"


def written(*lines: str) -> str:
    return "".join(f"{AT}{line}".rstrip() + "\n" for line in lines)


def playbook(phase: str, *lines: str, result: str = "RESULT_NORMAL") -> list[str]:
    name = PLAYBOOK.format(phase.lower().removesuffix("-run"))
    return [f"{phase} START: {name}", "", "PLAY [all]", "", *lines, f"{phase} END {result}: {name}"]


def failure(code: int, *more: str, node: str = "noble") -> list[str]:
    return [
        f"{node} | {line}"
        for line in (
            "ERROR",
            "{",
            '  "delta": "0:00:01",',
            '  "msg": "non-zero return code",',
            f'  "rc": {code}',
            "}",
            *more,
        )
    ]


@pytest.mark.parametrize(
    ("text", "stripped", "stamp"),
    [
        (f"{AT}TASK [Test]", "TASK [Test]", "2026-11-20T09:12:01.168300"),
        (f"{AT}noble | text", "text", "2026-11-20T09:12:01.168300"),
        (f"{AT}noble |   indented | more", "  indented | more", "2026-11-20T09:12:01.168300"),
        (f"{AT}noble -> localhost | text", "text", "2026-11-20T09:12:01.168300"),
        (f"{AT}a sentence of words | text", "a sentence of words | text", "2026-11-20T09:12:01.168300"),
        (AT.rstrip(), "", "2026-11-20T09:12:01.168300"),
        (f"{AT}noble |", "", "2026-11-20T09:12:01.168300"),
        ("2026-11-20 09:12:01.168 | INFO | text", "2026-11-20 09:12:01.168 | INFO | text", ""),
        ("text", "text", ""),
    ],
)
def test_stamp_and_node_are_framing(text: str, stripped: str, stamp: str) -> None:
    assert (DIALECT.strip(text), DIALECT.stamp(text)) == (stripped, stamp)


TEST = "TASK [shell: make test]"


@pytest.mark.parametrize(
    ("lines", "failed"),
    [
        (playbook("RUN", TEST, "noble | ok: Runtime: 0:00:01"), []),
        (playbook("RUN", TEST, "noble | out", *failure(2)), [("RUN run.yaml / shell: make test", 2)]),
        (
            playbook("RUN", TEST, *failure(2), "PLAY RECAP", "noble | ok: 1 changed: 1 unreachable: 0 failed: 1"),
            [("RUN run.yaml / shell: make test", 2)],
        ),
        (
            playbook("RUN", TEST, *failure(2, "ERROR: Ignoring Errors"), "TASK [Next]", "noble | ok: Runtime: 0:00:01"),
            [],
        ),
        (
            playbook("RUN", TEST, *failure(2, "ERROR: Ignoring Errors"), "TASK [Next]", *failure(3)),
            [("RUN run.yaml / Next", 3)],
        ),
        (
            playbook("RUN", TEST, *failure(2, node="other"), *failure(2, "ERROR: Ignoring Errors")),
            [("RUN run.yaml / shell: make test", 2)],
        ),
        (playbook("RUN", TEST, "noble | ok: ERROR (ignored)", "noble | {", 'noble |   "rc": 2', "noble | }"), []),
        (playbook("RUN", TEST, "noble | ERROR: the cart is empty"), [("RUN run.yaml / shell: make test", None)]),
        (
            playbook("RUN", TEST, "noble | MODULE FAILURE:", "noble | Exception: x"),
            [("RUN run.yaml / shell: make test", None)],
        ),
        (playbook("RUN", TEST, "noble | ok", 'noble |     "rc": 2,'), []),
        (playbook("RUN", TEST, 'noble |   "rc": 0,'), []),
        (playbook("RUN", TEST, "noble | out", result="RESULT_TIMED_OUT"), [("RUN run.yaml / shell: make test", None)]),
        (
            playbook("RUN", TEST, "PLAY RECAP", "noble | ok: 1 changed: 1 unreachable: 1 failed: 0"),
            [("RUN run.yaml / shell: make test", None)],
        ),
        (
            playbook("RUN", TEST, "PLAY RECAP", "noble | ok: 1 changed: 1 unreachable: 0 failed: 1"),
            [("RUN run.yaml / shell: make test", None)],
        ),
        (
            playbook("PRE-RUN", TEST, *failure(4)) + playbook("POST-RUN", "TASK [Logs]", *failure(5)),
            [("PRE-RUN pre.yaml", 4)],
        ),
        (playbook("POST-RUN", "TASK [Logs]", *failure(5)), []),
        (
            playbook("RUN", "LOOP [Install {item}]", "noble | ERROR: Item: x", 'noble |   "rc": 1,'),
            [("RUN run.yaml / Install {item}", 1)],
        ),
    ],
)
def test_which_task_failed(lines: list[str], failed: list[tuple[str, int | None]]) -> None:
    log = log_of(written("Job console starting...", *lines))
    assert log.dialect.name == "zuul"
    assert [(step.name, step.code) for step in failed_steps(log.steps)] == failed


@pytest.mark.parametrize(
    ("task", "status"),
    [
        (["noble | ok: Runtime: 0:00:01"], "passed"),
        (failure(2), "failed"),
        (failure(2, "ERROR: Ignoring Errors"), "passed"),
    ],
)
def test_a_job_that_came_to_its_clean_up_without_a_failure_passed(task: list[str], status: str) -> None:
    reading = shipped_reading_of(
        written(*playbook("RUN", TEST, *task), *playbook("POST-RUN", "TASK [Logs]", "noble | changed"))
    )
    assert outcome_of(reading).status == status


def test_a_note_in_the_frame_is_not_seen_and_moves_no_line() -> None:
    text = written(*playbook("RUN", TEST, *failure(2, "ERROR: Ignoring Errors")))
    marked = DIALECT.whole(text.encode()).decode()
    assert marked != text
    shown = [DIALECT.strip(line) for line in text.split("\n")]
    assert [DIALECT.strip(line) for line in marked.split("\n")] == [
        "" if line in ("{", "}") else line for line in shown
    ]
    assert (
        DIALECT.whole(b"no ERROR: Ignoring Errors\n| ERROR: Ignoring Errors")
        == b"no ERROR: Ignoring Errors\n| ERROR: Ignoring Errors"
    )


def test_braces_are_framing_only_where_a_result_begins_and_ends() -> None:
    lines = playbook("RUN", TEST, "noble | {", "noble | }", *failure(2), "noble | }", "noble | ERROR", "noble | {")
    log = log_of(written(*lines))
    assert [line.text for line in log.lines(6, 15)] == [
        "{",
        "}",
        "ERROR",
        "",
        '  "delta": "0:00:01",',
        '  "msg": "non-zero return code",',
        '  "rc": 2',
        "",
        "}",
        "ERROR",
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2026-11-20 09:12:01.168 | INFO     | app:run:7 - started\n" * 20, "plain"),
        (stamped(written(*playbook("RUN", TEST))), "github"),
        (f"{AT}once\n" + "out\n" * 9, "plain"),
        (written(*playbook("RUN", TEST)), "zuul"),
    ],
)
def test_which_logs_are_its_own(text: str, name: str) -> None:
    assert detect(text.encode()).name == name
