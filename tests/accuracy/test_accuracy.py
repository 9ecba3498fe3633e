"""Short logs whose truth is known, diagnosed by the library as it ships: what was right once stays right.

A figure that rises raises its bound here. benchmarks/accuracy.py measures on other people's logs; this says only that nothing broke.
"""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anyio
import pytest

import diagnose
from diagnose.config import Settings
from diagnose.model.report import Report
from diagnose.safety.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnose.model.report import Cause

HERE: Final = Path(__file__).parent
CASES: Final[list[dict[str, Any]]] = tomllib.loads((HERE / "cases.toml").read_text(encoding="utf-8"))["case"]
LONGEST: Final = 8192
# of so many cases that have this truth, at least so many are right
BOUNDS: Final = {
    "status": (42, 42),
    "tells": (38, 36),
    "category": (38, 37),
    "tool": (34, 34),
    "tests": (9, 9),
    "also": (2, 2),
    "quiet": (4, 4),
}


def first_line(cause: Cause) -> str:
    return plain(cause.evidence[0].text).split("\n")[0]


def judged(case: dict[str, Any], report: Report) -> Iterator[tuple[str, bool, object]]:
    """What is right and what is not: (figure, right, what was said)."""
    cause = report.root_cause
    yield "status", report.status == case["status"], report.status
    if "tells" not in case:
        yield "quiet", cause is None and not report.requires_escalation, cause and cause.title
        return
    yield "tells", cause is not None and first_line(cause) in case["tells"], cause and first_line(cause)
    yield "category", cause is not None and cause.category in case["category"], cause and cause.category
    if "tool" in case:
        yield "tool", cause is not None and plain(cause.tool) == case["tool"], cause and plain(cause.tool)
    if "tests" in case:
        named = sorted(plain(test.name) for test in cause.failed_tests) if cause else []
        yield "tests", named == sorted(case["tests"]), named
    if "also" in case:
        others = [first_line(other) for other in (*report.alternatives, *report.findings)]
        yield "also", not set(case["also"]).isdisjoint(others), others


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory, compiled: Path) -> list[tuple[str, str, bool, object]]:
    """Diagnose every log, in a home of its own and with nothing remembered: (log, figure, right, what was said)."""
    home = str(tmp_path_factory.mktemp("home"))
    out: list[tuple[str, str, bool, object]] = []

    async def all_of_them() -> None:
        for case in CASES:
            report = await diagnose.diagnose(log=HERE / "logs" / f"{case['log']}.log", settings=Settings(memory=False))
            assert isinstance(report, Report), case["log"]
            out.extend((case["log"], *verdict) for verdict in judged(case, report))

    with pytest.MonkeyPatch.context() as patch:
        for name in [each for each in os.environ if each.startswith(("CI", "GITHUB_", "RUNNER_"))]:
            patch.delenv(name)
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            patch.setenv(name, home)
        patch.setenv("XDG_CACHE_HOME", str(compiled))
        anyio.run(all_of_them)
    return out


def test_the_sample_is_whole_and_small() -> None:
    logs = {path.stem: path for path in (HERE / "logs").iterdir()}
    assert set(logs) == {case["log"] for case in CASES}
    assert len(CASES) == len(logs)
    assert max(path.stat().st_size for path in logs.values()) < LONGEST


def test_every_line_that_tells_stands_in_its_log() -> None:
    for case in CASES:
        text = (HERE / "logs" / f"{case['log']}.log").read_text(encoding="utf-8-sig")
        assert [line for line in (*case.get("tells", ()), *case.get("also", ())) if line not in text] == [], case["log"]


@pytest.mark.parametrize("figure", BOUNDS)
def test_no_fewer_are_right_than_before(figure: str, verdicts: list[tuple[str, str, bool, object]]) -> None:
    asked, least = BOUNDS[figure]
    own = [verdict for verdict in verdicts if verdict[1] == figure]
    wrong = [f"{log}: said {said!r}" for log, _, right, said in own if not right]
    assert len(own) == asked
    assert len(own) - len(wrong) >= least, wrong


def test_every_figure_has_a_bound(verdicts: list[tuple[str, str, bool, object]]) -> None:
    assert set(Counter(figure for _, figure, _, _ in verdicts)) == set(BOUNDS)
