"""Outputs and the summary of a step: what they say, and what they never say."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from diagnose.model.incident import Change, ChangedFile, Incident
from diagnose.model.report import Retry
from diagnose.model.text import Untrusted
from diagnose.publish.comment import Posted
from diagnose.publish.step import NOTHING, SUMMARY_BYTES, append, outputs, write_summary
from diagnose.publish.tree import Files
from tests.render.samples import SAMPLES, killed, matrix, passed, pytest_pair, root_of, several, unknown_tool

if TYPE_CHECKING:
    from pathlib import Path

OFF = Posted("off")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "01-pytest",
            {
                "status": "failed",
                "state": "failed",
                "category": "test",
                "tool": "pytest",
                "rule": "pytest/assertion",
                "verdict": "change",
                "confidence": "0.91",
                "minutes": "25",
            },
        ),
        ("02-matrix", {"jobs-failed": "12", "causes": "1"}),
        ("07-unknown-tool", {"tool": "", "rule": "", "minutes": "", "causes": "1"}),
        ("08-unclear", {"state": "unclear", "category": "", "causes": "0", "escalate": "true", "confidence": "0.61"}),
        ("09-hidden", {"status": "passed", "state": "hidden", "hidden": "1", "causes": "0"}),
        (
            "12-passed",
            {"status": "passed", "state": "passed", "jobs-failed": "0", "escalate": "false", "retry": "false"},
        ),
        ("13-several", {"causes": "3", "hidden": "5"}),
        ("14-nothing-found", {"status": "undetermined", "state": "undetermined"}),
    ],
)
def test_outputs_say_what_was_found(name: str, told: dict[str, str]) -> None:
    found = outputs(SAMPLES[name](), OFF, 0)
    assert {key: found[key] for key in told} == told


@pytest.mark.parametrize("name", SAMPLES)
def test_outputs_are_always_the_same_names_and_hold_no_text_of_a_log(name: str) -> None:
    found = outputs(SAMPLES[name](), Posted("created", 77), 3)
    assert list(found) == list(NOTHING)
    assert all(re.fullmatch(r"[a-z0-9./_-]*", value) for value in found.values())
    assert (found["comment"], found["comment-id"], found["annotations"]) == ("created", "77", "3")


@pytest.mark.parametrize("word", ["a b", "$(id)", "x/y/z", "`id`", "a\nb=c", "Ü/x", "x" * 200, "-x/y", "../x"])
def test_an_odd_name_of_a_rule_is_no_output(word: str) -> None:
    report = pytest_pair()
    found = outputs(replace(report, root_cause=replace(root_of(report), rule=word, tool=word)), OFF, 0)
    assert (found["rule"], found["tool"]) == ("", "")


def test_running_again_is_an_output_only_where_it_is_advised() -> None:
    for advised in (True, False):
        assert outputs(replace(killed(), retry=Retry(advised, (), 1, ())), OFF, 0)["retry"] == str(advised).lower()


@pytest.mark.parametrize(("before", "between"), [(None, ""), ("", ""), ("# Mine\n", "\n"), ("# Mine", "\n\n")])
def test_the_summary_of_others_stays(tmp_path: Path, before: str | None, between: str) -> None:
    file = tmp_path / "summary.md"
    if before is not None:
        file.write_text(before)
    assert write_summary(file, "**CI failed.**\n") == ""
    assert file.read_text() == f"{before or ''}{between}**CI failed.**\n"


def test_a_summary_that_would_lose_all_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    file.write_bytes(b"x" * (SUMMARY_BYTES - 10))
    assert "GitHub would show none at all" in write_summary(file, "ä" * 6)
    assert file.stat().st_size == SUMMARY_BYTES - 10


def test_a_file_that_cannot_be_written_is_a_reason(tmp_path: Path) -> None:
    assert append(tmp_path, "x")
    assert append(tmp_path / "none" / "x", "x")
    assert write_summary(tmp_path, "x\n")
    assert append(tmp_path / "new", "x\n") == ""


def files(root: Path | None, *changed: str, removed: str = "") -> Files:
    every = (
        *(ChangedFile(path, "modified") for path in changed),
        *((ChangedFile(removed, "removed"),) if removed else ()),
    )
    return Files(Incident("log", "x", (), change=Change(every)), root, ("/home/me/elsewhere",))


@pytest.mark.parametrize(
    ("file", "line", "found"),
    [
        ("src/a.py", 3, ("src/a.py", 3)),
        ("src/a.py", None, ("src/a.py", None)),
        ("./src/a.py", 1, ("src/a.py", 1)),
        ("/home/runner/work/app/app/src/a.py", 2, ("src/a.py", 2)),
        ("/home/me/elsewhere/src/a.py", 2, ("src/a.py", 2)),
        ("src/a.py", 4, None),
        ("src/a.py", 0, None),
        ("src/b.py", 1, None),
        ("src", None, None),
        ("../src/a.py", 1, None),
        ("/etc/passwd", 1, None),
        ("link.py", 1, None),
        ("web/src/app.ts", 9, ("web/src/app.ts", 9)),
        ("src/app.ts", 9, ("web/src/app.ts", 9)),
        ("app.ts", 9, None),
        ("src/twice.ts", 9, None),
        ("old.py", 1, None),
        ("node_modules/x/y.js", 1, None),
    ],
)
def test_a_place_is_in_the_checkout_or_in_the_change(
    tmp_path: Path, file: str, line: int | None, found: tuple[str, int | None] | None
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("1\n2\n3")
    (tmp_path / "link.py").symlink_to("/etc/passwd")
    tree = files(tmp_path, "web/src/app.ts", "a/src/twice.ts", "b/src/twice.ts", removed="old.py")
    assert tree.place(Untrusted(file), line) == found


def test_without_a_checkout_the_change_is_what_is_known() -> None:
    tree = files(None, "src/a.py")
    assert tree.place(Untrusted("src/a.py"), 400) == ("src/a.py", 400)
    assert tree.place(Untrusted("src/b.py"), 4) is None
    assert Files(Incident("log", "x", ()), None).place(Untrusted("a.py"), 1) is None


def test_samples_stand() -> None:
    assert outputs(matrix(), OFF, 0)["verdict"] == "change"
    assert outputs(passed(), OFF, 0)["verdict"] == "unknown"
    assert outputs(unknown_tool(), OFF, 0)["confidence"] == "0.78"
    assert outputs(several(), OFF, 0)["category"] == "test"
