"""Findings to a report: one cause once, what follows folded, whose it is, what to do, and when a person is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.model.check import Check
from diagnose.model.evidence import Evidence
from diagnose.model.finding import CauseFinding, PatternFinding, SuspectFinding
from diagnose.model.incident import OTHER_LOGS, Attempt, BaseResult, Branch, Missing
from diagnose.model.report import AgentRun, FailedTest, KnownPattern, Location
from diagnose.model.text import Untrusted, phrase
from diagnose.rank.counts import log_totals
from diagnose.safety.plain import plain
from diagnose.scan.rule import Command, Rule
from diagnose.synthesis.compose import Gathered, Limits, compose, missing_phrases, status_of
from diagnose.synthesis.minutes import BY_CATEGORY
from diagnose.synthesis.reproduce import reproduce
from diagnose.synthesis.totals import totals_of
from tests.checks.build_case import case_of, github, job
from tests.support.reading import github_log, reading_of, rule

if TYPE_CHECKING:
    from diagnose.case import Case
    from diagnose.model.report import Report

FAILS = "##[error]Process completed with exit code 1."
LOG = github(("make", f"one\ntwo\nthree\n{FAILS}"))


def a_rule(name: str, **more: Any) -> Rule:
    return rule("x", id=name, **more)


RULES = {
    each.id: each
    for each in (
        a_rule("gcc/error", category="compile", minutes=(1, 7, 20), remedy="Declare {name}.", commands=(Command("cc -c {file}", safe=True),)),
        a_rule("pytest/assert", category="test", reproduce="python -m pytest '{test}'", reproduce_all="python -m pytest --lf"),
        a_rule("make/failed", kind="wrapper", category="build-system", follows=("*",)),
        a_rule("ld/missing", category="compile", follows=("gcc/*",)),
        a_rule("pip/none", category="dependency", explains=("pytest/assert",)),
        a_rule("net/reset", category="network", infrastructure=True),
        a_rule("disk/full", category="resource", infrastructure=True, retry=True),
        a_rule("go/vet", category="lint", infrastructure=True, minutes=(5, 45, 90)),
    )
}  # fmt: skip


def found(
    where: int = 0, line: int = 5, text: str = "boom", rule: str = "gcc/error", confidence: float = 0.9, **more: Any
) -> CauseFinding:
    known = RULES.get(rule)
    told: dict[str, Any] = {
        "job": where, "step": 0, "evidence": (Evidence("log", line, line, Untrusted(text)),), "title": phrase("it is ", Untrusted(text)),
        "category": known.category if known else "other", "tool": rule.partition("/")[0], "rule": rule, "score": 1.0, "confidence": confidence,
        "explanation": phrase(), "follows_any": bool(known and known.kind == "wrapper"), **more,
    }  # fmt: skip
    return CauseFinding(**told)


def jobs(count: int) -> Case:
    return case_of(*((job(f"test ({place})"), LOG) for place in range(count)))


def report_of(
    case: Case,
    *findings: Any,
    checks: tuple[Check, ...] = (),
    agents: tuple[AgentRun, ...] = (),
    limits: Limits | None = None,
) -> Report:
    return compose(case, Gathered(checks, agents, findings, ()), RULES, limits or Limits(), "ci-diagnose")


def texts(items: Any) -> list[str]:
    return [plain(item) for item in items]


def test_twelve_jobs_with_one_cause_are_one_cause_and_what_differs_is_kept() -> None:
    findings = [found(place, text=f"line {place}: 'x' undeclared") for place in range(12)]
    report = report_of(jobs(12), *findings)
    assert report.root_cause is not None
    assert len(report.root_cause.jobs) == 12
    assert report.alternatives == ()
    assert texts(piece.text for piece in report.root_cause.members) == [
        f"line {place}: 'x' undeclared" for place in range(1, 12)
    ]


def test_a_job_with_another_cause_is_a_cause_beside_it() -> None:
    findings = [found(place) for place in range(11)] + [found(11, text="no such module", rule="pip/none")]
    report = report_of(jobs(12), *findings)
    assert report.root_cause is not None
    assert [len(cause.jobs) for cause in (report.root_cause, *report.findings)] == [11, 1]
    assert report.findings[0].follows == ()
    assert texts(report.findings[0].jobs) == ["test (11)"]


def test_one_rule_with_two_messages_is_two_causes_and_a_wide_one_goes_first() -> None:
    narrow = found(0, text="alpha beta gamma", confidence=0.7)
    wide = [found(place, text="delta epsilon", confidence=0.65) for place in range(1, 6)]
    report = report_of(jobs(6), narrow, *wide)
    assert report.root_cause is not None
    assert plain(report.root_cause.title) == "it is delta epsilon"
    assert [plain(cause.title) for cause in report.findings] == ["it is alpha beta gamma"]


@pytest.mark.parametrize(
    ("line", "rule", "others"),
    [
        (9, "", [9]),  # beside what is quoted
        (6, "gcc/error", [6]),  # a rule knows it as a cause of its own
        (6, "", []),
        (7, "", []),
    ],
)
def test_what_a_better_cause_quotes_is_no_other_reading(line: int, rule: str, others: list[int]) -> None:
    quoted = (Evidence("log", 5, 5, Untrusted("boom")), Evidence("log", 6, 7, Untrusted("a\nb")))
    report = report_of(
        jobs(1), found(rule="pytest/assert", evidence=quoted), found(line=line, rule=rule, text="else", confidence=0.3)
    )
    assert [cause.evidence[0].line for cause in (*report.alternatives, *report.findings)] == others


def test_places_and_tests_of_all_jobs_are_united() -> None:
    here, there = Location(Untrusted("a.c"), 3), Location(Untrusted("b.c"), 4)
    one, two = FailedTest(Untrusted("t1")), FailedTest(Untrusted("t2"))
    report = report_of(
        jobs(2),
        found(0, locations=(here,), failed_tests=(one,)),
        found(1, locations=(here, there), failed_tests=(one, two)),
    )
    assert report.root_cause is not None
    assert (report.root_cause.locations, report.root_cause.failed_tests) == ((here, there), (one, two))


FOLLOWS = [
    (("gcc/error", 5), ("make/failed", 9), "wrapper"), (("gcc/error", 5), ("ld/missing", 9), "follows"),
    (("pip/none", 5), ("pytest/assert", 9), "explains"), (("ld/missing", 5), ("gcc/error", 9), ""),
    (("gcc/error", 9), ("ld/missing", 5), ""), (("pytest/assert", 5), ("ld/missing", 9), ""),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "why"), FOLLOWS)
def test_what_merely_follows_names_its_cause(first: tuple[str, int], second: tuple[str, int], why: str) -> None:
    one = found(line=first[1], rule=first[0], text="first thing")
    two = found(line=second[1], rule=second[0], text="second thing", confidence=0.5)
    report = report_of(jobs(1), one, two)
    assert report.root_cause is not None
    assert report.root_cause.rule == first[0]
    told = [cause.follows for cause in report.alternatives]
    assert told == ([] if why == "wrapper" else [(report.root_cause.id,)] if why else [()])


def test_a_wrapper_is_never_the_root_unless_it_stands_alone() -> None:
    wrapper = found(line=9, rule="make/failed", text="make: *** [all] Error 1", confidence=0.99)
    beside = report_of(jobs(1), wrapper, found(confidence=0.1))
    alone = report_of(jobs(1), wrapper)
    assert beside.root_cause is not None
    assert alone.root_cause is not None
    assert (beside.root_cause.rule, alone.root_cause.rule) == ("gcc/error", "make/failed")


def known(**more: Any) -> PatternFinding:
    words = Untrusted("words")
    told: dict[str, Any] = {"pattern": "abcd1234", "similarity": 0.95, "seen": 2, "last_seen": "2026-11-01", "sources": (), "title": words,
                            "root_cause": words, "solution": Untrusted("declare it"), "fixed_by": Untrusted("#4"), "minutes": 12.0}  # fmt: skip
    return PatternFinding((Evidence("log", 5, 5, Untrusted("boom")),), KnownPattern(**{**told, **more}))


FIXES: list[tuple[str, list[Any], str, tuple[float, float, float], str]] = [
    ("gcc/error", [known()], "history", (4, 12, 36), "declare it"),
    ("gcc/error", [known(minutes=None)], "rule", (1, 7, 20), "declare it"),
    ("gcc/error", [known(said_by="green-run", sure=0.6)], "rule", (1, 7, 20), "Declare boom."),
    (
        "gcc/error",
        [known(said_by="re-run", sure=0.5), known(pattern="beef0001", said_by="person", solution=Untrusted("say it"))],
        "history",
        (4, 12, 36),
        "say it",
    ),
    (
        "no/rule",
        [known(said_by="green-run", sure=0.6)],
        "category",
        (10, 25, 240),
        "A run turned green after this, which nobody has confirmed: declare it",
    ),
    ("gcc/error", [known(similarity=0.8)], "rule", (1, 7, 20), "Declare boom."),
    ("gcc/error", [known(solution=Untrusted(""))], "rule", (1, 7, 20), "Declare boom."),
    ("gcc/error", [], "rule", (1, 7, 20), "Declare boom."),
    ("pip/none", [], "category", (5, 25, 240), "Make the asked versions agree"),
    ("no/rule", [], "category", (10, 25, 240), "Look at the line that is quoted"),
]


@pytest.mark.parametrize(("rule", "patterns", "basis", "minutes", "summary"), FIXES)
def test_what_to_do_is_from_history_else_the_rule_else_the_category(
    rule: str, patterns: list[Any], basis: str, minutes: tuple[float, ...], summary: str
) -> None:
    report = report_of(jobs(1), found(rule=rule), *patterns)
    fix = report.fix_strategy
    assert fix is not None
    assert (fix.basis, (fix.minutes.low, fix.minutes.likely, fix.minutes.high)) == (basis, minutes)
    assert plain(fix.summary).startswith(summary)
    assert report.estimated_fix_time == minutes[1]


@pytest.mark.parametrize(
    ("more", "summary"),
    [
        ({"category": "test"}, "Look at the line"),
        ({"category": "network"}, "Look at the line"),
        ({"category": "lint"}, "Look at the line"),
        ({"category": "lint", "locations": (Location(Untrusted("a.c"), 3),)}, "Follow the message"),
        ({"category": "test", "failed_tests": (FailedTest(Untrusted("t")),)}, "Read the values"),
        ({"category": "format"}, "Run the formatter"),
    ],
)
def test_what_no_rule_knows_is_advised_no_more_than_it_shows(more: dict[str, Any], summary: str) -> None:
    fix = report_of(jobs(1), found(rule="", **more)).fix_strategy
    assert fix is not None
    assert plain(fix.summary).startswith(summary)


def test_a_remedy_whose_values_are_not_known_is_not_half_said() -> None:
    rules = {**RULES, "cc/file": a_rule("cc/file", category="compile", remedy="Correct {file} at line {line}.")}
    for places, said in (((), "Mend the code"), ((Location(Untrusted("a.c"), 3),), "Correct a.c at line 3.")):
        finding = replace(found(), rule="cc/file", category="compile", locations=places)
        case = jobs(1)
        fix = compose(case, Gathered((), (), (finding,), ()), rules, Limits(), "ci-diagnose 0").fix_strategy
        assert fix is not None
        assert plain(fix.summary).startswith(said)


def test_the_confidence_is_never_rounded_up_in_the_reason_to_ask() -> None:
    (asked, *_) = report_of(jobs(1), found(confidence=0.4799)).escalation
    assert plain(asked.reason).startswith("The first line is right with probability 0.47, under 0.70: ")
    assert plain(asked.reason).endswith("a person should judge it.")


def test_every_category_has_minutes_in_order() -> None:
    assert all(minutes.low <= minutes.likely <= minutes.high for minutes in BY_CATEGORY.values())


@pytest.mark.parametrize(("seen", "before", "after"), [(2, 0.6, 0.75), (2, 0.8, 0.84), (5, 0.9, 0.95), (2, 0.97, 0.97)])
def test_a_known_pattern_raises_the_confidence_within_bounds(seen: int, before: float, after: float) -> None:
    report = report_of(jobs(1), found(confidence=before), known(seen=seen))
    assert report.confidence == pytest.approx(after)
    assert report.known_patterns[0].cause == "c1"


def test_a_pattern_told_twice_is_one_and_that_of_the_root_goes_first() -> None:
    elsewhere = replace(known(), evidence=(Evidence("log", 6, 6, Untrusted("y")),))
    other = replace(elsewhere, known=replace(elsewhere.known, pattern="ffff0000", similarity=0.99))
    report = report_of(jobs(1), found(), elsewhere, known(), other)
    assert [(pattern.pattern, pattern.cause) for pattern in report.known_patterns] == [
        ("abcd1234", "c1"),
        ("ffff0000", ""),
    ]


BLOCK = Check("setup", "failed", phrase("no runner"), blocking=True)
TRIGGERS: list[tuple[list[Any], dict[str, Any], list[str]]] = [
    ([found()], {}, []),
    ([], {}, ["confidence"]),
    ([found(confidence=0.69)], {}, ["confidence"]),
    ([found(confidence=0.69)], {"limits": Limits(below=0.5)}, []),
    ([found(rule="go/vet")], {}, ["fix_time", "infrastructure"]),
    ([found(rule="go/vet")], {"limits": Limits(over_minutes=60)}, ["infrastructure"]),
    ([found(rule="net/reset")], {}, ["infrastructure"]),
    ([found(), found(1, text="no version", rule="pip/none")], {}, ["several_systems"]),
    ([found(), found(0, line=9, text="no version", rule="pip/none")], {}, []),
    ([], {"checks": (BLOCK,)}, ["blocked"]),
    ([found()], {"agents": (AgentRun("a", "error", 0.0), AgentRun("b", "ok", 0.0))}, ["agents"]),
    ([found()], {"agents": (AgentRun("a", "timeout", 0.0),)}, ["agents"]),
    ([found()], {"agents": (AgentRun("a", "skipped", 0.0),)}, []),
    (
        [found(confidence=0.1)],
        {"checks": (BLOCK,), "agents": (AgentRun("a", "error", 0.0),)},
        ["confidence", "blocked", "agents"],
    ),
]


@pytest.mark.parametrize(("findings", "more", "triggers"), TRIGGERS)
def test_a_person_is_asked_for_each_reason_of_the_contract(
    findings: list[Any], more: dict[str, Any], triggers: list[str]
) -> None:
    report = report_of(jobs(2), *findings, **more)
    assert [each.trigger for each in report.escalation] == triggers
    assert report.requires_escalation == bool(triggers)
    assert all(plain(each.reason) for each in report.escalation)


def test_a_blocked_report_has_its_check_and_is_failed() -> None:
    report = report_of(
        jobs(1), checks=(BLOCK, Check("branch", "ok", phrase("fine")), Check("lock", "failed", phrase("old")))
    )
    assert (report.status, report.root_cause) == ("failed", None)
    assert [check.name for check in report.basic_check_failures] == ["setup", "lock"]
    assert len(report.environment) == 3


def suspect(weight: float, verdict: Any = "change", line: int = 5) -> SuspectFinding:
    return SuspectFinding(
        (Evidence("log", line, line, Untrusted("boom")),), verdict, weight, phrase("the diff says so")
    )


def on_base(status: Any, name: str = "test (0)") -> dict[str, Any]:
    return {"base": (BaseResult("docs", "failure", "0" * 40), BaseResult(name, status, "1" * 40))}


def again(*statuses: Any) -> dict[str, Any]:
    return {"attempts": tuple(Attempt("test (0)", place, status) for place, status in enumerate(statuses, 1))}


GONE = Missing(phrase("it"), "denied", phrase("no right to it"))
WHOSE: list[tuple[str, dict[str, Any], list[Any], str, str]] = [
    ("gcc/error", {}, [], "unknown", "no earlier run, change or base"),
    ("gcc/error", {"base": GONE, "attempts": GONE}, [], "unknown", "no earlier run, change or base"),
    ("gcc/error", on_base("failure", "another job"), [], "unknown", "no earlier run, change or base"),
    (
        "gcc/error",
        on_base("failure"),
        [],
        "unknown",
        "the base branch's newest run of this job (1111111) fails too; its log was not compared",
    ),
    ("gcc/error", on_base("success"), [suspect(3.0)], "change", "the diff says so"),
    ("gcc/error", on_base("success"), [suspect(3.0, line=77)], "change", "the base branch passes this job"),
    ("gcc/error", on_base("success"), [suspect(-1.0)], "unknown", "the base branch passes this job"),
    ("gcc/error", {}, [suspect(-1.0)], "unknown", "the diff says so"),
    ("pytest/assert", again("success", "failure"), [], "flaky", "the same commit passed this job in another attempt"),
    ("pytest/assert", {**again("success"), **on_base("success")}, [suspect(1.5)], "flaky", "the same commit passed"),
    ("gcc/error", again("failure", "failure"), [suspect(3.0)], "change", "the diff says so"),
    ("net/reset", {}, [], "infrastructure", "the message is one of the machine or a service"),
    ("go/vet", {}, [], "unknown", "no earlier run, change or base"),
]


@pytest.mark.parametrize(("rule", "more", "suspects", "verdict", "reason"), WHOSE)
def test_whose_it_is(rule: str, more: dict[str, Any], suspects: list[Any], verdict: str, reason: str) -> None:
    case = case_of((job("test (0)"), LOG), **more)
    whose = report_of(case, found(rule=rule), *suspects).attribution
    assert (whose.verdict, whose.reasons != ()) == (verdict, True)
    assert any(plain(each).startswith(reason) for each in whose.reasons)
    assert 0 <= whose.confidence <= 0.97


def test_without_a_cause_there_is_nobody_to_name() -> None:
    assert report_of(jobs(1)).attribution.verdict == "unknown"


STATUSES: list[tuple[str, Any, dict[str, Any], str]] = [
    ("run", "failure", {}, "failed"), ("run", "timed_out", {}, "failed"), ("run", "cancelled", {}, "failed"), ("run", "startup_failure", {}, "failed"),
    ("run", "success", {}, "passed"), ("run", "skipped", {}, "passed"), ("run", "neutral", {}, "passed"), ("run", "success", {"conclusion": "failure"}, "failed"),
    ("run", "in_progress", {"running": 1}, "undetermined"), ("run", "failure", {"running": 3}, "failed"), ("run", "stale", {}, "undetermined"),
    ("log", "unknown", {}, "failed"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "status", "more", "expected"), STATUSES)
def test_the_status_is_the_ci_system_s_own_word_or_the_log_s(
    kind: str, status: Any, more: dict[str, Any], expected: str
) -> None:
    assert status_of(case_of((job(status=status), LOG), kind=kind, **more), something=False) == expected


def test_a_log_that_is_missing_is_no_pass() -> None:
    case = case_of((job(status="unknown", log=False), None), kind="log")
    assert status_of(case, something=False) == "undetermined"
    assert status_of(case_of((job(status="stale"), LOG)), something=True) == "failed"


def test_a_run_that_passed_names_no_cause_but_still_says_who_did_not_answer() -> None:
    case = case_of((job(status="success"), LOG))
    report = report_of(case, found(), known(), agents=(AgentRun("a", "error", 0.0),))
    assert (report.status, report.root_cause, report.alternatives, report.known_patterns) == ("passed", None, (), ())
    assert [each.trigger for each in report.escalation] == ["agents"]


def test_what_was_not_seen_is_said_once() -> None:
    branch = Branch("a", "b", closed=True, merged=True)
    case = case_of((job("a", log=False), None), (job("b", log=False), None), branch=branch, base=GONE, attempts=GONE)
    assert texts(missing_phrases(case)) == [
        "the pull request is merged: this is how its last commit stood",
        "the log: it is too old",
        "it: no right to it",
    ]


def test_what_a_bound_kept_from_being_seen_is_said_and_a_log_that_nobody_needs_is_not() -> None:
    def unasked(what: str) -> Missing:
        return Missing(phrase(what), "not-asked", phrase("why"))

    case = case_of(
        (replace(job("a", log=False), log=unasked("the log of a")), None),
        (replace(job("b"), passing=unasked("a passing run")), "x"),
        change=unasked("the change"),
        base=unasked("the base"),
        attempts=unasked("the attempts"),
        reports=(unasked("a test report"),),
        unseen=(unasked("the other logs"),),
    )
    assert texts(missing_phrases(case)) == [
        f"{what}: why"
        for what in ("the other logs", "the change", "the base", "the attempts", "a passing run", "a test report")
    ]


def running(name: str, kind: Any = "running") -> tuple[Any, None]:
    return replace(job(name, log=False), log=Missing(phrase(f"the log of {name}"), kind, phrase(f"{name} runs"))), None


def test_logs_that_lack_for_one_reason_are_counted() -> None:
    assert texts(missing_phrases(case_of(running("a")))) == ["the log of a: a runs"]
    (said,) = texts(missing_phrases(case_of(running("a"), running("b"))))
    assert said.startswith("the logs of 2 jobs: they have not ended")


def test_what_is_said_of_all_other_logs_is_not_said_of_each() -> None:
    others = Missing(OTHER_LOGS, "rate-limited", phrase("no more requests"))
    case = case_of(running("a", "rate-limited"), running("b", "expired"), unseen=(others,))
    assert texts(missing_phrases(case)) == ["the other logs: no more requests", "the log of b: b runs"]


HOSTILE = "test_x[$(rm -rf ~); `id` 'a' \"b\" && c]"


@pytest.mark.parametrize(
    ("rule", "more", "step", "lines"),
    [
        ("pytest/assert", {"failed_tests": (FailedTest(Untrusted("a.py::t")),)}, "", ["python -m pytest a.py::t"]),
        ("pytest/assert", {"failed_tests": (FailedTest(Untrusted(HOSTILE)),)}, "", None),
        (
            "pytest/assert",
            {"failed_tests": tuple(FailedTest(Untrusted(f"t{n}")) for n in range(9))},
            "",
            [f"python -m pytest t{n}" for n in range(3)],
        ),
        ("pytest/assert", {}, "", ["python -m pytest --lf"]),
        ("gcc/error", {}, "Run make -j4 test", ["make -j4 test"]),
        ("gcc/error", {}, "Run actions/checkout@v4", []),
        ("gcc/error", {}, "Run make; rm -rf /", []),
        ("gcc/error", {}, "Run curl $(id)", []),
        ("gcc/error", {}, "Run source .venv/bin/activate", []),
        ("gcc/error", {}, "Run cd app", []),
        ("gcc/error", {}, "Build", []),
    ],
)
def test_how_to_see_it_again_is_quoted_for_the_shell(
    rule: str, more: dict[str, Any], step: str, lines: list[str] | None
) -> None:
    import shlex

    root = report_of(jobs(1), found(rule=rule, **more)).root_cause
    assert root is not None
    told = texts(reproduce(root, RULES[rule], step))
    if lines is not None:
        assert told == lines
    else:
        assert [shlex.split(line) for line in told] == [["python", "-m", "pytest", HOSTILE]]


MAVEN = rule(
    r"^Tests run: (?P<run>\d+), Failures: (?P<failed>\d+), Errors: (?P<errors>\d+), Skipped: (?P<skipped>\d+)",
    "Tests run: ",
    id="maven/totals",
    kind="totals",
)
PYTEST = rule(r"^(?:(?P<failed>\d+) failed, )?(?P<passed>\d+) passed", " passed", id="pytest/totals", kind="totals")
COUNTS = [
    ("Tests run: 3, Failures: 1, Errors: 0, Skipped: 1\n", (3, None, 1, 1)),
    (
        "Tests run: 3, Failures: 1, Errors: 0, Skipped: 0\nTests run: 4, Failures: 0, Errors: 2, Skipped: 0\n",
        (7, None, 3, 0),
    ),
    (
        "Tests run: 3, Failures: 1, Errors: 0, Skipped: 0\nTests run: 4, Failures: 0, Errors: 0, Skipped: 0\nTests run: 7, Failures: 1, Errors: 0, Skipped: 0\n",
        (7, None, 1, 0),
    ),
    ("5 passed\n", (None, 5, 0, None)),
    ("5 passed\nTests run: 3, Failures: 1, Errors: 0, Skipped: 0\n", (3, None, 1, 0)),
    (f"Tests run: {'9' * 12}, Failures: {'9' * 12}, Errors: {'9' * 12}, Skipped: {'9' * 12}\n", None),
    ("nothing is counted\n", None),
    (
        "Tests run: 3, Failures: 1, Errors: 0, Skipped: 0\nTests run: 3, Failures: 1, Errors: 0, Skipped: 0\n",
        (3, None, 1, 0),
    ),
    (
        "Tests run: 3, Failures: 1, Errors: 0, Skipped: 0\n\n\nTests run: 3, Failures: 1, Errors: 0, Skipped: 0\n",
        (6, None, 2, 0),
    ),
]


@pytest.mark.parametrize(("text", "expected"), COUNTS)
def test_totals_are_counted_once(text: str, expected: tuple[Any, ...] | None) -> None:
    totals = log_totals(reading_of(text, MAVEN, PYTEST))
    assert (None if totals is None else (totals.run, totals.passed, totals.failed, totals.skipped)) == expected


def test_runners_of_different_ecosystems_are_added_and_a_runners_own_rules_fill_gaps() -> None:
    jest = replace(
        rule(r"^Tests: (?P<failed>\d+) failed", "Tests: ", id="jest/totals", kind="totals"), ecosystem="javascript"
    )
    files = rule(r"^Files=\d+, Tests=(?P<run>\d+)", "Files=", id="prove/totals", kind="totals")
    failed = rule(r"Failed: (?P<failed>\d+)\)$", "Failed: ", id="prove/failed", kind="totals")
    weak = rule(r"^class: (?P<failed>\d+)$", "class: ", id="maven/class", kind="totals", weight=0.5)
    text = "class: 9\na.t (Tests: 3 Failed: 2)\nb.t (Tests: 3 Failed: 1)\nFiles=4, Tests=20\nTests: 4 failed\n"
    totals = log_totals(reading_of(text, jest, files, failed, weak))
    assert totals is not None
    assert (totals.run, totals.failed) == (20, 7)


def test_what_a_command_counted_before_it_was_tried_again_is_void() -> None:
    again = rule(r"^Attempt \d+ failed", "Attempt ", id="ci/again", kind="noise", retry=True)
    text = "2 failed, 3 passed\nAttempt 1 failed\n1 failed, 4 passed\n"
    for log in (text, github_log(("Run other", "7 passed"), ("Run tests", text))):
        totals = log_totals(reading_of(log, PYTEST, again))
        assert totals is not None
        assert (totals.passed, totals.failed) == (11 if "7 passed" in log else 4, 1)


def test_totals_of_all_logs_are_added() -> None:
    totals = totals_of((reading_of("5 passed\n", PYTEST), None, reading_of("2 failed, 3 passed\n", PYTEST)))
    assert totals is not None
    assert (totals.run, totals.passed, totals.failed) == (None, 8, 2)
    assert totals_of((None,)) is None
