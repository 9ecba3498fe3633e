"""Foreign text in every field: nothing of it lives in any format, and no row is wider than it may be."""

from __future__ import annotations

import base64
import functools
import importlib.util
import json
import lzma
import sys
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from diagnose.model.text import Phrase, Untrusted
from diagnose.render.interface import View, renderer
from diagnose.safety.runner import is_dead_json
from diagnose.safety.terminal import strip_ansi, to_terminal
from tests.render.samples import SAMPLES, TABLE, Everything

if TYPE_CHECKING:
    from diagnose.model.report import Report

CASES = Path(__file__).resolve().parents[2] / "../shared/security-cases"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the security cases are not beside the checkout")
FULLEST = "13-several"
TERMINAL_VIEWS = [View(80), View(40, ascii=True), View(80, plain=True), View(140, full=True)]


@functools.cache
def check() -> Any:
    spec = importlib.util.spec_from_file_location("security_check", CASES / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    kept = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = kept
    return module


def poisoned(value: Any, text: str) -> Any:
    """Put `text` into every Untrusted of a report, and behind every sentence of ours."""
    if isinstance(value, Untrusted):
        return Untrusted(text)
    if isinstance(value, Phrase):
        return Phrase(
            (*(Untrusted(text) if isinstance(part, Untrusted) else part for part in value.parts), " ", Untrusted(text))
        )
    if isinstance(value, tuple):
        return tuple(poisoned(item, text) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: poisoned(getattr(value, field.name), text) for field in fields(value)})
    return value


def report(text: str, name: str = FULLEST) -> Report:
    return cast("Report", poisoned(SAMPLES[name](), text))


def rendered(kind: str, text: str, view: View, name: str = FULLEST) -> str:
    return renderer(kind).render(report(text, name), replace(view, reliability=TABLE, tree=Everything()))


def rows(name: str) -> list[dict[str, Any]]:
    path = CASES / "dev" / name
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def terminal_inputs() -> list[str]:
    return [base64.b64decode(row["b64"]).decode("utf-8", "surrogateescape") for row in rows("terminal.jsonl")]


@needs_cases
@pytest.mark.parametrize("view", TERMINAL_VIEWS, ids=["80", "40-ascii", "plain", "140-full"])
def test_no_terminal_case_lives_in_text(view: View) -> None:
    inputs = terminal_inputs()
    assert len(inputs) > 50
    live = [(text, found) for text in inputs if (found := check().live_terminal(rendered("text", text, view)))]
    assert live == []


@needs_cases
def test_no_terminal_case_lives_in_brief_and_each_cause_stays_a_line() -> None:
    expected = len(rendered("brief", "x", View()).splitlines())
    for text in terminal_inputs():
        got = rendered("brief", text, View())
        assert check().live_terminal(got) == []
        assert got.count("\n") == expected


@needs_cases
def test_only_our_own_colours_are_left() -> None:
    for text in terminal_inputs():
        got = rendered("text", text, View(80, colour=True))
        assert check().live_terminal(got, allow_sgr=True) == []
        codes = {piece.split("m")[0] for piece in got.split("\x1b[")[1:]}
        assert codes <= {"0", "1", "2", "32", "36", "1;31", "1;33"}


@needs_cases
@pytest.mark.parametrize("kind", ["markdown", "summary"])
@pytest.mark.parametrize("name", [FULLEST, "02-matrix", "08-unclear", "09-hidden", "10-known"])
def test_no_markdown_case_lives_in_a_comment_or_summary(name: str, kind: str) -> None:
    baseline = rendered(kind, "x", View(), name)
    cases = rows("markdown-live.jsonl")
    assert len(cases) > 100
    live = [
        (row["id"], found)
        for row in cases
        if (found := check().live_markdown(rendered(kind, row["input"], View(), name), row.get("canary"), baseline))
    ]
    assert live == []


@needs_cases
def test_what_should_stay_readable_in_a_comment_does() -> None:
    import html
    import re

    for row in rows("markdown-keep.jsonl"):
        shown = html.unescape(re.sub(r"<[^>]+>", "", check().render(rendered("markdown", row["input"], View()))))
        assert row["input"].strip().splitlines()[0] in shown


@needs_cases
@pytest.mark.parametrize("tty", [False, True])
def test_json_stays_json(tty: bool) -> None:  # noqa: FBT001 - a column of the table
    inputs = [*terminal_inputs(), *(row["input"] for row in (*rows("markdown-live.jsonl"), *rows("html.jsonl")))]
    for text in inputs:
        got = rendered("json", text, View(tty=tty), "10-known" if tty else FULLEST)
        assert check().bad_json(got) == []
        if tty:
            assert check().live_terminal(got) == []


@needs_cases
@pytest.mark.parametrize("name", ["01-pytest", FULLEST])
def test_nothing_lives_in_sarif(name: str) -> None:
    inputs = [
        *terminal_inputs(),
        *(row["input"] for row in (*rows("markdown-live.jsonl"), *rows("html.jsonl"))),
        *(row["path"] for row in rows("paths.jsonl") if "path" in row),
    ]
    for text in inputs:
        got = rendered("sarif", text, View(), name)
        assert check().bad_json(got) == []
        assert check().bad_sarif(json.loads(got)) == []


@functools.cache
def runner_inputs() -> list[str]:
    packed = CASES / "dev" / "runner-commands.txt.xz"
    lines = lzma.decompress(packed.read_bytes()).decode().split("\n")
    return [json.loads(line.split("\t", 3)[3]) for line in lines if line.startswith("run-")]


@needs_cases
@pytest.mark.parametrize("name", ["01-pytest", "06-runner-lost", "09-hidden"])
def test_a_runner_obeys_our_annotations_alone(name: str) -> None:
    inputs = runner_inputs()
    assert len(inputs) > 500
    for text in inputs:
        found = check().live_commands(rendered("github", text, View(), name))
        assert {one["command"] for one in found} <= {"error"}
        assert len(found) <= 2


@needs_cases
@pytest.mark.parametrize("kind", ["json", "sarif"])
def test_json_on_the_console_of_a_runner_is_json_and_dead(kind: str) -> None:
    for text in runner_inputs():
        got = rendered(kind, text, View(), "01-pytest")
        assert check().live_commands(got) == []
        assert is_dead_json(got)
        assert json.loads(got)


@pytest.mark.parametrize("kind", ["markdown", "summary"])
def test_a_megabyte_in_every_place_fits(kind: str) -> None:
    got = rendered(kind, "`" * 500_000 + "\n" + "y" * 500_000, View())
    assert len(got) <= (20_000 if kind == "markdown" else 201_000)
    assert got.count("<details>") == got.count("</details>")
    assert len(got.encode()) <= 60_000 or kind == "summary"


@pytest.mark.parametrize("letter", ["界", "👩", "\u0301"])
def test_a_comment_of_wide_letters_stays_under_githubs_limit(letter: str) -> None:
    assert len(rendered("markdown", letter * 100_000, View()).encode()) <= 60_000


LETTERS = st.one_of(
    st.text(max_size=400),
    st.text(
        st.sampled_from("ab \té\u0301\u200d\u200c\ufe0f👩🔧字\u1100\u1161🇩🇪\x1b[0m\u202e\u200b\r\n\u0085\u2028|`<>"),
        max_size=300,
    ),
    st.text(st.characters(categories=("Mn", "Me", "Lo", "So", "Cf", "Cc")), max_size=80),
)
WIDTHS = st.integers(20, 160)


@settings(deadline=None, max_examples=80)
@given(LETTERS, WIDTHS, st.booleans(), st.booleans())
def test_no_text_makes_a_row_too_wide_or_lives(text: str, width: int, full: bool, ascii_only: bool) -> None:  # noqa: FBT001 - drawn
    got = rendered("text", text, View(width, full=full, ascii=ascii_only))
    assert got.endswith("\n")
    assert to_terminal(got) == got
    for row in got.removesuffix("\n").split("\n"):
        assert cell_len(row) <= width
        assert sum(cell_len(char) for char in row) <= width


@settings(deadline=None, max_examples=30)
@given(LETTERS, WIDTHS)
def test_colour_changes_no_row(text: str, width: int) -> None:
    plain = rendered("text", text, View(width))
    coloured = rendered("text", text, View(width, colour=True))
    assert [row.rstrip(" ") for row in strip_ansi(coloured).split("\n")] == plain.split("\n")


@settings(deadline=None, max_examples=30)
@given(LETTERS)
def test_the_narrated_form_and_brief_are_what_the_gate_lets_through(text: str) -> None:
    for got in (rendered("text", text, View(plain=True)), rendered("brief", text, View())):
        assert to_terminal(got) == got


def test_a_line_of_a_megabyte_is_a_window() -> None:
    got = rendered("text", "x" * 500_000 + "needle" + "y" * 500_000, View(80))
    assert len(got) < 20_000
    assert "characters: --full" in got


@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_takes_every_report_without_foreign_words(name: str) -> None:
    for kind in ("text", "brief", "markdown", "summary", "json", "sarif", "github"):
        assert rendered(kind, "", View(), name)
