from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.drift import job_log
from diagnose.drift.blame import blamed, first_blamed, told
from diagnose.drift.compare import Drift, Moved
from diagnose.drift.find import drift_of
from diagnose.model.incident import Incident, Job, LogFile, Missing, Passing
from diagnose.model.text import Untrusted, phrase
from diagnose.rank.causes import causes_of
from diagnose.safety.plain import plain
from tests.support.reading import reading_of, rule

if TYPE_CHECKING:
    from pathlib import Path

    from diagnose.rank.reading import Reading

SITE = "/opt/python/3.12/lib/python3.12/site-packages"
RULES = (
    rule(r"^\w*Error: ", "Error: ", id="python/error"),
    rule(r"^E   ", "E   ", id="pytest/assert", category="test"),
    rule("F401", id="ruff/code", category="lint"),
    rule(r"^warning: needless", "warning: needless", id="clippy/lint", category="lint"),
)


def moved(name: str, before: str = "1.26.18", after: str = "2.0.2", realm: str = "pypi", line: int = 0) -> Moved:
    return Moved(realm, name, before, after, line)


def hows(failure: str, *drifted: Moved, **more: Any) -> list[tuple[str, str]]:
    """What the failure blames; `failure` begins at line 9 of the log."""
    reading = reading_of(job_log("pip install x", "Successfully installed urllib3-2.0.2", failure), *RULES)
    return [(each.moved.name, each.how) for each in first_blamed(Drift(drifted, **more), reading)]


@pytest.mark.parametrize(
    "failure",
    [
        "TypeError: boom",
        f'  File "{SITE}/urllib3/util.py", line 3, in run\n  File "/work/app/x.py", line 3, in test\nTypeError: boom',
        f'  File "{SITE}/urllib3/util.py", line 3, in run\nE   assert 3 == 4\n{SITE}/urllib3/util.py:3: AssertionError',
        "x = 1\n" * 40 + "TypeError: boom",
        f"Requirement already satisfied: idna in {SITE} (3.7)\nTypeError: boom",
    ],
    ids=["not named", "a frame above the one that failed", "an assertion's helper", "far above", "a folder alone"],
)
def test_what_the_failure_does_not_name_is_not_blamed(failure: str) -> None:
    assert [each for each in hows(failure, moved("urllib3", line=7)) if each[1] != "name"] == []


def test_an_install_line_names_nothing() -> None:
    reading = reading_of(
        job_log(
            "pip install x",
            "Successfully installed urllib3-2.0.2\nTypeError: urllib3-2.0.2 is odd\n##[error]Process completed with exit code 1.",
        ),
        *RULES,
    )
    assert [each.how for each in first_blamed(Drift((moved("urllib3", line=6),)), reading)] == ["version"]
    assert first_blamed(Drift((moved("urllib3", line=7),)), reading) == ()


@pytest.mark.parametrize(
    ("failure", "one", "how"),
    [
        (
            f'  File "/work/x.py", line 3, in test\n  File "{SITE}/urllib3/util.py", line 3, in run\nTypeError: boom',
            moved("urllib3"),
            "path",
        ),
        (f"TypeError: boom\n    at {SITE}/urllib3/x.py:3", moved("urllib3"), "path"),
        ("TypeError: cannot import name 'x' from 'urllib3.util'", moved("urllib3"), "module"),
        ("TypeError: urllib3 2.0 does not do that", moved("urllib3"), "version"),
        ("TypeError: urllib3 does not do that", moved("urllib3"), "name"),
        ("x.py:1:1: F401 unused", moved("ruff", "0.4.0", "0.5.0"), "tool"),
        ("warning: needless borrow", moved("rustc", "1.84.0", "1.85.0", "toolchain"), "tool"),
    ],
)
def test_what_it_names_is_blamed(failure: str, one: Moved, how: str) -> None:
    assert hows(failure, moved("idna"), one) == [(one.name, how)]


def test_the_strongest_is_first() -> None:
    failure = f'  File "/work/x.py", line 3\n  File "{SITE}/urllib3/util.py", line 3, in run\nTypeError: botocore 1.31 wants another, says idna'
    drifted = (moved("idna"), moved("botocore", "1.30", "1.31"), moved("urllib3"))
    assert hows(failure, *drifted) == [("urllib3", "path"), ("botocore", "version"), ("idna", "name")]


@pytest.mark.parametrize(
    ("more", "told_of"),
    [
        ({"went": (moved("attrs", "23.1", ""),)}, []),
        ({"went": (moved("attrs", "23.1", ""),), "realms": frozenset({"pypi"})}, [("attrs", "module")]),
        ({"went": (moved("attrs", "23.1", ""),), "realms": frozenset({"pypi"}), "partial": True}, []),
        ({"came": (moved("attrs", "", "23.1"),), "realms": frozenset({"pypi"})}, [("attrs", "module")]),
    ],
)
def test_what_came_or_went_counts_beside_lists_that_are_whole(
    more: dict[str, Any], told_of: list[tuple[str, str]]
) -> None:
    assert hows("ModuleNotFoundError: No module named 'attr'", **more) == told_of


def test_a_cause_of_its_own_is_asked() -> None:
    reading = reading_of(job_log("x", "y", "TypeError: urllib3 2.0 is odd\n\n\nx.py:1:1: F401 unused"), *RULES)
    drift = Drift((moved("urllib3"), moved("ruff", "0.4.0", "0.5.0")))
    assert {
        group.rule: [each.moved.name for each in blamed(drift, reading, group)]
        for group in causes_of(reading)
        if group.rule
    } == {"python/error": ["urllib3"], "ruff/code": ["ruff"]}


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (moved("a"), "a 1.26.18 -> 2.0.2"),
        (moved("a", "", "2"), "a 2 (not there before)"),
        (moved("a", "1", ""), "a 1 (not there any more)"),
    ],
)
def test_how_it_is_said(one: Moved, text: str) -> None:
    assert plain(told(one, lambda foreign, most: Untrusted(foreign[:most]))) == text


def drifts(tmp_path: Path, *jobs: dict[str, Any], given: bool = False) -> list[list[str] | None]:
    """Names of what moved, for jobs whose log took `a` 2 and whose green log took `a` 1."""
    for name in ("green", "red"):
        (tmp_path / name).write_text(f"Successfully installed a-{1 if name == 'green' else 2}\n")
    red, green = LogFile("red", tmp_path / "red"), LogFile("green", tmp_path / "green")
    built: list[Job] = []
    readings: list[Reading | None] = []
    for more in jobs:
        own = more.pop("own", Passing(green, "test"))
        built.append(Job(**{"id": "1", "name": "test", "status": "failure", "log": red, "passing": own, **more}))
        readings.append(None if more.get("log") else reading_of("x\n"))
    incident = Incident("run", "1", tuple(built), passing=green if given else None)
    return [None if drift is None else [one.name for one in drift.moved] for drift in drift_of(incident, readings)]


GONE = Missing(phrase("it"), "expired", phrase("too old"))


@pytest.mark.parametrize(
    ("jobs", "given", "found"),
    [
        ([{}], False, [["a"]]),
        ([{"status": "success"}, {}], False, [None, ["a"]]),
        ([{"own": GONE}, {"own": None}, {"log": GONE}], False, [None, None, None]),
        ([{"name": "test (3.12)"}], False, [None]),
        ([{"own": None}], True, [["a"]]),
        ([{"own": None}, {"own": None}], True, [None, None]),
    ],
    ids=["its own", "one passed", "nothing to compare", "another of the matrix", "given", "given, for which of two"],
)
def test_which_logs_are_compared(
    tmp_path: Path,
    jobs: list[dict[str, Any]],
    given: bool,  # noqa: FBT001 - a row of the table
    found: list[list[str] | None],
) -> None:
    assert drifts(tmp_path, *jobs, given=given) == found
