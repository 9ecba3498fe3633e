"""Which change cured a failure: a table of what lay between, and what is said of it. What is not said matters most."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from diagnose.learn.choose import MOST_SURE, Choice, choose, worth_reading
from diagnose.learn.named import Failure
from diagnose.sources.span import Span, Step, Touched

RED, GREEN = "a" * 40, "b" * 40
TEST = Failure(
    "test", "pytest",
    ("a test fails: test_total_rounds", "E   AssertionError: assert Decimal('19.98') == Decimal('19.99')", "tests/test_orders.py:41: AssertionError"),
    ("tests/test_orders.py::test_total_rounds",), "test", workflow=".github/workflows/ci.yml",
)  # fmt: skip
PIP = Failure(
    "dependency",
    "pip",
    (
        "pip cannot install: botocore and urllib3 need different versions",
        "ERROR: Cannot install botocore==1.31 and urllib3==2.0 because these package versions have conflicting dependencies.",
    ),
)
IMPORT = Failure("dependency", "python", ("a module is missing: yaml", "ModuleNotFoundError: No module named 'yaml'"))
TSC = Failure(
    "type-check", "tsc", ("TypeScript: TS2304", "src/cart/total.ts(41,7): error TS2304: Cannot find name 'roundUp'.")
)
JAVA = Failure(
    "test",
    "maven",
    (
        "a test fails: OrderServiceTest.rounds",
        "[ERROR]   OrderServiceTest.rounds:41 expected: <19.99> but was: <19.98>",
        "at com.acme.orders.OrderServiceTest.rounds(OrderServiceTest.java:41)",
    ),
    ("com.acme.orders.OrderServiceTest.rounds",),
)
NETWORK = Failure(
    "network",
    "pip",
    ("PyPI did not answer", "ReadTimeoutError: HTTPSConnectionPool(host='pypi.org', port=443): Read timed out."),
)
WORKFLOW = Failure(
    "permission",
    "github",
    ("the token may not push packages", "denied: installation not allowed to Write organization package"),
    workflow=".github/workflows/ci.yml",
)
LINT = Failure("lint", "ruff", ("ruff: F401", "src/app/orders.py:3:8: F401 `os` imported but unused"))


def file(path: str, *lines: str, status: str = "modified", previous: str = "") -> Touched:
    return Touched(path, status, previous, "\n".join(["@@ -1,3 +1,3 @@", *lines]) if lines else "@@ -1 +1 @@\n-a\n+b")


def step(*files: Touched, message: str = "Sum before rounding", sha: str = GREEN, **more: Any) -> Step:
    return Step(sha, message, files=files, **more)


def ahead(*steps: Step, **more: Any) -> Span:
    every = {each.path: each for one in steps for each in one.files or ()}
    return replace(Span(RED, steps[-1].sha, "ahead", steps, tuple(every.values()), commits=len(steps)), **more)


ORDERS = file("src/app/orders.py", "-    return total", "+    return total.quantize(CENT)")
README = file("README.md", "-a", "+b")
PIN = file("requirements.txt", "-urllib3==2.0", "+urllib3==1.26.18")
OTHER = file("src/app/mail.py", "-a", "+b")
MANY = tuple(file(f"src/app/part{number}.py", "-a", "+b") for number in range(14))
SKIP = file(
    "tests/test_orders.py", "+@pytest.mark.skip(reason='flaky')", " def test_total_rounds():", "     order = Order()"
)
MERGE = step(*MANY, message="Merge branch 'main' into rounding", parents=2)
SAME = Span(RED, RED, "same")


@dataclass(frozen=True)
class Case:
    """failure and span in; the kind, the line's words, how sure, and the words that may not be said, out. kind "": nothing is learnt."""

    failure: Failure
    span: Span
    kind: str
    line: str = ""
    sure: float = 0.0
    never: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


def renamed(failure: Failure, **more: Any) -> Failure:
    return replace(failure, **more)


NOT_LEARNT = {
    "the failing run was canceled": Case(renamed(TEST, status="cancelled"), ahead(step(ORDERS)), ""),
    "canceled, and run again": Case(renamed(TEST, status="cancelled"), SAME, ""),
    "a timeout that was run again proves nothing": Case(renamed(TEST, status="timed_out"), SAME, ""),
    "the green run is of an older commit": Case(TEST, Span(RED, GREEN, "older"), ""),
}
NOT_FIXED = {
    "the test was skipped": Case(TEST, ahead(step(SKIP)), "silenced", "not mended: test_total_rounds is skipped in tests/test_orders.py", 0.3),
    "the test was marked as expected to fail": Case(TEST, ahead(step(file("tests/test_orders.py", "+@pytest.mark.xfail", " def test_total_rounds():"))), "silenced", "not mended: test_total_rounds is skipped", 0.3),
    "the test was deleted": Case(TEST, ahead(step(file("tests/test_orders.py", "-def test_total_rounds():", "-    assert Order().total() == 1"))), "silenced", "not mended: test_total_rounds is gone from tests/test_orders.py", 0.3),
    "its file was deleted": Case(TEST, ahead(step(replace(file("tests/test_orders.py", "-def test_total_rounds():"), status="removed"))), "silenced", "not mended: tests/test_orders.py was removed", 0.3),
    "skipped, beside a real change": Case(TEST, ahead(step(ORDERS, SKIP)), "silenced", "not mended", 0.3),
    "skipped by an earlier commit of three": Case(TEST, ahead(step(SKIP, sha="1" * 40), step(OTHER, sha="2" * 40), step(README)), "silenced", "not mended: test_total_rounds is skipped", 0.3),
    "deselected in the workflow": Case(TEST, ahead(step(file(".github/workflows/ci.yml", "-      - run: pytest", "+      - run: pytest --deselect tests/test_orders.py::test_total_rounds"))), "silenced", "not mended: tests are left out in .github/workflows/ci.yml", 0.3),
    "the workflow ignores it": Case(TEST, ahead(step(file(".github/workflows/ci.yml", "+        continue-on-error: true"))), "silenced", "not mended: the failure is ignored in .github/workflows/ci.yml", 0.3),
    "|| true": Case(TEST, ahead(step(file("Makefile", "-\tpytest", "+\tpytest || true"))), "silenced", "not mended: the failure is ignored in Makefile", 0.3),
    "run again until it passes": Case(TEST, ahead(step(file("tox.ini", "-commands = pytest", "+commands = pytest --reruns 3"))), "silenced", "not mended: failed tests are run again", 0.3),
    "the linter is told to look away": Case(LINT, ahead(step(file("src/app/orders.py", "-import os", "+import os  # noqa: F401"))), "silenced", "not mended: the check is told to look away in src/app/orders.py", 0.3),
    "a Java test is disabled": Case(JAVA, ahead(step(file("src/test/java/com/acme/orders/OrderServiceTest.java", "+    @Disabled", "     @Test", "     void rounds() {"))), "silenced", "not mended: rounds is skipped", 0.3),
    "the branch was rewritten to skip it": Case(TEST, Span(RED, GREEN, "rewritten", (step(),), (SKIP,), commits=1), "silenced", "not mended", 0.3),
}  # fmt: skip
NO_CAUSE = {
    "fourteen files, none of them named": Case(
        TEST,
        ahead(step(*MANY)),
        "range",
        "aaaaaaa..bbbbbbb (1 commit, 14 files); which change did it is not known",
        0.2,
        ("part1", "changed"),
    ),
    "main was merged": Case(TEST, ahead(MERGE), "range", "(the base was merged)", 0.2, ("part1",)),
    "main was merged from a remote": Case(
        TEST,
        ahead(step(*MANY, message="Merge remote-tracking branch 'origin/main' into x", parents=2)),
        "range",
        "(the base was merged)",
        0.2,
    ),
    "two commits, neither touches it": Case(
        TEST,
        ahead(step(OTHER, sha="1" * 40), step(file("src/app/tax.py"))),
        "range",
        "2 commits, 2 files",
        0.2,
        ("mail", "tax"),
    ),
    "thirty commits that nobody read": Case(
        TEST, ahead(Step("1" * 40, "x"), Step(GREEN, "y"), commits=30), "range", "30 commits", 0.2
    ),
    "a list of files that was cut": Case(
        TEST, ahead(step(OTHER, complete=False), complete=False), "range", "1 or more file", 0.2, ("mail",)
    ),
    "the branch was rewritten beyond recognition": Case(
        TEST,
        Span(RED, GREEN, "rewritten", (), None, complete=False, commits=9),
        "range",
        "the branch was rewritten",
        0.2,
    ),
    "nothing but a changelog, and main": Case(
        TEST, ahead(MERGE, step(README, sha="1" * 40)), "range", "which change did it is not known", 0.2
    ),
}
FLAKY = {
    "run again, passed": Case(
        TEST, SAME, "flaky", "passed when it was run again without a change: flaky", 0.3, ("fixed",)
    ),
    "passed between two failures": Case(
        TEST, SAME, "flaky", "without a change: flaky", 0.5, options={"passed_between": True}
    ),
    "the network was away": Case(NETWORK, SAME, "flaky", "the surroundings, not the code", 0.3, ("flaky",)),
    "only a README was changed": Case(
        TEST, ahead(step(README)), "flaky", "nothing but documentation was changed: flaky", 0.3, ("README",)
    ),
    "three lone changelogs": Case(
        TEST,
        ahead(step(file("CHANGES.rst")), step(file("changelog.d/4.bugfix.txt")), step(file("docs/news.md"))),
        "flaky",
        "nothing but documentation",
        0.3,
    ),
    "no commit, other versions": Case(
        PIP,
        SAME,
        "moved",
        "a dependency moved by itself: urllib3 2.0 -> 1.26.18",
        0.5,
        options={"versions": ("urllib3 2.0 -> 1.26.18",)},
    ),
}
CURED = {
    "the pin that pip named": Case(PIP, ahead(step(PIN)), "commit", "changed requirements.txt: urllib3 2.0 -> 1.26.18", 0.6),
    "the pin, with its lock file": Case(PIP, ahead(step(PIN, file("uv.lock", ' name = "urllib3"', '-version = "2.0"', '+version = "1.26.18"'))), "commit", "changed requirements.txt: urllib3 2.0 -> 1.26.18", 0.6, ("uv.lock",)),
    "the lock file alone": Case(PIP, ahead(step(file("uv.lock", ' name = "urllib3"', '-version = "2.0"', '+version = "1.26.18"'))), "commit", "changed uv.lock: urllib3 2.0 -> 1.26.18", 0.6),
    "the named one of many pins": Case(PIP, ahead(step(file("requirements.txt", "-a==1", "+a==2", "-b==1", "+b==2", "-c==1", "+c==2", "-urllib3==2.0", "+urllib3==1.26"))), "commit", "changed requirements.txt: urllib3 2.0 -> 1.26; a 1 -> 2; b 1 -> 2 and 1 more pin", 0.6),
    "a package under another name": Case(IMPORT, ahead(step(file("pyproject.toml", '-dependencies = ["httpx"]', '+    "PyYAML>=6",'))), "commit", "changed pyproject.toml: pyyaml >=6 (new)", 0.6),
    "a dependency that nothing names": Case(PIP, ahead(step(file("requirements.txt", "-six==1.16", "+six==1.17"))), "commit", "changed requirements.txt: six 1.16 -> 1.17", 0.45),
    "the source of the failed test": Case(TEST, ahead(step(ORDERS)), "commit", 'changed src/app/orders.py ("Sum before rounding")', 0.5),
    "the failed test itself": Case(TEST, ahead(step(file("tests/test_orders.py", "-    assert order.total() == 1", "+    assert order.total() == 2"))), "commit", "changed tests/test_orders.py", 0.6),
    "the one of three that touches it": Case(TEST, ahead(step(OTHER, sha="1" * 40), step(ORDERS, sha="2" * 40), step(README)), "commit", "changed src/app/orders.py", 0.4, ("mail", "README")),
    "the named file among two commits": Case(TSC, ahead(step(OTHER, sha="1" * 40), step(file("src/cart/total.ts"))), "commit", "changed src/cart/total.ts", 0.5),
    "two that touch it: the later, less sure": Case(TSC, ahead(step(file("src/cart/total.ts"), sha="1" * 40), step(file("src/cart/total.ts"))), "commit", "changed src/cart/total.ts", 0.4),
    "the named file among twenty": Case(TSC, ahead(step(*MANY, file("src/cart/total.ts"))), "commit", "changed src/cart/total.ts", 0.45, ("part1",)),
    "the only commit, small, elsewhere": Case(TEST, ahead(step(OTHER, message="Close the mail connection")), "commit", 'changed src/app/mail.py ("Close the mail connection")', 0.35),
    "the source of a Java test": Case(JAVA, ahead(step(file("src/main/java/com/acme/orders/OrderService.java"))), "commit", "changed src/main/java/com/acme/orders/OrderService.java", 0.5),
    "the workflow's permissions": Case(WORKFLOW, ahead(step(file(".github/workflows/ci.yml", "+      packages: write"))), "commit", "changed .github/workflows/ci.yml", 0.6),
    "an action pinned to another commit": Case(WORKFLOW, ahead(step(file(".github/workflows/ci.yml", f"-      - uses: actions/cache@{'c' * 40} # v4.1.0", f"+      - uses: actions/cache@{'d' * 40} # v4.2.0"))), "commit", "actions/cache v4.1.0 -> v4.2.0", 0.6),
    "a change that was taken back": Case(TEST, ahead(step(OTHER, message='Revert "Sum before rounding"\n\nThis reverts commit 3fc09d1.')), "commit", 'took back "Sum before rounding"', 0.6),
    "taken back, among others": Case(TEST, ahead(step(file("src/app/tax.py"), sha="1" * 40), step(OTHER, message='Revert "Sum before rounding"')), "commit", 'took back "Sum before rounding"', 0.5),
    "a pull request merged into main": Case(TEST, ahead(step(ORDERS, message="Merge pull request #412 from mona/rounding\n\nRound half up", parents=2, pull=412)), "commit", '("Round half up")', 0.5),
    "a squashed pull request": Case(TEST, ahead(step(ORDERS, message="Round half up (#412)", pull=412)), "commit", '("Round half up")', 0.5),
    "an empty message is not quoted": Case(TEST, ahead(step(ORDERS, message="fix")), "commit", "changed src/app/orders.py", 0.5, ('"',)),
    "an amended commit": Case(TEST, Span(RED, GREEN, "rewritten", (step(),), (ORDERS,), commits=1), "commit", "changed src/app/orders.py", 0.5),
    "after main was merged, the real change": Case(TEST, ahead(replace(MERGE, sha="1" * 40), step(ORDERS)), "commit", "changed src/app/orders.py", 0.4, ("part1",)),
    "a timeout that a change cured": Case(renamed(TEST, status="timed_out"), ahead(step(ORDERS)), "commit", "changed src/app/orders.py", 0.5),
    "a test that was moved, not deleted": Case(TEST, ahead(step(file("tests/test_orders.py", "-def test_total_rounds():"), file("tests/test_totals.py", "+def test_total_rounds():", status="added"))), "commit", "changed tests/test_orders.py", 0.6, ("gone",)),
    "a skip that was there before": Case(TEST, ahead(step(file("tests/test_orders.py", "-@pytest.mark.skip('x')", "+@pytest.mark.skip('y')", " def test_total_rounds():"))), "commit", "changed tests/test_orders.py", 0.6, ("skipped",)),
    "another test is skipped": Case(TEST, ahead(step(file("tests/test_mail.py", "+@pytest.mark.skip('x')", " def test_mail():"), ORDERS)), "commit", "changed src/app/orders.py", 0.5, ("skipped",)),
}  # fmt: skip
CASES = NOT_LEARNT | NOT_FIXED | NO_CAUSE | FLAKY | CURED


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_of_what_lay_between(name: str) -> None:
    case = CASES[name]
    found = choose(case.failure, case.span, **case.options)
    if not case.kind:
        assert found is None
        return
    assert found is not None
    assert (found.kind, found.sure) == (case.kind, case.sure), found
    assert case.line in found.line
    assert not [words for words in case.never if words in found.line], found.line
    assert "\n" not in found.line
    assert "fixed by" not in found.line


@pytest.mark.parametrize("name", CASES)
def test_a_commit_is_named_only_where_it_is_said_to_have_cured_it(name: str) -> None:
    case = CASES[name]
    found: Choice | None = choose(case.failure, case.span, **case.options)
    if found is not None:
        assert bool(found.fixed_by) == (found.kind == "commit")
        assert found.sure <= MOST_SURE
        assert found.how == ("re-run" if found.kind in ("flaky", "moved") else "green-run")
        assert found.reason


@pytest.mark.parametrize(
    ("failure", "span", "worth"),
    [
        (TEST, SAME, False),
        (TEST, ahead(step(ORDERS)), False),
        (TEST, ahead(step(OTHER, sha="1" * 40), step(file("src/app/tax.py"))), False),
        (TEST, ahead(step(OTHER, sha="1" * 40), step(ORDERS)), True),
        (TEST, ahead(step(OTHER, sha="1" * 40), step(OTHER, message='Revert "x"')), True),
        (TEST, ahead(step(OTHER, sha="1" * 40), step(OTHER), files=None), True),
        (TEST, Span(RED, GREEN, "rewritten", (step(), step()), (ORDERS,)), False),
    ],
)
def test_commits_are_asked_for_one_by_one_only_where_that_can_tell_more(
    failure: Failure,
    span: Span,
    worth: bool,  # noqa: FBT001 - a table
) -> None:
    assert worth_reading(failure, span) is worth
