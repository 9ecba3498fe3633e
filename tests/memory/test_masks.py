from __future__ import annotations

import re

import pytest

from diagnose.memory.generic import GENERIC, is_generic
from diagnose.memory.masks import LINE_CAP, MASKS, Mask, mask
from diagnose.memory.prefixes import PREFIXES, strip_prefix


@pytest.mark.parametrize("row", MASKS, ids=lambda row: row.name)
def test_every_mask_changes_its_own_sample(row: Mask) -> None:
    assert re.search(row.expression, row.sample, re.ASCII)
    assert mask(row.sample) == row.masked


@pytest.mark.parametrize("row", MASKS, ids=lambda row: row.name)
def test_every_mask_finds_the_same_in_linear_time(row: Mask) -> None:
    re2 = pytest.importorskip("re2")
    compiled = re2.compile(row.expression)
    for other in MASKS:
        here, there = re.search(row.expression, other.sample, re.ASCII), compiled.search(other.sample)
        assert (here and here.span()) == (there and there.span())


@pytest.mark.parametrize(
    "line",
    [
        "error[E0425]: cannot find value",
        "error TS2304: Cannot find name",
        "test_42 failed",
        "x86_64-linux-gnu",
        "exit code 137",
        "exited with 2",
        "HTTP/1.1 503 ",
        "[Errno 13] Permission denied",
        "status 404",
        "signal 11",
        "requires foo==1.2.3",
        "needs react@17.1.0",
        "python version 3.9.1",
        "defaced facade",
    ],
)
def test_what_tells_is_never_masked(line: str) -> None:
    assert mask(line) == line.strip()


def test_versions_stay_where_they_are_the_point() -> None:
    assert mask("found svelte 4.2.19 for 12 packages", versions=True) == "found svelte 4.2.19 for <n> packages"
    assert mask("found svelte 4.2.19 for 12 packages") == "found svelte <v> for <n> packages"


@pytest.mark.parametrize(
    "line", ["1 " * 5000, "/a" * 5000, "a:1" * 4000, "\ue000\ue009", "", " \t ", "9" * 10_000, "::" * 3000]
)
def test_hostile_lines_are_bounded_and_masking_settles(line: str) -> None:
    once = mask(line)
    assert len(once) <= 4 * LINE_CAP
    assert mask(mask(once)) == mask(once)


@pytest.mark.parametrize(
    "line",
    [
        "make: *** No rule to make target 'foo.c'. Stop.",
        "npm ERR! code ERESOLVE",
        "npm ERR! missing script: build",
        "error[E0425]",
        "TypeError: x is not a function",
        "3 failed: test_login",
        "AssertionError: assert 1 == 2",
        "fatal: could not read from remote repository",
        "E0425",
        "Segmentation fault (core dumped)",
    ],
)
def test_lines_that_name_something_are_not_generic(line: str) -> None:
    assert not is_generic(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "=====",
        "--- 12 ---",
        "3 failed, 2 passed in 1.20s",
        "Tests run: 5, Failures: 1, Errors: 0, Skipped: 0",
        "=== FAILURES ===",
        "Found 26 errors in 11 files.",
        *(sample for row in GENERIC for sample in row.samples),
    ],
)
def test_wrappers_counters_and_banners_are_generic(line: str) -> None:
    assert is_generic(line)


@pytest.mark.parametrize("row", GENERIC, ids=lambda row: row.name)
def test_every_generic_row_covers_its_samples_itself(row: object) -> None:
    expression = re.compile(row.expression, re.IGNORECASE | re.ASCII)  # type: ignore[attr-defined]
    re2 = pytest.importorskip("re2")
    linear = re2.compile("(?i)" + row.expression)  # type: ignore[attr-defined]
    for sample in row.samples:  # type: ignore[attr-defined]
        assert expression.fullmatch(sample), sample
        assert linear.fullmatch(sample), sample


@pytest.mark.parametrize(("_expression", "line", "left"), PREFIXES)
def test_every_prefix_is_taken_off(_expression: str, line: str, left: str) -> None:
    assert strip_prefix(line) == left


def test_prefixes_stand_behind_each_other_but_not_without_end() -> None:
    assert strip_prefix("2026-11-20T12:45:05.1Z ##[error][12:45:05] lost") == "lost"
    assert strip_prefix("| " * 3 + "lost") == "lost"
    assert strip_prefix("[error]" * 9 + "lost").endswith("[error]lost")
