"""What is said of commits, held against the hostile inputs: nothing alive on a terminal or for the runner, nothing leaked."""

from __future__ import annotations

import base64
import json
import lzma
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.cli.learn import _as_json, _as_text
from diagnose.learn.choose import choose
from diagnose.learn.named import Failure
from diagnose.learn.settle import Learnt, _clean
from diagnose.learn.start import Learned, Wanted
from diagnose.learn.walk import Walk
from diagnose.model.text import Untrusted, phrase
from diagnose.safety.plain import plain
from diagnose.safety.redact import Redactor
from diagnose.safety.runner import to_runner
from diagnose.sources.span import Span, Step, Touched

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import ModuleType

FAILURE = Failure("test", "pytest", ("a test fails: test_total_rounds",), ("tests/test_orders.py::test_total_rounds",))
PATCH = "@@ -1 +1 @@\n-a\n+b"


def learnt_of(text: str, redact: Callable[[str], str]) -> list[Learnt]:
    """What is learnt of a commit whose message, whose file, and whose pinned package have this name."""
    steps = [
        Step("b" * 40, text, files=(Touched("src/app/orders.py", patch=PATCH),)),
        Step("b" * 40, "Change it", files=(Touched(text, patch=PATCH),)),
        Step(
            "b" * 40,
            "Pin it",
            files=(Touched("requirements.txt", patch=f"@@ -1 +1 @@\n-{text}==1\n+{text}==2\n-a=={text}\n+a==2"),),
        ),
    ]
    out = []
    for step in steps:
        choice = choose(FAILURE, _clean(Span("a" * 40, step.sha, "ahead", (step,), step.files, commits=1), redact))
        if choice is not None:
            line = Untrusted(redact(choice.line))
            out.append(
                Learnt(
                    "7f3a9c2e",
                    Untrusted(redact(text)),
                    line,
                    choice,
                    "taken",
                    choice.sure,
                    1.5,
                    20.0,
                    Untrusted(redact(text)),
                    Untrusted(redact(text)),
                )
            )
    return out


def learned(texts: Sequence[str], redact: Callable[[str], str]) -> list[Learned]:
    """Answers that hold all of it, twenty cures each."""
    every = [each for text in texts for each in learnt_of(text, redact)]
    since = datetime(2026, 11, 1, tzinfo=UTC)
    return [
        Learned(
            "acme/app",
            "main",
            Walk(
                since,
                looked=1,
                learnt=every[place : place + 20],
                troubles=[phrase("run 9: ", each.title) for each in every[place : place + 20]],
            ),
            1.0,
        )
        for place in range(0, len(every), 20)
    ]


@pytest.fixture
def hostile(cases: Callable[[str], list[dict[str, Any]]], cases_folder: Path) -> list[str]:
    rows = [row for name in ("terminal", "markdown-live", "paths", "prompt-injection") for row in cases(name)]
    texts = [
        base64.b64decode(row["b64"]).decode("utf-8", "replace")
        if "b64" in row
        else str(row.get("input", row.get("path", "")))
        for row in rows
    ]
    commands = lzma.decompress((cases_folder / "dev" / "runner-commands.txt.xz").read_bytes()).decode().split("\n")
    return texts + [json.loads(row.split("\t", 3)[3]) for row in commands if row.startswith("run-")]


def test_no_commit_is_alive_where_it_is_shown(hostile: list[str], judge: ModuleType) -> None:
    for found in learned(hostile, Redactor({}).redact):
        text = _as_text(found, Wanted(branch="main"))
        assert judge.live_terminal(text) == []
        assert judge.live_commands(to_runner(text.splitlines()), viewer=True) == []
        assert judge.bad_json(_as_json(found).encode()) == []


def test_no_secret_of_a_commit_is_shown_or_kept(
    cases: Callable[[str], list[dict[str, Any]]], judge: ModuleType
) -> None:
    rows = [row for row in cases("secrets") if row["must_hide"]]
    for row in rows:
        values = ["".join(parts) for parts in row["values"]]
        redact = Redactor({name: "".join(parts) for name, parts in row.get("env", {}).items()}).redact
        for found in learned(["".join(row["parts"])], redact):
            shown = (
                _as_text(found, Wanted(branch="main"))
                + _as_json(found)
                + "".join(plain(each.line) for each in found.walk.learnt)
            )
            assert judge.leaked(shown, values) == [], row["id"]
