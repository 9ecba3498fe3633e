from __future__ import annotations

import pytest

from diagnose.model.incident import Hunk
from diagnose.sources.patch import changed_file

PATCHES: dict[str, tuple[str | None, tuple[Hunk, ...] | None]] = {
    "none": (None, None),
    "cut in a hunk": ("@@ -1,3 +1,4 @@\n a\n+b\n", None),
    "no hunk at all": ("Binary files differ\n", ()),
    "numbers too large": ("@@ -1,3 +99999999999999999999,1 @@\n-a\n", None),
    "one line": ("@@ -1 +1 @@\n-a\n+b", (Hunk(1, 1),)),
    "without a last line end": (
        "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file",
        (Hunk(1, 1),),
    ),
    "two places": (
        "@@ -1,3 +1,4 @@\n a\n+b\n c\n d\n@@ -10,2 +11,4 @@ def f():\n x\n+y\n+z\n w",
        (Hunk(2, 2), Hunk(12, 13)),
    ),
    "only removals": ("@@ -1,2 +1 @@\n a\n-b", ()),
    "odd line ends inside": ("@@ -1 +1,2 @@\n a\x0b\u2028b\n+c\x0cd\r", (Hunk(2, 2),)),
}


@pytest.mark.parametrize("name", PATCHES)
def test_hunks(name: str) -> None:
    patch, hunks = PATCHES[name]
    assert changed_file("f.py", "modified", None, patch).hunks == hunks


def test_a_patch_that_is_too_long_is_not_read() -> None:
    assert changed_file("f", "modified", None, "@@ -0,0 +1 @@\n+" + "x" * (4 << 20)).hunks is None


@pytest.mark.parametrize(("status", "known"), [("modified", "modified"), ("exploded", "changed"), ("", "changed")])
def test_statuses(status: str, known: str) -> None:
    assert changed_file("f", status, None, None).status == known


def test_the_texts_of_lines() -> None:
    found = changed_file("f", "modified", None, "@@ -1,2 +1,2 @@\n-old\r\n keep\n+new\r")
    assert (found.added, found.removed) == (((2, "new"),), ("old",))
