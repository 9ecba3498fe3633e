"""A failure whose reason is not in the log is known by its form; where the log may hold it, nothing is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diagnose.rank.elsewhere import Elsewhere, command_of, elsewhere_of
from tests.support.reading import github_log, reading_of, rule

FAILS = "##[error]Process completed with exit code 1."
# the rule of the exit code is the CI system's own
EXIT = replace(
    rule(r"^##\[error\]Process completed", "##[error]Process completed", id="ci/exit-code", kind="wrapper"),
    ecosystem="ci",
)
MAKE = rule(r"^make: \*\*\*", "make: ***", id="make/failed", kind="wrapper")
CAUSE = rule("^boom: ", "boom: ", id="tool/boom")
RUNNER = "##[group]Runner Image\n##[endgroup]"
GREEN = "\U0001f622 Some of the required to succeed jobs failed.\n\U0001f4dd Job statuses:\n\U0001f4dd lint \u2192 \u2713 success [required to succeed]\n\U0001f4dd test (3.12) \u2192 \u274c failure [required to succeed]"
NEEDS = (
    '{\n  "lint": {\n    "result": "success"\n  },\n  "build": {\n    "result": "failure",\n    "outputs": {}\n  }\n}'
)


def told(text: str, *, failed: bool = False) -> Elsewhere | None:
    return elsewhere_of(reading_of(text, EXIT, MAKE, CAUSE), failed=failed)


def script(commands: str, output: str = "", code: int = 1) -> str:
    """A failed step that runs `commands`, each on a line of its own."""
    first, *rest = commands.split("\n")
    text = github_log(
        (first, f"{output}\n{FAILS.replace('1.', f'{code}.')}" if output else FAILS.replace("1.", f"{code}."))
    )
    stamp = text[:29]
    more = "".join(f"{stamp}\x1b[36;1m{line}\x1b[0m\n" for line in rest)
    return text.replace(f"{stamp}shell: ", f"{more}{stamp}shell: ", 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no steps, no marks\n",
        script("make", "boom: it broke"),
        script("make", "something odd\nKeyError: 'x'"),
        script("echo 'You must set a label'\nexit 1", "You must set a label"),
        script("make > build.log || cat build.log", "one line\nof the file"),
        script("make 2>&1 | tee build.log", "KeyError: 'x'\nand more"),
        script("make", "\n".join(["quiet"] * 300 + ["Some of the required to succeed jobs failed."] + ["quiet"] * 3)),
        script("make", f"{GREEN}\nboom: a real one"),
        script("make", f"{NEEDS.replace('failure', 'success')}\nodd"),
        script("npm test", "see https://example.org/docs/a.html\nfor more"),
        github_log(("make", "fine")),
        github_log(("make", "fine"), closed=False).replace("Current runner version", "Another line"),
        github_log(("make", FAILS), ("test", FAILS)),
    ],
)  # fmt: skip
def test_where_the_log_may_hold_the_reason_nothing_is_said(text: str) -> None:
    assert told(text) is None


@pytest.mark.parametrize(
    ("text", "kind", "name", "line"),
    [
        (script("re-actors/alls-green@release/v1", GREEN), "other-jobs", "test (3.12)", "Some of the required"),
        (script("echo x", NEEDS), "other-jobs", "build", '"build": {'),
        (script('if [[ "failure" == "failure" ]]; then\nexit 1\nfi'), "other-jobs", "", 'if [[ "failure"'),
        (script("exit 1", "One or more required jobs failed"), "other-jobs", "", "One or more"),
        (script("exit 1"), "only-fails", "exit 1", "exit 1"),
        (script("false"), "only-fails", "false", "false"),
        (script("git diff --quiet"), "silent", "git diff --quiet", "git diff"),
        (script("grep -q 'all well' out.txt"), "silent", "grep -q 'all well' out.txt", "grep -q"),
        (script("test -f dist/app"), "silent", "test -f dist/app", "test -f"),
        (script("./run.sh"), "silent", "./run.sh", "./run.sh"),
        (script("make gen\ngit diff --quiet"), "silent", "", "make gen"),
        (script("make check > build.log 2>&1"), "to-a-file", "build.log", "make check"),
        (script("cmake .\nmake &>> out/build.log"), "silent", "", "cmake ."),
        (script("make check &> /dev/null"), "silent", "", "make check"),
        (script("make check > build.log", "make: *** [check] Error 2"), "to-a-file", "build.log", "make check"),
        (script("mock --rebuild x", "Start: build phase\nDEBUG see root.log for details"), "to-a-file", "root.log", "see root.log"),
        (script("./configure", "odd\nFull log written to: /build/conf/config.log"), "to-a-file", "/build/conf/config.log", "Full log"),
        (script("make", "make: *** [all] Error 2"), "only-wrapped", "make", "make: ***"),
        (github_log(("make", "cc -c a.c"), closed=False), "cut", "Run make", "cc -c a.c"),
    ],
)  # fmt: skip
def test_what_is_missing_is_known_by_its_form(text: str, kind: str, name: str, line: str) -> None:
    found = told(text)
    assert found is not None
    assert (found.kind, found.name) == (kind, name)
    assert line in text.split("\n")[found.first - 1]
    assert 0 < found.likely < 1
    assert found.first <= found.last
    assert ("{name}" in found.title + found.where) <= bool(name)


@pytest.mark.parametrize(
    ("text", "failed", "kind"),
    [
        (github_log(("make", "fine")), False, ""), (github_log(("make", "fine")), True, "nothing-failed"),
        (script("make", "boom: x"), True, ""), ("odd words\n", True, ""),
    ],
)  # fmt: skip
def test_a_job_that_failed_while_no_step_did(text: str, *, failed: bool, kind: str) -> None:
    found = told(text, failed=failed)
    assert (found.kind if found else "") == kind


@pytest.mark.parametrize(
    ("text", "command"), [("odd\n", ""), (script("sudo foolint src"), "foolint"), (script("exit 1"), "")]
)
def test_the_program_of_the_failed_step(text: str, command: str) -> None:
    assert command_of(reading_of(text, EXIT)) == command


@pytest.mark.parametrize(
    "text",
    [
        script("a" * 90_000),
        script("x", "\u2192 " * 40_000),
        script("x", '"' * 50_000),
        script("((" * 2_000, "see " * 30_000),
    ],
)
def test_hostile_steps_cost_no_more_than_others(text: str) -> None:
    told(text)
