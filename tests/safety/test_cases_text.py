"""Every hostile text through its gate, judged by what came out."""

from __future__ import annotations

import base64
import html
import json
import lzma
import re
from typing import TYPE_CHECKING, Any

from diagnose.model.text import Untrusted, phrase
from diagnose.safety.html import to_html
from diagnose.safety.json_out import to_json
from diagnose.safety.markdown import phrase_to_markdown, to_markdown_block, to_markdown_span
from diagnose.safety.runner import annotation, live_command, to_runner
from diagnose.safety.sarif import to_sarif_text
from diagnose.safety.store import to_store
from diagnose.safety.terminal import strip_ansi, to_terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType


def decoded(case: dict[str, Any]) -> str:
    return base64.b64decode(case["b64"]).decode("utf-8", "surrogateescape")


def test_nothing_reaches_a_terminal_alive(cases: Callable[[str], list[dict[str, Any]]], judge: ModuleType) -> None:
    for case in cases("terminal"):
        text = decoded(case)
        for out in (to_terminal(text), to_store(text), to_terminal(strip_ansi(text))):
            assert judge.live_terminal(out) == [], case["id"]
        if not case["live"]:
            assert to_terminal(text) == text, case["id"]
            assert strip_ansi(text) == text, case["id"]


def test_json_for_a_terminal_is_dead_and_reads_back(
    cases: Callable[[str], list[dict[str, Any]]], judge: ModuleType
) -> None:
    for name, key in (("terminal", "b64"), ("html", "input"), ("markdown-live", "input")):
        for case in cases(name):
            text = decoded(case) if key == "b64" else case[key]
            out = to_json({"text": Untrusted(text)}, tty=True)
            assert judge.bad_json(out.encode()) == [], case["id"]
            assert judge.live_terminal(out) == [], case["id"]
            assert json.loads(out)["text"] == re.sub("[\ud800-\udfff]", "\ufffd", text), case["id"]


def commands(folder: Path) -> list[tuple[str, str, str]]:
    rows = lzma.decompress((folder / "dev" / "runner-commands.txt.xz").read_bytes()).decode().split("\n")
    return [
        (row.split("\t")[0], row.split("\t")[1], json.loads(row.split("\t", 3)[3]))
        for row in rows
        if row.startswith("run-")
    ]


def test_no_line_is_a_command_to_the_runner(cases_folder: Path, judge: ModuleType) -> None:
    everything = commands(cases_folder)
    assert len(everything) > 500
    for name, _, text in everything:
        assert judge.live_commands(to_runner(text), viewer=True) == [], name
        assert judge.live_commands(to_runner([Untrusted(text), "x"])) == [], name
    assert judge.live_commands(to_runner([text for _, _, text in everything])) == []


def test_what_the_runner_runs_is_known_to_be_live(cases_folder: Path) -> None:
    for name, label, text in commands(cases_folder):
        lines = re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))
        if label == "LIVE":
            assert any(live_command(line) for line in lines), name


def test_an_annotation_is_one_command_whatever_it_says(cases_folder: Path, judge: ModuleType) -> None:
    for name, _, text in commands(cases_folder):
        out = annotation("warning", Untrusted(text), file=Untrusted(text), line=3, title=Untrusted(text))
        found = judge.live_commands(out)
        assert [one["command"] for one in found] == ["warning"], name
        assert out.count("\n") == 1, name


def test_nothing_is_alive_in_markdown(cases: Callable[[str], list[dict[str, Any]]], judge: ModuleType) -> None:
    def sentence(text: str) -> str:
        return phrase_to_markdown(phrase("cannot read `", Untrusted(text), "` of $", Untrusted(text), "$ here"))

    for case in cases("markdown-live"):
        for gate in (to_markdown_block, to_markdown_span, sentence):
            page = f"- a list\n- of two\n\n{gate(case['input'])} and more\n"
            baseline = f"- a list\n- of two\n\n{gate('plain words')} and more\n"
            assert judge.live_markdown(page, case["canary"], baseline) == [], (case["id"], page)


def test_a_span_in_a_table_stays_in_its_cell(cases: Callable[[str], list[dict[str, Any]]], judge: ModuleType) -> None:
    for case in cases("markdown-live"):
        page = "| a | b |\n| - | - |\n| {} | end |\n"
        found = judge.live_markdown(page.format(to_markdown_span(case["input"])), case["canary"], page.format("`x`"))
        assert [one for one in found if one[0] != "format"] == [], case["id"]


def test_ordinary_text_stays_readable_in_a_block(
    cases: Callable[[str], list[dict[str, Any]]], judge: ModuleType
) -> None:
    for case in cases("markdown-keep"):
        body = html.unescape(re.sub(r"<[^>]+>", "", judge.render(to_markdown_block(case["input"]))))
        assert case["input"] in body, case["id"]


def test_nothing_is_alive_in_html(cases: Callable[[str], list[dict[str, Any]]], judge: ModuleType) -> None:
    page = '<!doctype html><html><body><p title="{0}">{0}</p><pre>{0}</pre></body></html>'
    for case in cases("html"):
        out = page.format(to_html(case["input"]))
        assert judge.live_html(out, case["canary"], page.format("plain")) == [], case["id"]


def test_nothing_is_alive_in_sarif(cases: Callable[[str], list[dict[str, Any]]], judge: ModuleType) -> None:
    for name in ("terminal", "markdown-live", "html"):
        for case in cases(name):
            text = decoded(case) if "b64" in case else case["input"]
            assert judge.bad_sarif({"message": {"text": to_sarif_text(text)}}) == [], case["id"]
