"""Reports for every situation that the answer has a form for; every line, name and repository in them is invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from diagnose.model.check import Check
from diagnose.model.report import (
    AgentRun,
    Attribution,
    Cause,
    Escalation,
    Evidence,
    FailedTest,
    FixStep,
    FixStrategy,
    JobReport,
    KnownPattern,
    Location,
    Minutes,
    Report,
    Retry,
    SilentFailure,
    StepRef,
    StepReport,
    Totals,
)
from diagnose.model.text import Phrase, Untrusted, phrase
from diagnose.render.confidence import Band, Reliability
from diagnose.safety.workspace import to_source


class Everything:
    """A tree that has every file of the repository, at any line."""

    def place(self, file: Untrusted, line: int | None) -> tuple[str, int | None] | None:
        """Return the place as the gate lets it through."""
        path = to_source(file)
        return None if path is None else (path, line)


TABLE = Reliability((Band(0.95, 88, 84), Band(0.85, 60, 54), Band(0.7, 50, 40), Band(0.5, 40, 24), Band(0.0, 40, 8)))
U = Untrusted


def line(number: int, text: str, log: str = "job.log") -> Evidence:
    return Evidence(log, number, number + text.count("\n"), U(text))


def place(file: str, at: int, column: int | None = None) -> Location:
    return Location(U(file), at, column)


def failed_test(name: str, file: str | None = None, at: int | None = None) -> FailedTest:
    return FailedTest(U(name), U(file) if file else None, at)


def cause(
    title: Phrase | str, evidence: tuple[Evidence, ...], confidence: float, why: Phrase | str = "", **rest: Any
) -> Cause:
    given: dict[str, Any] = {
        "id": "c1",
        "category": "test",
        "tool": "pytest",
        "rule": "pytest/assertion",
        "job": U("build"),
        "step": None,
        **rest,
    }
    if isinstance(given["job"], str):
        given["job"] = U(given["job"])
    if isinstance(given["step"], str):
        given["step"] = StepRef(3, U(given["step"]))
    return Cause(
        title=title if isinstance(title, Phrase) else phrase(title),
        evidence=evidence,
        confidence=confidence,
        explanation=why if isinstance(why, Phrase) else phrase(why),
        **given,
    )


def fix(
    text: Phrase | str, low: float, likely: float, high: float, basis: Any = "rule", *steps: FixStep
) -> FixStrategy:
    return FixStrategy(
        text if isinstance(text, Phrase) else phrase(text), steps, Minutes(low, likely, high), basis, "low"
    )


def whose(verdict: Any, confidence: float, *reasons: str | Phrase) -> Attribution:
    return Attribution(verdict, confidence, tuple(one if isinstance(one, Phrase) else phrase(one) for one in reasons))


def report(root: Cause | None, target: str, **rest: Any) -> Report:
    given: dict[str, Any] = {
        "status": "failed",
        "alternatives": (),
        "confidence": root.confidence if root else 0.0,
        "fix_strategy": None,
        "attribution": whose("unknown", 0.0),
        "escalation": (),
        "basic_check_failures": (),
        "environment": (),
        "agents": (),
        "findings": (),
        "silent_failures": (),
        "totals": None,
        "known_patterns": (),
        "reproduce": (),
        "jobs": (),
        "limits": (),
        "tool": "ci-diagnose 0.1.0",
        "started_at": datetime(2026, 11, 21, 11, 29, tzinfo=UTC),
        "seconds": 1.5,
        **rest,
    }
    strategy = given["fix_strategy"]
    return Report(
        root_cause=root,
        target=U(target),
        requires_escalation=bool(given["escalation"]),
        estimated_fix_time=strategy.minutes.likely if strategy else None,
        **given,
    )


def root_of(one: Report) -> Cause:
    assert one.root_cause is not None
    return one.root_cause


def pytest_pair() -> Report:
    root = cause(
        "2 tests, the Markdown export differs from the stored result",
        (
            line(942, r"AssertionError: assert '# Fruit\n\nP...s\n\nAll sold' == '# Fruit\n\nP...;\n\nAll sold'"),
            line(957, "- &lt;table&gt;"),
        ),
        0.91,
        'The export writes escaped HTML where the stored file has a table. "+" is the left side (wanted, stored), "-" the right (given, now).',
        job="checks / run-tests (3.11)",
        step="Testing",
        exit_code=1,
        failed_tests=(
            failed_test("test_export_plain", "tests/test_export_markdown.py", 41),
            failed_test("test_round_trip_of_letters", "tests/test_export_letter.py", 96),
        ),
    )
    return report(
        root,
        "acme/press PR 1348",
        attribution=whose("change", 0.8, "main and 3 other pull requests pass this job"),
        fix_strategy=fix(
            "Restore the table export, or write the stored results anew if the new output is wanted.", 10, 25, 60
        ),
        reproduce=(phrase("poetry run pytest -v ", U("tests/test_export_markdown.py::test_export_plain")),),
        totals=Totals(67, 63, 2, 2),
    )


def matrix() -> Report:
    name = "Unit tests ({}, {}, cpython, core, sh)"
    versions = ["3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12"]
    failed = [name.format("ubuntu-20.04", version) for version in versions] + [name.format("windows-2019", "3.4")]
    passed = [
        name.format("windows-2019", "2.6"),
        *(f"Unit tests (ubuntu-20.04, pypy-{index}, jython, core, sh)" for index in range(13)),
    ]
    text = (
        "acme_calc.interp.Exception: Failed to evaluate 0.0 << None (caused by TypeError(\"unsupported operand type(s) for <<: 'float' and "
        "'int'\",)); please report this issue on https://example.com/acme/calculator/issues , using the appropriate issue template. "
        "Make sure you are using the latest version; see https://example.com/acme/calculator/#user-content-installation on how to update. "
        "Be sure to call acme-calc with the --verbose option and include the complete output."
    )
    root = cause(
        "a bit shift gets a float",
        (line(1163, text),),
        0.97,
        job=failed[0],
        jobs=tuple(U(job) for job in failed),
        step="Unit tests",
        exit_code=1,
        locations=(place("acme_calc/interpreter.py", 585),),
        failed_tests=(failed_test("test_shift_of_mixed_operands"),),
    )
    jobs = tuple(JobReport(U(job), "failure", (), f"{index}.log") for index, job in enumerate(failed))
    jobs += tuple(JobReport(U(job), "success", (), f"p{index}.log") for index, job in enumerate(passed))
    return report(
        root,
        "acme/calculator PR 329",
        jobs=jobs,
        attribution=whose("change", 0.97, phrase("master passes all 12, and the diff touches ", U("interpreter.py"))),
        fix_strategy=fix("Convert both operands to int before the shift.", 10, 25, 60),
        reproduce=(phrase("python -m nose --verbose test/test_interpreter.py"),),
    )


def dependency() -> Report:
    root = cause(
        phrase("npm cannot install: two packages need different versions of ", U("petal")),
        (
            line(154, "npm error ERESOLVE could not resolve"),
            line(157, "npm error Found: petal@4.2.19"),
            line(168, 'npm error peer petal@"^5.0.0" from @petalworks/bundle-plugin-petal@5.0.3'),
        ),
        0.98,
        phrase(
            U("petal"),
            ' is held at 4 by the project and by leaf-ui 0.19 (through @stem-ui/petal, "<5"); bundle-plugin-petal 5 needs petal 5.',
        ),
        category="dependency",
        tool="npm",
        rule="npm/eresolve",
        job="Format & build pages",
        step="Run npm install",
        exit_code=1,
    )
    return report(
        root,
        "acme/gallery PR 128",
        attribution=whose(
            "change", 0.97, phrase("package.json asks for ", U("@petalworks/bundle-plugin-petal ^5.0.3"))
        ),
        fix_strategy=fix(
            "Hold bundle-plugin-petal at ^3, or raise petal and leaf-ui together. Avoid --force: it installs what cannot work.",
            5,
            15,
            90,
        ),
        reproduce=(phrase("npm install --dry-run"),),
    )


def typescript() -> Report:
    telling = "public/app/features/map/utils/frameShapeSource.ts:11:84 - error TS2344: Type 'T' does not satisfy the constraint 'ShapeLike'."
    locations = [place("public/app/features/map/utils/frameShapeSource.ts", 11 + index, 84) for index in range(3)]
    locations += [place("public/app/plugins/panel/mapview/utils/tooltip.ts", 15 + index) for index in range(4)]
    locations += [
        place(f"public/app/plugins/panel/mapview/layers/layer{index % 9}.ts", 20 + index) for index in range(19)
    ]
    root = cause(
        "26 type errors in 11 files, all on types of Plainmaps (pm)",
        (line(274, telling), line(503, "Found 26 errors in 11 files.")),
        0.93,
        "The new pm types are generic over shapes; the code passes outlines.",
        category="type-check",
        tool="tsc",
        rule="tsc/error",
        job="Typecheck",
        step="Run yarn run typecheck",
        exit_code=2,
        locations=tuple(locations),
    )
    return report(
        root,
        "acme/dashboard PR 1039",
        attribution=whose("change", 0.9, "it raises pm", "no error is in a file that it edits"),
        fix_strategy=fix("Adapt 11 files, or hold pm where it was (5 min).", 60, 180, 360),
        reproduce=(phrase("yarn run typecheck"),),
    )


def killed() -> Report:
    root = cause(
        phrase(U("worker.py"), " was killed from outside (signal 9, exit 137)"),
        (
            line(
                69,
                "/home/runner/work/_temp/6f1c2c3e-4d0b-4a5e-9a53-0b9c2f6d7e11.sh: line 1: 31679 Killed                  python3 -u worker.py",
            ),
            line(68, "loading shard 2"),
        ),
        0.97,
        phrase(
            'The usual reason is memory running out. The log does not show who sent the signal: no kernel line, no memory figure. Last act: "',
            U("shard 2"),
            '".',
        ),
        category="resource",
        tool="bash",
        rule="system/killed",
        job="bash",
        step="Run ulimit -v 4000000; python3 -u worker.py",
    )
    return report(
        root,
        "acme-bash",
        attribution=whose("unknown", 0.0, "no earlier run of this step to compare with"),
        fix_strategy=fix("Load less at once, or take a larger runner.", 15, 60, 240),
        reproduce=(phrase("/usr/bin/time -v python3 -u worker.py"),),
    )


def runner_lost() -> Report:
    root = cause(
        "the runner was lost, nothing in the code is known to be wrong",
        (line(0, "The self-hosted runner: arm-07 lost communication with the server.", log=""),),
        0.81,
        phrase(
            'GitHub heard nothing more from the machine, and has no log of the job. The last step that ended was "',
            U("Run make deps"),
            '", 38 min before.',
        ),
        category="infrastructure",
        tool="",
        rule="github/runner-lost",
        job="build (arm64)",
        step="Run make dist",
    )
    return report(
        root,
        "acme/app PR 88",
        attribution=replace(
            whose("infrastructure", 0.95, phrase(U("arm-07"), " was also lost in 2 of its last 9 jobs")),
            control="message",
            requests=3,
            decision=phrase("A person decides whether the machine stays in use."),
        ),
        retry=Retry(
            advised=True,
            jobs=(U("build (arm64)"),),
            at_most=2,
            reasons=(phrase('"', U("build (arm64)"), '": the runner was lost'),),
            command=phrase("gh run rerun 10422557720 --failed --repo ", U("acme/app")),
        ),
        fix_strategy=fix(
            "Run again, once. If it happens again on the same machine, look at the machine.", 2, 5, 10, "category"
        ),
        reproduce=(phrase("gh run rerun 10422557720 --failed"),),
        escalation=(
            Escalation("infrastructure", phrase("The machine needs a person: 3 losses in 3 days, on one runner")),
        ),
    )


def unknown_tool() -> Report:
    root = cause(
        phrase(U("tools/scripts/words.py"), " exits 1; no rule knows this script"),
        (line(527, "missing key `Close` in `cy` on line `98`"), line(526, "running check command...")),
        0.78,
        "It is the last line before the exit, and passing runs do not print it.",
        category="other",
        tool="",
        rule="",
        job="words",
        step="Run python3 tools/scripts/words.py",
        exit_code=1,
    )
    return report(root, "acme/meters", reproduce=(phrase("python3 ", U("tools/scripts/words.py")),))


def unclear() -> Report:
    first = cause(
        'Gradle finds no matching variant of "main"',
        (
            line(1252, "> Task :kettle:compileTestKotlinJvm FAILED"),
            line(1347, "> Could not resolve all files for configuration ':kettle:jvmTestCompileClasspath'."),
        ),
        0.61,
        job="check-jdk11",
        step="Run ./gradlew check",
        exit_code=1,
        category="build-system",
        tool="gradle",
        rule="gradle/variant",
    )
    second = cause(
        "Calls that Android API 21 lacks",
        (
            line(
                1254,
                "26 AnimalSniffer violations were found in 1 files. See the report at: file:////home/runner/work/kettle/kettle/spout/build/reports/animalsniffer/main.text"
                + "/x" * 60,
            ),
        ),
        0.22,
        id="c2",
        job="check-jdk11",
        step="Run ./gradlew check",
        exit_code=1,
        category="lint",
        tool="animalsniffer",
        rule="animalsniffer/violation",
    )
    return report(
        None,
        "acme/kettle PR 877",
        alternatives=(first, second),
        confidence=0.61,
        escalation=(
            Escalation("confidence", phrase("Below the line of 0.70, so no cause is claimed and nothing is recorded")),
        ),
        reproduce=(phrase("./gradlew :kettle:compileTestKotlinJvm -PphoneBuild=true"),),
    )


def hidden() -> Report:
    silent = SilentFailure(
        "swallowed-failure",
        phrase("a test failed: the pipe hid its exit code"),
        "job.log",
        97,
        U("FAILED tests/test_a.py::test_a - assert 1 == 2"),
        "error",
        'Put "shell: bash" in the step (it sets pipefail), then mend the test.',
    )
    steps = (
        StepReport(1, U("Set up job"), "success", 1, 40),
        StepReport(2, U("Run pytest -q | tee out.txt"), "success", 41, 120),
    )
    return report(
        None,
        "acme-pytest",
        status="passed",
        silent_failures=(silent,),
        jobs=(JobReport(U("pytest"), "success", steps, "job.log"),),
    )


def known() -> Report:
    root = cause(
        phrase("header ", U("libgauge.h"), " not found"),
        (
            line(
                937, "../vendor/example.com/acme/gauges/gauge_darwin.go:12:10: fatal error: 'libgauge.h' file not found"
            ),
        ),
        0.98,
        "gauges includes a macOS header that the iOS SDK does not have.",
        category="compile",
        tool="clang",
        rule="clang/missing-header",
        job="xcode12.1",
        step="go run build/ci.go phone",
        exit_code=1,
    )
    pattern = KnownPattern(
        "6f1a",
        1.0,
        3,
        "2026-11-19",
        (U("410000450"), U("410000752"), U("410000197")),
        U("iOS build: header libgauge.h not found"),
        U("gauges includes a macOS header"),
        U("Keep gauges out of iOS builds"),
        U("1f00d5e"),
        40.0,
        "c1",
    )
    return report(
        root,
        "acme/ledger",
        known_patterns=(pattern,),
        attribution=whose("base", 0.97, "master fails alike", "this change is not the reason"),
        fix_strategy=fix(phrase("Keep gauges out of iOS builds, as ", U("1f00d5e"), " did."), 1, 1, 40, "history"),
    )


def blocked() -> Report:
    root = cause(
        "MSYS2 did not start, so no test ran",
        (
            line(5673, "The system cannot find the path specified."),
            line(
                5672,
                "[command]C:\\Windows\\system32\\cmd.exe /D /S /C C:\\a\\_temp\\setup-msys2\\msys2.cmd -c \"'uname' '-a'\"",
            ),
        ),
        0.77,
        phrase(
            'The step passes on windows-2022, where uname answers "',
            U("MINGW64_NT-10.0"),
            '". What differs is the image: windows-11 on Arm.',
        ),
        category="infrastructure",
        tool="msys2",
        rule="msys2/start",
        job="windows / windows (windows-11-arm, old)",
        step="msys2/setup-msys2@v2",
    )
    setup = Check("setup", "failed", phrase("MSYS2 did not start"), blocking=True, evidence=root.evidence)
    return report(
        root,
        "acme/editor",
        basic_check_failures=(setup,),
        environment=(
            setup,
            Check("dependencies", "skipped", phrase("setup failed")),
            Check("branch", "ok", phrase("0 behind")),
        ),
        attribution=whose("change", 0.6, "it moves this job to windows-11-arm"),
        fix_strategy=fix("Tell the action where MSYS2 is, or keep windows-2022.", 10, 30, 90),
        escalation=(Escalation("blocked", phrase("The environment blocks the diagnosis")),),
        agents=(AgentRun("ci_diagnostics", "skipped", 0.0),),
    )


def passed() -> Report:
    jobs = tuple(JobReport(U(f"test ({index})"), "success", (), f"{index}.log") for index in range(14))
    return report(
        None,
        "acme/app PR 7",
        status="passed",
        jobs=jobs,
        totals=Totals(1204, 1204, 0, 0),
        agents=(AgentRun("ci_diagnostics", "ok", 0.3), AgentRun("silent_failure_detector", "ok", 0.2)),
    )


def several() -> Report:
    """One root cause, two others, rivals, hidden failures, agents that failed, things not seen."""
    base = pytest_pair()
    other = replace(root_of(dependency()), id="c2", confidence=0.81)
    third = replace(root_of(killed()), id="c3", confidence=0.74)
    rival = cause(
        phrase("the version of ", U("press-core"), " changed"),
        (line(120, "Installing press-core (2.26.0)"),),
        0.31,
        id="c4",
        category="dependency",
        job=root_of(base).job,
    )
    silent = SilentFailure(
        "never-awaited",
        phrase("a coroutine was never awaited"),
        "job.log",
        1200,
        U("RuntimeWarning: coroutine 'go' was never awaited"),
        "warning",
        "Await it.",
    )
    root = root_of(base)
    extra = tuple(line(960 + 2 * index, f"+ row {index}") for index in range(8))
    root = replace(root, evidence=(*root.evidence, *extra, line(12, "warning: cache is stale", log="other.log")))
    steps = (
        FixStep(phrase("See what changed"), phrase("git diff ", U("tests/data")), safe=True),
        FixStep(phrase("Write them anew"), phrase("pytest --update")),
    )
    strategy = base.fix_strategy
    assert strategy is not None
    jobs = tuple(JobReport(U(name), "failure", (), f"{name}.log") for name in ("a", "b"))
    return replace(
        base,
        root_cause=root,
        findings=(other, third),
        alternatives=(rival,),
        silent_failures=(silent,) * 5,
        jobs=jobs,
        fix_strategy=replace(strategy, steps=steps, risk="high"),
        agents=(
            AgentRun("pattern-matcher", "timeout", 720.0, phrase("history was not asked")),
            AgentRun("change-suspect", "error", 0.1),
        ),
        limits=(phrase("2 of 14 logs expired"), phrase("the log of ", U("deploy"), " was not stored")),
    )


def nothing_found() -> Report:
    return report(
        None,
        "build.log",
        status="undetermined",
        escalation=(Escalation("confidence", phrase("No line of the log points to a failure")),),
    )


def blocked_by_check() -> Report:
    setup = Check(
        "setup",
        "failed",
        phrase("the token may not read the log of ", U("build")),
        blocking=True,
        evidence=(line(3, "Error: HttpError: Resource not accessible by integration"),),
    )
    return report(
        None,
        "acme/app PR 9",
        basic_check_failures=(setup,),
        environment=(setup,),
        agents=(AgentRun("ci_diagnostics", "skipped", 0.0),),
    )


SAMPLES = {
    "01-pytest": pytest_pair,
    "02-matrix": matrix,
    "03-dependency": dependency,
    "04-typescript": typescript,
    "05-killed": killed,
    "06-runner-lost": runner_lost,
    "07-unknown-tool": unknown_tool,
    "08-unclear": unclear,
    "09-hidden": hidden,
    "10-known": known,
    "11-blocked": blocked,
    "12-passed": passed,
    "13-several": several,
    "14-nothing-found": nothing_found,
    "15-blocked-by-check": blocked_by_check,
}
