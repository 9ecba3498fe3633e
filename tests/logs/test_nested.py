"""Lines of a build inside the build say what they say without its stamp, whatever stands before it."""

from __future__ import annotations

import pytest

from diagnose.logs.dialects import dialects
from diagnose.logs.nested import said


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"#12 DONE 0.5s", "#12 DONE 0.5s"),
        (b"#12 ERROR: process did not complete", "#12 ERROR: process did not complete"),
        (b"#12 [4/6] RUN make", "#12 [4/6] RUN make"),
        (b"#1 is the first", "#1 is the first"),
        (b"1.204 ERROR: none", "1.204 ERROR: none"),
        (b"#123456 1.2 of a list", "#123456 1.2 of a list"),
        (b"#8 1.204 ERROR: No matching distribution", "ERROR: No matching distribution"),
        (b"#8 1.204   indented", "  indented"),
        (b"#8 1.204", ""),
        (b"2025-03-01T10:00:01.0000000Z #12 3.512 a.ts(3,7): error TS2322: x", "a.ts(3,7): error TS2322: x"),
        (b"2025-03-01T10:00:01.0000000Z #12 3.512 10%\r#12 3.600 20%", "20%"),
    ],
)
def test_a_stamp_of_buildkit_is_taken_off_and_nothing_else(raw: bytes, text: str) -> None:
    github = next(one for one in dialects() if one.name == "github")
    assert said(github, raw) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"packages/cart lint: 102:9  error  'a' is never reassigned  prefer-const", "102:9  error  'a' is never reassigned  prefer-const"),
        (b"apps/web test:unit:   indented", "  indented"),
        (b"packages/cart lint$ eslint src", "packages/cart lint$ eslint src"),
        (b"packages/cart lint: Failed", "packages/cart lint: Failed"),
        (b"packages/cart build: TypeError: bad manifest", "packages/cart build: TypeError: bad manifest"),
        (b"src/cart.ts error: bad", "src/cart.ts error: bad"),
        (b"cart lint: no path before it", "cart lint: no path before it"),
        (b"see packages/cart test: it fails", "see packages/cart test: it fails"),
    ],
)  # fmt: skip
def test_the_label_of_a_workspaces_script_is_taken_off(raw: bytes, text: str) -> None:
    plain = next(one for one in dialects() if one.name == "plain")
    assert said(plain, raw) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"remote:        npm error code E404", "npm error code E404"),
        (b"remote:          indented", "  indented"),
        (b"remote: error: GH006: Protected branch update failed", "remote: error: GH006: Protected branch update failed"),
        (b"remote: -----> Building on the Heroku-24 stack", "remote: -----> Building on the Heroku-24 stack"),
        (b"remote:", "remote:"),
    ],
)  # fmt: skip
def test_what_a_build_pack_prints_is_told_through_git(raw: bytes, text: str) -> None:
    plain = next(one for one in dialects() if one.name == "plain")
    assert said(plain, raw) == text
