"""Green that was bought: a test deleted or skipped, a check told to look away. That is never said to have fixed anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnose.kit.regex import regex
from diagnose.learn.named import names_path, own_name
from diagnose.learn.patch import lines_of
from diagnose.learn.paths import kind_of, short

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from diagnose.learn.named import Failure
    from diagnose.learn.patch import Line
    from diagnose.sources.span import Touched

NEAR: Final = 4
"""Lines between a mark that skips and the test that it skips."""

_SKIP: Final = regex(
    r"""mark\.(?:skip|skipif|xfail)\b|\bpytest\.(?:skip|xfail|importorskip)\(|\bunittest\.(?:skip|expectedFailure)|\bskipTest\(|@(?:Disabled|Ignore)\b"""
    r"""|\b(?:it|test|describe|context)\.(?:skip|todo|fixme)\b|\bx(?:it|describe|test|context)\(|\bt\.Skip(?:f|Now)?\(|#\[ignore\b|\bmarkTestSkipped\(|\bGTEST_SKIP\(|\bDISABLED_\w|XCTSkip|\[(?:Ignore|Skip)\b|Skip\s*=\s*\""""
)
_LEFT_OUT: Final = regex(
    r"""--deselect[= ]|--ignore(?:-glob)?[= ]|-k\s+["']?not\b|--exclude[= ]|testPathIgnorePatterns|--skip[= ]|collect_ignore|excludedGroups|norecursedirs"""
)
_AGAIN: Final = regex(
    r"""--reruns\b|mark\.flaky\b|\bjest\.retryTimes\(|\bretries:\s*[1-9]|@(?:Flaky|RetryingTest|Retry)\b|--retries\b|flaky\s*=\s*true"""
)
_LOOK_AWAY: Final = regex(
    r"""#\s*(?:noqa|type:\s*ignore|pylint:\s*disable|pyright:\s*ignore|mypy:\s*ignore|nosec|ruff:\s*noqa)|(?://|/\*)\s*(?:eslint-disable|@ts-(?:ignore|expect-error|nocheck)|nolint|NOSONAR|prettier-ignore|biome-ignore)"""
    r"""|rubocop:disable|#!?\[allow\(|@SuppressWarnings|#pragma warning disable|phpcs:ignore|@phpstan-ignore|ignore_errors\s*=\s*true|per-file-ignores|NOLINT"""
)
_MAY_FAIL: Final = regex(
    r"""continue-on-error:\s*(?:true|\$\{\{)|\|\|\s*(?:true|:|exit 0)\b|--exit-zero\b|allow_failure:\s*true|fail_ci_if_error:\s*false|^\s*(?:-\s*)?if:\s*(?:false|\$\{\{\s*false)"""
)
_LOOKED_AT: Final = frozenset({"lint", "type-check", "format", "compile"})
_DEFINES: Final = regex(
    r"""\b(?:def|func|fun|fn|function|void|public|it|test|describe|context|scenario|TEST(?:_F|_P)?)\b|=>"""
)


def silenced(failure: Failure, files: Sequence[Touched]) -> str:
    """Say how a change silenced what failed, without mending it; "" when it did not."""
    for look in (_gone, _skipped, _left_out, _looked_away, _allowed, _tried_again):
        found = look(failure, files)
        if found:
            return found
    return ""


def _gone(failure: Failure, files: Sequence[Touched]) -> str:
    names = [name for test in failure.tests if (name := own_name(test))]
    for file in files:
        if kind_of(file.path) == "test" and file.status == "removed" and names_path(failure, file.path):
            return f"{short(file.path)} was removed"
    written = "\n".join(text for file in files for mark, text in lines_of(file) if mark == "+")
    for file in files:
        for mark, text in lines_of(file):
            if mark != "-" or not _DEFINES.search(text):
                continue
            for name in names:
                if _holds(text, name) and not _holds(written, name):
                    return f"{name[:80]} is gone from {short(file.path)}"
    return ""


def _holds(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _skipped(failure: Failure, files: Sequence[Touched]) -> str:
    names = [name for test in failure.tests if (name := own_name(test))]
    for file in files:
        if kind_of(file.path) != "test":
            continue
        lines = lines_of(file)
        for place in _new(lines, _SKIP):
            round_it = [line.text for line in lines[max(0, place - NEAR) : place + NEAR + 1]]
            name = next((name for name in names if any(_holds(text, name) for text in round_it)), "")
            if (
                name
                or (not names and names_path(failure, file.path))
                or (names_path(failure, file.path) and _whole_file(lines, place))
            ):
                return f"{name[:80] or 'a test'} is skipped in {short(file.path)}"
    return ""


def _whole_file(lines: Sequence[Line], place: int) -> bool:
    return (
        re.search(r"\bpytestmark\b|\ballow_module_level\b|^\s*x?describe|^@(?:Disabled|Ignore)", lines[place].text)
        is not None
    )


def _new(lines: Sequence[Line], form: re.Pattern[str]) -> list[int]:
    """Return the places of written lines that match, where no removed line matches as often."""
    places = [place for place, line in enumerate(lines) if line.mark == "+" and form.search(line.text)]
    before = sum(line.mark == "-" and form.search(line.text) is not None for line in lines)
    return places[before:]


def _left_out(failure: Failure, files: Sequence[Touched]) -> str:
    return _marked(
        failure,
        files,
        _LEFT_OUT,
        lambda file, text: kind_of(file.path) in ("workflow", "manifest", "source") and _tells(failure, text),
        "tests are left out in {}",
    )


def _tells(failure: Failure, text: str) -> bool:
    """Tell whether a line that leaves something out means what failed: it names a test, or a file of one."""
    return any(_holds(text, name) for test in failure.tests if (name := own_name(test))) or any(
        names_path(failure, path) for path in re.findall(r"[\w./\-]+\.\w{1,4}", text)
    )


def _looked_away(failure: Failure, files: Sequence[Touched]) -> str:
    if failure.category not in _LOOKED_AT:
        return ""
    return _marked(
        failure,
        files,
        _LOOK_AWAY,
        lambda file, _text: names_path(failure, file.path) or kind_of(file.path) == "manifest",
        "the check is told to look away in {}",
    )


def _allowed(failure: Failure, files: Sequence[Touched]) -> str:
    return _marked(
        failure,
        files,
        _MAY_FAIL,
        lambda file, _text: (
            kind_of(file.path) == "workflow" or file.path.rpartition("/")[2] in ("Makefile", "tox.ini", "package.json")
        ),
        "the failure is ignored in {}",
    )


def _tried_again(failure: Failure, files: Sequence[Touched]) -> str:
    return _marked(
        failure,
        files,
        _AGAIN,
        lambda file, _text: kind_of(file.path) in ("workflow", "manifest") or names_path(failure, file.path),
        "failed tests are run again since a change of {}",
    )


def _marked(
    failure: Failure, files: Sequence[Touched], form: re.Pattern[str], where: Callable[[Touched, str], bool], words: str
) -> str:
    del failure
    for file in files:
        lines = lines_of(file)
        if any(where(file, lines[place].text) for place in _new(lines, form)):
            return words.format(short(file.path))
    return ""
