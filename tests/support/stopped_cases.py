"""Jobs that were ended from outside, written by hand: what each must be named, and look-alikes that were not ended so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from diagnose.model.incident import Annotation, Incident, Job, LogFile, Missing, Passing
from diagnose.model.text import phrase

if TYPE_CHECKING:
    from pathlib import Path

    from diagnose.model.incident import TargetKind
    from diagnose.model.words import JobStatus

BEGAN = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
HOUR = 3600
NO_LOG = Missing(phrase("the log"), "cancelled", phrase("there is none"))
CANCELED = "##[error]The operation was canceled."
LIMIT = "The job running on runner GitHub Actions 3 has exceeded the maximum execution time of 60 minutes."


@dataclass(frozen=True)
class Wanted:
    """What a stop must say; test "" for none named. root: part of the root cause's title, "" where it does not matter.

    check: part of what a blocking check says: then no agent is asked, and the check is the answer.
    """

    reason: str
    pace: str = "unknown"
    test: str = ""
    after: bool = False
    who: str = ""
    root: str = ""
    advice: str = ""
    check: str = ""


@dataclass(frozen=True)
class Case:
    """name; lines: of the log, each after so many seconds, None for no log. wanted None: nothing ended it from outside."""

    name: str
    wanted: Wanted | None
    log: str | None = None
    status: JobStatus = "cancelled"
    notes: tuple[str, ...] = ()
    job: str = "test"
    minutes: float = 61
    siblings: tuple[tuple[str, JobStatus, float], ...] = ()
    workflow: str = ""
    green: str | None = None
    took: tuple[float, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)


def github(*lines: tuple[float, str], command: str = "make test", end: str = CANCELED, silent: float = 0) -> str:
    """A GitHub job log of one step. lines: (seconds since the line before, text). silent: seconds before the end."""
    head = [
        (0.0, "Current runner version: '2.336.0'"),
        (1, f"##[group]Run {command}"),
        (0, f"\x1b[36;1m{command}\x1b[0m"),
        (0, "shell: /usr/bin/bash -e {0}"),
        (0, "##[endgroup]"),
    ]
    tail = [(silent, end), (1, "Post job cleanup."), (1, "Cleaning up orphan processes")]
    at, out = BEGAN, []
    for seconds, text in [*head, *lines, *tail]:
        at += timedelta(seconds=seconds)
        out.append(f"{at:%Y-%m-%dT%H:%M:%S}.1683002Z {text}\n")
    return "".join(out)


def hanging(*texts: str, last: float = HOUR, flushed: str = "") -> str:
    """A log whose lines come each second and then stop; `flushed`: what the program had begun to write, stamped when it died."""
    lines = [(1.0, text) for text in texts]
    return github(*lines, (last, flushed), silent=0) if flushed else github(*lines, silent=last)


def gitlab(*lines: tuple[float, str]) -> str:
    at, out = BEGAN, []
    for seconds, text in lines:
        at += timedelta(seconds=seconds)
        out.append(f"{at:%Y-%m-%dT%H:%M:%S}.123456Z 00O {text}\n")
    return "".join(out)


def incident_of(case: Case, folder: Path) -> Incident:
    """Write the logs into `folder`, and give the incident as a source would."""
    end = BEGAN + timedelta(minutes=case.minutes)
    bare = case.status == "unknown"
    jobs = [Job(
        "1", case.job, case.status, _file(folder, "1", case.job, case.log), annotations=tuple(Annotation("failure", note) for note in case.notes),
        run_id="" if bare else "7", started_at=None if bare else BEGAN, completed_at=None if bare else end,
    )]  # fmt: skip
    if case.green is not None or case.took:
        log = _file(folder, "green", case.job, case.green or "ok\n")
        assert isinstance(log, LogFile)
        jobs[0] = replace(jobs[0], passing=Passing(log, case.job, "6", took=case.took))
    for number, (name, status, minutes) in enumerate(case.siblings, 2):
        jobs.append(
            Job(
                str(number),
                name,
                status,
                NO_LOG,
                run_id="7",
                started_at=BEGAN,
                completed_at=BEGAN + timedelta(minutes=minutes),
            )
        )
    workflows = ((".github/workflows/ci.yml", case.workflow.encode()),) if case.workflow else ()
    kind: TargetKind = "log" if bare else "run"
    conclusion: JobStatus = (
        "unknown" if bare else "failure" if any(job.status == "failure" for job in jobs) else case.status
    )
    return Incident(
        kind,
        "run 7",
        tuple(jobs),
        conclusion=conclusion,
        repository="" if bare else "acme/app",
        workflows=workflows,
        **case.more,
    )


def _file(folder: Path, number: str, name: str, text: str | None) -> LogFile | Missing:
    if text is None:
        return NO_LOG
    path = folder / f"{number}.log"
    path.write_text(text, encoding="utf-8")
    return LogFile(f"{name} [{number}]", path)


def _hung(name: str, test: str, *texts: str, after: bool = False, flushed: str = "", runner: str = "") -> Case:
    return Case(
        f"{name} hangs",
        Wanted("job-timeout", "hung", test, after, root=test, advice=runner),
        hanging(*texts, flushed=flushed),
        notes=(LIMIT,),
    )


RUNNERS = (
    _hung("pytest -v", "tests/test_a.py::test_wait[slow one]", "tests/test_a.py::test_one PASSED   [ 33%]", flushed="tests/test_a.py::test_wait[slow one] ", runner="faulthandler_timeout"),
    _hung("pytest -n 2 -v", "tests/test_b.py::TestB::test_lock", "tests/test_a.py::test_one ", "tests/test_b.py::TestB::test_lock ", "[gw0] [ 33%] PASSED tests/test_a.py::test_one "),
    _hung("pytest without -v", "tests/test_b.py", "tests/test_a.py ....                  [ 40%]", flushed="tests/test_b.py .."),
    _hung("unittest -v", "test_wait (tests.test_a.TestA.test_wait)", "test_one (tests.test_a.TestA.test_one) ... ok", flushed="test_wait (tests.test_a.TestA.test_wait) ... "),
    _hung("go test -v", "TestPool/drains", "=== RUN   TestOne", "--- PASS: TestOne (0.00s)", "=== RUN   TestPool", "=== RUN   TestPool/fills", "    --- PASS: TestPool/fills (0.01s)",
          "=== RUN   TestPool/drains", runner="-timeout 5m"),
    _hung("cargo test", "pool::tests::drains", "running 3 tests", "test pool::tests::fills ... ok", "test pool::tests::drains has been running for over 60 seconds"),
    _hung("cargo nextest", "pool drains", "        PASS [   0.010s] pool fills", "        SLOW [> 60.000s] pool drains", runner="slow-timeout"),
    _hung("jest", "src/pool.test.js", "PASS src/other.test.js", "PASS src/pool.test.js (5.1 s)", after=True, runner="detectOpenHandles"),
    _hung("vitest", "src/pool.test.ts", " \u2713 src/other.test.ts (3 tests) 12ms", " \u276f src/pool.test.ts 0/3", runner="hanging-process"),
    _hung("mocha", "fills the pool", "  Pool", "    \u2713 opens", "    \u2713 fills the pool (40ms)", after=True),
    _hung("rspec -fd", "fills the pool", "Randomized with seed 4711", "Pool", "  opens the door", "  fills the pool", after=True),
    _hung("GoogleTest", "Pool.Drains", "[ RUN      ] Pool.Fills", "[       OK ] Pool.Fills (0 ms)", "[ RUN      ] Pool.Drains"),
    _hung("CTest", "pool_drains", "    Start 1: pool_fills", "1/2 Test #1: pool_fills .......................   Passed    0.01 sec", "    Start 2: pool_drains", runner="ctest --timeout"),
    _hung("Gradle", "PoolTest > drains()", "PoolTest > fills() STARTED", "PoolTest > fills() PASSED", "PoolTest > drains() STARTED"),
    _hung("Surefire", "com.acme.PoolIT", "[INFO] Running com.acme.PoolTest", "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in com.acme.PoolTest",
          "[INFO] Running com.acme.PoolIT"),
    _hung("xUnit.net", "Acme.PoolTests.Drains", "  Passed Acme.PoolTests.Fills [4 ms]", "[xUnit.net 00:01:00.33]     [Long Running Test] 'Acme.PoolTests.Drains', Elapsed: 00:01:00", runner="blame-hang"),
    _hung("dotnet test", "Acme.PoolTests.Fills", "  Passed Acme.PoolTests.Fills [4 ms]", after=True, runner="blame-hang"),
    _hung("ExUnit --trace", "test drains the pool", "Acme.PoolTest [test/pool_test.exs]", "  * test fills the pool [L#5]\r  * test fills the pool (0.4ms) [L#5]", "  * test drains the pool [L#9]"),
    _hung("XCTest", "PoolTests.testDrains", "Test Case 'PoolTests.testFills' started at 2026-11-20 10:00:01.000", "Test Case 'PoolTests.testFills' passed (0.001 seconds)",
          "Test Case 'PoolTests.testDrains' started at 2026-11-20 10:00:02.000"),
    _hung("Swift Testing", "drains()", "\u25c7 Test fills() started.", "\u2714 Test fills() passed after 0.001 seconds.", "\u25c7 Test drains() started."),
    _hung("Bazel", "//pool:drains", "//pool:fills                    PASSED in 0.3s", "    Testing //pool:drains; 1201s linux-sandbox"),
    _hung("Playwright", "[chromium] \u203a pool.spec.ts:3:5 \u203a fills", "  \u2713  1 [chromium] \u203a pool.spec.ts:3:5 \u203a fills (1.2s)", after=True),
    _hung("PHPUnit --debug", "Acme\\PoolTest::testDrains", "Test Preparation Started (Acme\\PoolTest::testFills)", "Test Finished (Acme\\PoolTest::testFills)",
          "Test Preparation Started (Acme\\PoolTest::testDrains)"),
    _hung("Minitest -v", "PoolTest#test_drains", "PoolTest#test_fills = 0.00 s = .", flushed="PoolTest#test_drains = "),
    _hung("prove", "t/drains.t", "t/fills.t ... ok", flushed="t/drains.t .. "),
    _hung("no test runner", "", "Waiting for the database ..."),
)  # fmt: skip

SLOW = tuple((60.0, f"compiled {number} of 90") for number in range(1, 60))
REAL = ("=================== FAILURES ===================", "____________ test_sum ____________", "    def test_sum():", ">       assert total([1, 2]) == 4", "E       assert 3 == 4",
        "tests/test_sum.py:5: AssertionError", "FAILED tests/test_sum.py::test_sum - assert 3 == 4", "================ 1 failed in 0.12s ================")  # fmt: skip
WORKFLOW = "on: push\njobs:\n  test:\n    timeout-minutes: 30\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test\n"
FAILS = "##[error]Process completed with exit code 1."

REASONS = (
    Case("a person cancels before it begins", Wanted("person", who="mona"), None, notes=("The run was canceled by @mona.",), minutes=1),
    Case("a person cancels while it prints", Wanted("person", "slow", who="mona", root="mona cancelled"), github((1.0, "collecting"), (1.0, "built")), notes=("The run was canceled by @mona.",), minutes=1),
    Case("an app cancels", Wanted("person", who="renovate[bot]"), None, notes=("The run was canceled by @renovate[bot].",), minutes=1),
    Case("a newer run takes its place", Wanted("newer-run", check="newer run"), None, notes=("Canceling since a higher priority waiting request for 'ci-main' exists", "The operation was canceled."), minutes=1),
    Case("a newer run takes its place in the midst", Wanted("newer-run", "slow", who="ci-main", root="newer run"), github((1.0, "building")), minutes=1,
         notes=("Canceling since a higher priority waiting request for 'ci-main' exists", "The operation was canceled.")),
    Case("another of the matrix fails, GitHub says so", Wanted("fail-fast", who="_3_12"), None, job="test (3.11)", notes=('The job was canceled because "_3_12" failed.',), minutes=3,
         siblings=(("test (3.12)", "failure", 2.5),)),
    Case("another of the matrix fails, nobody says so", Wanted("fail-fast", who="test (3.12)"), github((1.0, "collecting")), job="test (3.11)", minutes=3, siblings=(("test (3.12)", "failure", 2.9),)),
    Case("the job's limit, GitHub says so", Wanted("job-timeout", "slow", root="time limit of 1 h"), github(*SLOW), notes=(LIMIT,)),
    Case("the job's limit, told by its length", Wanted("job-timeout", "slow", root="time limit of 30 min"), github(*SLOW[:29]), minutes=30.2, workflow=WORKFLOW),
    Case("GitHub's own limit of six hours", Wanted("job-timeout", "hung"), github((1.0, "started"), silent=6 * HOUR), minutes=360.1),
    Case("near the limit before", Wanted("job-timeout", "slow", advice="was near the limit before"), github(*SLOW), notes=(LIMIT,), took=(57 * 60, 55 * 60)),
    Case("far from the limit before", Wanted("job-timeout", "slow", advice="longer than before"), github(*SLOW), notes=(LIMIT,), took=(9 * 60, 8 * 60)),
    Case("as silent as when it is green", Wanted("job-timeout", "slow"), github(*[(60.0, "built")] * 6, (1.0, "linking"), silent=700), notes=(LIMIT,), green=github((1.0, "linking"), (600.0, "linked"), end="done")),
    Case("the step's limit", Wanted("step-timeout", "hung", root="hung"), github((1.0, "started"), end="##[error]The action 'Run tests' has timed out after 10 minutes.", silent=600), status="failure", minutes=11),
    Case("the runner is shut down", Wanted("shutdown", "slow", root="shut down"),
         github((1.0, "built"), (1.0, "##[error]The runner has received a shutdown signal. This can happen when the runner service is stopped, or a manually started runner is canceled."), end=CANCELED), status="failure", minutes=2),
    Case("the runner is lost", Wanted("lost-runner", check="runner"), None, status="failure", minutes=4,
         notes=("The hosted runner lost communication with the server. Anything in your workflow that terminates the runner process can cause this error.",)),
    Case("a saved log that still printed", Wanted("unknown", "slow"), github((1.0, "built"), (1.0, "linked")), status="unknown"),
    Case("a saved log that hung", Wanted("unknown", "hung", "tests/test_a.py::test_wait", root="tests/test_a.py::test_wait"), hanging("tests/test_a.py::test_one PASSED", flushed="tests/test_a.py::test_wait "), status="unknown"),
    Case("Jenkins, a person", Wanted("person", who="Mona Lisa"), "Started by user Mona Lisa\n[Pipeline] Start of Pipeline\n[Pipeline] sh\n+ make test\nbuilding\nAborted by Mona Lisa\n[Pipeline] End of Pipeline\nFinished: ABORTED\n", status="unknown"),
    Case("Jenkins, a limit", Wanted("job-timeout"), "Started by user Mona\n[Pipeline] Start of Pipeline\n[Pipeline] sh\n+ make test\nbuilding\nCancelling nested steps due to timeout\n[Pipeline] End of Pipeline\nFinished: ABORTED\n", status="unknown"),
    Case("GitLab, a limit", Wanted("job-timeout", "hung"),
         gitlab((0, "\x1b[0KRunning with gitlab-runner 19.4.0 (d79f3e7)\x1b[0;m"), (1, "$ make test"), (1, "waiting for the lock"), (3600, "\x1b[31;1mERROR: Job failed: execution took longer than 1h0m0s seconds\x1b[0;m")), status="unknown"),
    Case("GitLab, a person", Wanted("unknown"), 'Running with gitlab-runner 19.4.0 (d79f3e7)\n  on runner\nExecuting "step_script" stage of the job script\n$ make test\nbuilding\nERROR: Job failed: canceled\n', status="unknown"),
    Case("Travis, no output", Wanted("no-output", "hung"),
         "travis_fold:start:worker_info\nWorker information\ntravis_fold:end:worker_info\n$ make test\nwaiting for the lock\n\n\nNo output has been received in the last 10m0s, this potentially indicates a stalled build or something wrong with the build itself.\n"
         "Check the details on how to adjust your build configuration on: https://docs.travis-ci.com\n\nThe build has been terminated\n", status="unknown"),
    Case("Azure, a limit", Wanted("job-timeout"),
         "2026-11-20T10:00:00.1234567Z ##[section]Starting: Test\n2026-11-20T10:00:01.1234567Z make test\n2026-11-20T10:00:02.1234567Z building\n"
         "2026-11-20T11:00:02.1234567Z ##[error]The job running on agent Azure Pipelines 3 ran longer than the maximum time of 60 minutes. For more information, see https://go.microsoft.com/fwlink/?linkid=2077134\n"
         "2026-11-20T11:00:02.2234567Z ##[error]The Operation will be canceled. The next steps may not contain expected logs.\n2026-11-20T11:00:03.1234567Z ##[section]Finishing: Test\n", status="unknown"),
    Case("Taskcluster, a limit", Wanted("job-timeout", "hung"),
         "[taskcluster 2026-11-20 10:00:00.000Z] Task ID: abc\n[task 2026-11-20T10:00:01.000Z] make test\n[task 2026-11-20T10:00:02.000Z] waiting\n[task 2026-11-20T10:59:58.000Z] still waiting\n"
         "[taskcluster:error] Task timeout after 3600 seconds. Force killing container.\n[taskcluster 2026-11-20 11:00:00.000Z] === Task Finished ===\n[taskcluster 2026-11-20 11:00:01.000Z] Unsuccessful task run with exit code: -1 completed in 3601.2 seconds\n", status="unknown"),
    Case("go test's own limit", Wanted("test-timeout", test="TestPool"),
         github((1.0, "=== RUN   TestOne"), (0.0, "--- PASS: TestOne (0.00s)"), (0.0, "=== RUN   TestPool"), (600.0, "panic: test timed out after 10m0s"), (0.0, "running tests:"), (0.0, "\tTestPool (10m0s)"),
                (0.0, ""), (0.0, "goroutine 33 [running]:"), (0.0, "testing.(*M).startAlarm.func1()"), (0.0, "FAIL\texample.com/pool\t600.011s"), (0.0, "FAIL"), end=FAILS), status="failure", minutes=11),
    Case("go test's own limit, without -v", Wanted("test-timeout", "hung", "TestPool", root="TestPool", advice="goroutine"),
         github((1.0, "ok  \texample.com/a\t0.011s"), (600.0, "panic: test timed out after 10m0s"), (0.0, "\trunning tests:"), (0.0, "\t\tTestPool (10m0s)"), (0.0, ""), (0.0, "goroutine 33 [running]:"),
                (0.0, "testing.(*M).startAlarm.func1()"), (0.0, "FAIL\texample.com/pool\t600.011s"), (0.0, "FAIL"), end=FAILS), status="failure", minutes=11),
    Case("Travis, no output, as it was once said", Wanted("no-output", "hung"),
         "travis_fold:start:worker_info\nWorker information\ntravis_fold:end:worker_info\n$ make test\nwaiting\n\n\nNo output has been received in the last 10 minutes, this potentially indicates a stalled build or something wrong with the build itself.\n"
         "\nThe build has been terminated\n", status="unknown"),
    Case("timeout's own limit", Wanted("command-timeout"), github((1.0, "waiting for the server"), (300.0, "timeout: sending signal TERM to command \u2018curl\u2019"), end="##[error]Process completed with exit code 124."), status="failure", minutes=6),
    Case("a real failure in a job that was then cancelled", Wanted("unknown", "slow", root="assert 3 == 4"), github(*[(0.1, text) for text in REAL]), minutes=1),
)  # fmt: skip

LOOK_ALIKES = (
    Case("it fails by itself", None, github(*[(0.1, text) for text in REAL], end=FAILS), status="failure", minutes=1),
    Case("it passes after a long silence", None, github((1.0, "linking"), (1200.0, "linked"), end="done"), status="success", minutes=21),
    Case("a test prints the runner's words", None, github((0.1, "The runner has received a shutdown signal."), (0.1, "The operation was canceled."), *[(0.1, text) for text in REAL], end=FAILS), status="failure", minutes=1),
    Case("a test prints words of a limit", None, github((0.1, "Job failed: execution took longer than 1h0m0s seconds"), (0.1, "Too long with no output (exceeded 10m0s): context deadline exceeded"),
         *[(0.1, text) for text in REAL], end=FAILS), status="failure", minutes=1),
    Case("a passing log speaks of a cancelled request", None, github((0.1, "request 7: The operation was canceled."), (0.1, "3 passed in 0.1s"), end="done"), status="success", minutes=1),
    Case("a saved log that failed", None, "\n".join(REAL) + "\n", status="unknown"),
    Case("a warning of the runner's", None, github((0.1, "##[warning]The runner has received a shutdown signal."), *[(0.1, text) for text in REAL], end=FAILS), status="failure", minutes=1),
)  # fmt: skip

CASES = (*REASONS, *RUNNERS, *LOOK_ALIKES)
