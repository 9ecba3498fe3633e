"""Every situation, in every format, against its golden file; UPDATE_GOLDEN=1 writes the files anew."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from diagnose.render.interface import View, renderer
from tests.render.samples import SAMPLES, TABLE, Everything

GOLDEN = Path(__file__).parent / "golden"
VIEWS = {
    "80.txt": ("text", View(80)),
    "140.txt": ("text", View(140)),
    "40.txt": ("text", View(40)),
    "30.txt": ("text", View(30)),
    "full.txt": ("text", View(80, full=True)),
    "plain.txt": ("text", View(80, plain=True)),
    "ascii.txt": ("text", View(80, ascii=True)),
    "colour.txt": ("text", View(80, colour=True, tty=True)),
    "brief.txt": ("brief", View(80)),
    "md": ("markdown", View(80)),
    "summary.md": ("summary", View(80)),
    "sarif": ("sarif", View(80)),
    "github.txt": ("github", View(80)),
    "json": ("json", View(80)),
}
# 30 columns, colour and the opened forms are kept for the few reports that have something to show there
FEW = {"30.txt": ("08-unclear", "13-several"), "colour.txt": ("01-pytest", "08-unclear", "12-passed")}


def wanted() -> list[tuple[str, str]]:
    return [(name, view) for name in SAMPLES for view in VIEWS if name in FEW.get(view, (name,))]


def render(name: str, view: str) -> str:
    kind, how = VIEWS[view]
    measured = replace(how, reliability=TABLE, tree=Everything())
    return renderer(kind).render(SAMPLES[name](), measured)


@pytest.mark.parametrize(("name", "view"), wanted())
def test_is_as_the_golden_file(name: str, view: str) -> None:
    path = GOLDEN / f"{name}.{view}"
    got = render(name, view)
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(got, encoding="utf-8", newline="\n")
    assert got == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {f"{name}.{view}" for name, view in wanted()}


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "13-several"])
def test_one_cause_fits_a_screen(name: str) -> None:
    assert len(render(name, "80.txt").splitlines()) <= 24


@pytest.mark.parametrize("name", SAMPLES)
def test_without_colour_no_word_is_lost(name: str) -> None:
    from diagnose.safety.terminal import strip_ansi

    report = SAMPLES[name]()
    coloured = renderer("text").render(report, View(80, colour=True, reliability=TABLE))
    assert [line.rstrip() for line in strip_ansi(coloured).splitlines()] == render(name, "80.txt").splitlines()


@pytest.mark.parametrize("name", SAMPLES)
def test_reading_order_does_not_depend_on_width(name: str) -> None:
    labels = (
        "checks",
        "why",
        "where",
        "jobs",
        "whose",
        "seen",
        "fix",
        "try",
        "sure",
        "or",
        "also",
        "hidden",
        "teach",
        "more",
        "rest",
    )
    for view in ("40.txt", "80.txt", "140.txt", "full.txt"):
        first = render(name, view).split("\n2 of ")[0]
        found = [line.split()[0] for line in first.splitlines() if line.startswith("  ") and not line.startswith("   ")]
        order = [labels.index(word) for word in found if word in labels]
        if not name.startswith("08"):
            assert order == sorted(order)


@pytest.mark.parametrize("name", SAMPLES)
def test_ascii_is_ascii(name: str) -> None:
    assert render(name, "ascii.txt").isascii()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_comment_is_short_and_starts_with_its_marker(name: str) -> None:
    text = render(name, "md")
    assert text.startswith("<!-- ci-diagnose:v1 -->\n**")
    assert len(text) <= 20_000
    assert text.count("<details>") == text.count("</details>")


@pytest.mark.parametrize("name", SAMPLES)
def test_the_narrated_form_has_no_signs(name: str) -> None:
    assert not set(render(name, "plain.txt")) & set("✗✓■▸│↪")
