"""An agent may do anything; it costs nobody else's result, and what it says is held against the log."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from diagnose import agency
from diagnose.agency import first_look, installed_agents
from diagnose.model.evidence import Evidence
from diagnose.model.finding import CauseFinding, PatternFinding, SilentFinding
from diagnose.model.incident import Annotation
from diagnose.model.report import KnownPattern, SilentFailure
from diagnose.model.text import Untrusted, phrase
from diagnose.safety.plain import plain
from tests.support.command import FAILING, PASSING
from tests.support.diagnosing import diagnosed, incident_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from diagnose.case import Case
    from diagnose.model.finding import Finding
    from diagnose.model.report import AgentRun, Report


class Agent:
    """An agent that does what it is told."""

    cheap = True

    def __init__(self, act: Callable[[Case], Any], name: str = "guest", *, cheap: bool = True) -> None:
        self.name, self.cheap, self._act = name, cheap, act

    async def examine(self, case: Case) -> Sequence[Finding]:
        value = self._act(case)
        return await value if hasattr(value, "__await__") else value  # type: ignore[no-any-return]


class RefusesError(Exception):
    def __str__(self) -> str:
        raise ValueError("not even this")


def raises(_: Case) -> Any:
    raise RuntimeError("the agent's own bug\x1b[2J")


def leaves(_: Case) -> Any:
    sys.exit(3)


def interrupts(_: Case) -> Any:
    raise KeyboardInterrupt


def mute(_: Case) -> Any:
    raise RefusesError


def blocks(_: Case) -> Any:
    time.sleep(0.7)


def waits(_: Case) -> Any:
    return anyio.sleep(0.7)


def run_of(report: Report, name: str = "guest") -> AgentRun:
    return next(run for run in report.agents if run.name == name)


def beside(folder: Path, *guests: Any, **more: Any) -> Report:
    """A diagnosis by the installed agents and `guests`; what the others found has to stand."""
    report = diagnosed(incident_of(folder, FAILING), *installed_agents()[0], *guests, orchestra=True, **more)
    assert report.root_cause is not None
    assert "assert Decimal('19.98')" in plain(report.root_cause.title)
    assert {run.status for run in report.agents if run.name != "guest"} == {"ok"}
    return report


BREAKS = [
    (raises, "error", "RuntimeError: the agent's own bug\x1b[2J"), (leaves, "error", "SystemExit: 3"), (interrupts, "error", "KeyboardInterrupt: "),
    (mute, "error", "RefusesError: it says nothing that can be read"), (blocks, "timeout", "stopped after 0.25 s"), (waits, "timeout", "stopped after 0.25 s"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "status", "error"), BREAKS, ids=[row[0].__name__ for row in BREAKS])
def test_an_agent_that_breaks_is_shown_and_costs_nobody(
    tmp_path: Path, act: Callable[[Case], Any], status: str, error: str
) -> None:
    report = overrun(tmp_path, act) if status == "timeout" else beside(tmp_path, Agent(act))
    run = run_of(report)
    assert (run.status, plain(run.error or phrase())) == (status, error)
    assert [plain(each.reason) for each in report.escalation if each.trigger == "agents"] == [
        "Not every agent answered: guest."
    ]
    assert report.requires_escalation


def overrun(folder: Path, act: Callable[[Case], Any]) -> Report:
    """Let `act` overrun beside an agent that is quick."""

    def quick(case: Case) -> list[Finding]:
        return [cause(case)]

    report = diagnosed(incident_of(folder, FAILING), Agent(quick, "quick"), Agent(act), agents_deadline=0.25)
    assert report.root_cause is not None
    assert run_of(report, "quick").status == "ok"
    return report


def cause(case: Case, line: int = 71, text: str = "", **more: Any) -> CauseFinding:
    """A finding that quotes `line` of the first log, or claims `text` there."""
    reading = case.readings[0]
    assert reading is not None
    evidence = case.quote(reading.log, line, line)
    if text:
        evidence = replace(evidence, text=Untrusted(text))
    told: dict[str, Any] = {
        "job": 0, "step": 0, "evidence": (evidence,), "title": phrase("a guest's cause"), "category": "other", "tool": "", "rule": "",
        "score": 1.0, "confidence": 0.01, "explanation": phrase(), **more,
    }  # fmt: skip
    return CauseFinding(**told)


def silent(case: Case, line: int, text: str) -> SilentFinding:
    return SilentFinding(
        0, SilentFailure("flaky-retry", phrase("hidden"), "test (0).log", line, Untrusted(text), "warning", "look")
    )


def pattern(case: Case) -> PatternFinding:
    words = Untrusted("x")
    known = KnownPattern("abcd1234", 0.9, 1, "2026-11-01", (), words, words, words, words, None)
    return PatternFinding((Evidence("no such log", 3, 3, words),), known)


def spoilt(case: Case) -> CauseFinding:
    found = cause(case)
    object.__setattr__(found, "evidence", 5)
    return found


NO_FINDINGS = [
    ("a string", "a string"),
    ("None", None),
    ("a number", 7),
    ("a dict", {"a": 1}),
    ("a generator", iter(())),
    ("a set", {1}),
]


@pytest.mark.parametrize("value", [row[1] for row in NO_FINDINGS], ids=[row[0] for row in NO_FINDINGS])
def test_an_answer_that_is_no_list_is_an_error(tmp_path: Path, value: Any) -> None:
    run = run_of(beside(tmp_path, Agent(lambda _: value)))
    assert run.status == "error"
    assert plain(run.error or phrase()) == f"it answered with {type(value).__name__}, not with findings"


NONSENSE: list[tuple[str, Callable[[Case], Any]]] = [
    ("a string in the list", lambda _: ["boom"]),
    ("None in the list", lambda _: [None]),
    ("a quote that is not there", lambda case: [cause(case, text="ERROR: everything is the base's fault")]),
    ("a quote cut short", lambda case: [cause(case, text="AssertionError")]),
    (
        "a line beyond the end",
        lambda case: [cause(case, evidence=(Evidence("test (0).log", 10**9, 10**9, Untrusted("")),))],
    ),
    (
        "a line before the beginning",
        lambda case: [cause(case, evidence=(Evidence("test (0).log", -3, -3, Untrusted("")),))],
    ),
    (
        "lines that end beyond the end",
        lambda case: [cause(case, evidence=(Evidence("test (0).log", 71, 10**9, Untrusted("")),))],
    ),
    ("another log", lambda case: [pattern(case)]),
    ("evidence of a wrong type", lambda case: [spoilt(case)]),
    ("evidence that is text", lambda case: [cause(case, evidence=("line 3",))]),
    ("a job that is not there", lambda case: [cause(case, job=12)]),
    ("a confidence above one", lambda case: [cause(case, confidence=7.0)]),
    ("a confidence that is no number", lambda case: [cause(case, confidence="high")]),
    ("a title that is a string", lambda case: [cause(case, title="boom")]),
    ("a category that is none", lambda case: [cause(case, category="boom")]),
    ("a hidden failure that is not there", lambda case: [silent(case, 71, "boom")]),
    ("a hidden failure of a wrong type", lambda case: [SilentFinding(0, "boom")]),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("act", [row[1] for row in NONSENSE], ids=[row[0] for row in NONSENSE])
def test_a_finding_that_the_log_does_not_bear_out_is_dropped_and_told(
    tmp_path: Path, act: Callable[[Case], Any]
) -> None:
    report = beside(tmp_path, Agent(act))
    run = run_of(report)
    assert (run.status, plain(run.error or phrase())) == (
        "error",
        "1 of 1 findings are not borne out by the logs, and were dropped",
    )
    assert report.silent_failures == ()
    assert all(plain(each.title) != "a guest's cause" for each in (*report.alternatives, *report.findings))
    assert "agents" in {each.trigger for each in report.escalation}


def test_what_stands_is_kept_beside_what_does_not(tmp_path: Path) -> None:
    report = diagnosed(incident_of(tmp_path, FAILING), Agent(lambda case: [cause(case), cause(case, text="boom"), "x"]))
    assert plain(run_of(report).error or phrase()) == "2 of 3 findings are not borne out by the logs, and were dropped"
    assert report.root_cause is not None
    assert plain(report.root_cause.title) == "a guest's cause"


@pytest.mark.parametrize(
    ("text", "status"), [("lost communication", "ok"), ("it was never said", "error"), ("", "error")]
)
def test_an_annotation_has_no_line_but_it_is_held_to_its_words(tmp_path: Path, text: str, status: str) -> None:
    incident = incident_of(tmp_path, FAILING)
    noted = replace(
        incident.jobs[0], annotations=(Annotation("failure", "The runner lost communication with the server."),)
    )
    quote = Evidence("test (0)", 0, 0, Untrusted(text))
    report = diagnosed(replace(incident, jobs=(noted,)), Agent(lambda case: [cause(case, evidence=(quote,))]))
    assert run_of(report).status == status


def test_twelve_agents_that_break_leave_the_one_that_does_not(tmp_path: Path) -> None:
    guests = [Agent(raises, f"guest {place}") for place in range(12)]
    report = diagnosed(incident_of(tmp_path, FAILING), *guests, Agent(lambda case: [cause(case)], "sound"))
    assert [run.status for run in report.agents] == ["error"] * 12 + ["ok"]
    assert report.root_cause is not None


def test_an_agent_that_cannot_be_loaded_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Point:
        def __init__(self, name: str, made: Any) -> None:
            self.name, self._made = name, made

        def load(self) -> Any:
            if self._made is None:
                raise ImportError("no module named guest")
            return self._made

    monkeypatch.setattr(
        agency,
        "entry_points",
        lambda group: [Point("z", None), Point("b", lambda: 1 / 0), Point("a", lambda: Agent(raises, "a"))],
    )
    agents, broken = installed_agents()
    assert [agent.name for agent in agents] == ["a"]
    assert [(run.name, run.status, plain(run.error or phrase())) for run in broken] == [
        ("b", "error", "it could not be loaded: ZeroDivisionError: division by zero"), ("z", "error", "it could not be loaded: ImportError: no module named guest"),
    ]  # fmt: skip


def test_an_agent_that_could_not_be_loaded_stands_in_the_report(tmp_path: Path) -> None:
    from diagnose.model.report import AgentRun

    gone = AgentRun("gone", "error", 0.0, phrase("it could not be loaded: no"))
    report = diagnosed(incident_of(tmp_path, FAILING), Agent(lambda case: [cause(case)]), broken=(gone,))
    assert report.agents[-1] == gone
    assert "Not every agent answered: gone." in [plain(each.reason) for each in report.escalation]


SKIPS = [
    ({"kind": "log"}, 1, False, {"dear": "a log alone has no change to compare with"}),
    ({"kind": "log"}, 1, True, {}),
    ({}, 1, False, {"dear": "one job, one known cause, almost certain: the others have nothing to add"}),
    ({}, 2, False, {}),
]


@pytest.mark.parametrize(("more", "jobs", "orchestra", "skipped"), SKIPS)
def test_who_need_not_be_asked_is_not_and_the_reason_is_told(
    tmp_path: Path,
    more: dict[str, Any],
    jobs: int,
    orchestra: bool,  # noqa: FBT001 - a table
    skipped: dict[str, str],
) -> None:
    agents = (Agent(lambda case: [cause(case)], "cheap"), Agent(lambda case: [], "dear", cheap=False))
    report = diagnosed(incident_of(tmp_path, *[FAILING] * jobs, **more), *agents, orchestra=orchestra)
    assert {run.name: plain(run.error) for run in report.agents if run.status == "skipped" and run.error} == skipped
    assert not any(each.trigger == "agents" for each in report.escalation)


def test_a_first_look_at_nothing_skips_nobody(tmp_path: Path) -> None:
    from diagnose.case import Case
    from tests.support.diagnosing import NOON, nothing_known

    case = Case(incident_of(tmp_path, PASSING), (None,), lambda text: text, nothing_known, NOON)
    assert first_look(case, (), orchestra=False) == {}
