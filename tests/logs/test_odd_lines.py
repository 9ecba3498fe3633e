"""Lines made of cut and mixed-up markers, and bytes of no meaning at all: read, marked within the gate, counted as they are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.logs.dialect import Reframing
from diagnose.logs.dialects import dialects
from tests.support.reading import log_of

NAMES = ("appveyor", "azure-pipelines", "bitbucket", "circleci", "drone", "teamcity", "woodpecker", "zuul")
OURS = [dialect for dialect in dialects() if dialect.name in NAMES]
PIECES = [
    "2026-11-20T09:12:04.1683002Z ", "2026-11-20 09:12:04.168300 | ", "[09:12:01]", "[00:00:01] ", "[2026-11-20 09:12:01]", "\ufeff", "W:", "E:", "\t", " ",
    "##[section]Starting: ", "##[section]Finishing: ", "##[error]", "Bash exited with code '", "##vso[task.complete result=", "Failed;]", "Starting: ",
    "noble | ", "noble -> ", "ERROR", "ERROR: Ignoring Errors", "ok: ERROR (ignored)", "{", "}", '  "rc": ', "TASK [", "RUN START: [", "RUN END RESULT_", "PLAY RECAP",
    "ok: 1 changed: 1 unreachable: 1 failed: ", " [Step 1/2] ", "Step 1/2: ", "##teamcity[", "testFailed name='", "|", "|0x", "'", "]", "Process exited with code ",
    "Build finished", "[a:L0:", "0s] ", "[a:0] ", "uuid=01K8Z3V5QY7X: exit code ", " : exit code ", "ci > a (#1):", "+ ", "make", "'", "exit ", "Build teardown",
    "====>> ", "#!/bin/bash -eo pipefail", "Exited with code exit status ", "Error: task failed", 'Running "', '" scripts', "Build started", "Build failed",
    "Command exited with code ", "7", "9" * 40, "\u0663", "\x1b[31m", "\x1b", "\r", "\0", "\x08", "x", "\ufffd",
]  # fmt: skip
LINES = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


@settings(deadline=None, max_examples=300)
@given(LINES)
def test_a_line_of_pieces_is_read_and_marked_within_the_gate(text: str) -> None:
    for dialect in OURS:
        stripped = dialect.strip(text)
        assert text.endswith(stripped)
        mark = dialect.mark(7, text, stripped)
        assert mark is None or any(literal in text.encode() for literal in dialect.literals)
        assert dialect.votes([text.encode()]) in (0, 1, 2, 3)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(LINES.map(str.encode), st.binary(max_size=40)), max_size=30).map(b"\n".join))
def test_a_log_of_such_lines_keeps_its_lines(data: bytes) -> None:
    for dialect in OURS:
        if isinstance(dialect, Reframing):
            assert dialect.whole(data).count(b"\n") == data.count(b"\n")
    log = log_of(data)
    assert log.total == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
    assert all(1 <= step.first <= step.body <= step.last <= log.total for step in log.steps)


@pytest.mark.parametrize("piece", PIECES, ids=range(len(PIECES)))
def test_a_very_long_line_is_read(piece: str) -> None:
    for text in (piece * (60_000 // len(piece)), piece + " " * 60_000, piece + "'" * 60_000):
        for dialect in OURS:
            assert text.endswith(dialect.strip(text))
            dialect.mark(1, text, dialect.strip(text))
            dialect.votes([text.encode()])
