"""What each runner writes as JUnit XML, and what it comes to."""
# ruff: noqa: RUF001 - Playwright and Vitest write these signs

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from diagnose.model.incident import JunitReport, LogFile
from diagnose.sources.junit.report import read_report

if TYPE_CHECKING:
    from pathlib import Path


class Row(NamedTuple):
    """A sample and what is read of it. counts: run, passed, failed, errors, skipped. tests: name, file, line, message's first line, line of the XML."""

    text: str
    tool: str
    counts: tuple[int, int, int, int, int]
    tests: list[tuple[str, str, int | None, str, int]]


ROWS = {
    "nothing failed": Row('<testsuite name="a" tests="1"><testcase name="b" classname="c"/></testsuite>', "junit", (1, 1, 0, 0, 0), []),
    "no test at all": Row('<?xml version="1.0"?><testsuites/>', "junit", (0, 0, 0, 0, 0), []),
    "pytest": Row(
        """<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="0.1">
<testcase classname="tests.test_cart.TestCart" name="test_total[2]" time="0.001"><failure message="AssertionError: assert 19.98 == 19.99&#10; +  where 19.98 = total()">def test_total(n):
&gt;       assert total() == 19.99
E       AssertionError: assert 19.98 == 19.99

tests/test_cart.py:12: AssertionError</failure></testcase>
<testcase classname="tests.test_cart" name="test_skip"><skipped type="pytest.skip" message="later">x</skipped></testcase>
<testcase classname="tests.test_db" name="test_row"><error message="failed on setup with &quot;KeyError: 'url'&quot;">E       KeyError: 'url'

tests/conftest.py:7: KeyError</error></testcase>
<testcase classname="tests.test_cart" name="test_ok"/>
</testsuite></testsuites>""",
        "pytest",
        (4, 1, 1, 1, 1),
        [
            ("tests/test_cart.py::TestCart::test_total[2]", "tests/test_cart.py", 12, "AssertionError: assert 19.98 == 19.99", 3),
            ("tests/test_db.py::test_row", "tests/conftest.py", 7, "failed on setup with \"KeyError: 'url'\"", 9),
        ],
    ),
    "pytest, xunit1": Row(
        """<testsuite name="pytest" tests="1">
<testcase classname="tests.test_cart.TestCart" file="tests/test_cart.py" line="9" name="test_total"><failure message="assert 1 == 2">E  assert 1 == 2</failure></testcase></testsuite>""",
        "pytest",
        (1, 0, 1, 0, 0),
        [("tests/test_cart.py::TestCart::test_total", "tests/test_cart.py", 10, "assert 1 == 2", 2)],
    ),
    "surefire": Row(
        """<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="https://maven.apache.org/surefire/maven-surefire-plugin/xsd/surefire-test-report.xsd" version="3.0" name="com.acme.CartTest" time="0.05" tests="3" errors="0" skipped="0" failures="1" flakes="1">
  <properties><property name="java.version" value="21"/></properties>
  <testcase name="total" classname="com.acme.CartTest" time="0.01">
    <failure message="expected: &lt;19.99&gt; but was: &lt;19.98&gt;" type="org.opentest4j.AssertionFailedError"><![CDATA[org.opentest4j.AssertionFailedError: expected: <19.99> but was: <19.98>
	at org.junit.jupiter.api.AssertionUtils.fail(AssertionUtils.java:55)
	at com.acme.CartTest.total(CartTest.java:34)
]]></failure>
    <rerunFailure message="expected: &lt;19.99&gt; but was: &lt;19.98&gt;" type="x"><stackTrace><![CDATA[at com.acme.CartTest.total(CartTest.java:34)]]></stackTrace></rerunFailure>
  </testcase>
  <testcase name="sometimes" classname="com.acme.CartTest" time="0.01"><flakyFailure message="late" type="x"><stackTrace>y</stackTrace></flakyFailure></testcase>
  <testcase name="fine" classname="com.acme.CartTest" time="0.01"/>
</testsuite>""",
        "maven-surefire",
        (3, 2, 1, 0, 0),
        [("com.acme.CartTest.total", "CartTest.java", 34, "expected: <19.99> but was: <19.98>", 5)],
    ),
    "gradle": Row(
        """<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="com.acme.CartTest" tests="2" skipped="1" failures="1" errors="0" timestamp="2026-11-20T09:00:00" hostname="ci" time="0.02">
  <properties/>
  <testcase name="total()" classname="com.acme.CartTest" time="0.01">
    <failure message="org.opentest4j.AssertionFailedError: expected: &lt;2&gt; but was: &lt;1&gt;" type="org.opentest4j.AssertionFailedError">org.opentest4j.AssertionFailedError: expected: &lt;2&gt; but was: &lt;1&gt;
	at app//com.acme.CartTest.total(CartTest.kt:8)
</failure></testcase>
  <testcase name="later()" classname="com.acme.CartTest" time="0.0"><skipped/></testcase>
  <system-out><![CDATA[]]></system-out>
</testsuite>""",
        "gradle",
        (2, 0, 1, 0, 1),
        [("com.acme.CartTest.total()", "CartTest.kt", 8, "org.opentest4j.AssertionFailedError: expected: <2> but was: <1>", 5)],
    ),
    "jest-junit": Row(
        """<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="jest tests" tests="1" failures="1" errors="0" time="0.6">
  <testsuite name="Cart" errors="0" failures="1" skipped="0" timestamp="2026-11-20T09:00:00" time="0.3" tests="1">
    <testcase classname="Cart adds items" name="Cart adds items" time="0.004">
      <failure>Error: expect(received).toBe(expected) // Object.is equality

Expected: 2
Received: 1
    at Object.toBe (/home/runner/work/app/app/node_modules/x/index.js:1:1)
    at Object.&lt;anonymous&gt; (src/cart.test.js:5:21)</failure>
    </testcase>
  </testsuite>
</testsuites>""",
        "jest",
        (1, 0, 1, 0, 0),
        [("Cart adds items", "src/cart.test.js", 5, "Error: expect(received).toBe(expected) // Object.is equality", 5)],
    ),
    "vitest": Row(
        """<testsuites name="vitest tests" tests="1" failures="1" errors="0" time="0.1">
<testsuite name="src/cart.test.ts" tests="1" failures="1" errors="0" skipped="0"><testcase classname="src/cart.test.ts" name="Cart &gt; adds items" time="0.01">
<failure message="expected 1 to be 2 // Object.is equality" type="AssertionError">
AssertionError: expected 1 to be 2 // Object.is equality
 ❯ src/cart.test.ts:5:21
</failure></testcase></testsuite></testsuites>""",
        "vitest",
        (1, 0, 1, 0, 0),
        [("Cart > adds items", "src/cart.test.ts", 5, "expected 1 to be 2 // Object.is equality", 3)],
    ),
    "mocha-junit-reporter": Row(
        """<testsuites name="Mocha Tests" time="0.01" tests="1" failures="1">
<testsuite name="Cart" file="/app/test/cart.js" tests="1" failures="1"><testcase name="Cart adds items" time="0.0" classname="adds items">
<failure message="expected 1 to equal 2" type="AssertionError"><![CDATA[AssertionError: expected 1 to equal 2
    at Context.<anonymous> (test/cart.js:6:14)]]></failure></testcase></testsuite></testsuites>""",
        "mocha",
        (1, 0, 1, 0, 0),
        [("Cart adds items", "/app/test/cart.js", 6, "expected 1 to equal 2", 3)],
    ),
    "cypress": Row(
        """<testsuites name="Mocha Tests" tests="1" failures="1">
<testsuite name="Root Suite" file="cypress/e2e/cart.cy.js" tests="0"/><testsuite name="Cart" tests="1" failures="1"><testcase name="Cart adds items" classname="adds items">
<failure message="Timed out retrying after 4000ms: Expected to find element: `.total`, but never found it." type="AssertionError">x</failure></testcase></testsuite></testsuites>""",
        "cypress",
        (1, 0, 1, 0, 0),
        [("Cart adds items", "", None, "Timed out retrying after 4000ms: Expected to find element: `.total`, but never found it.", 3)],
    ),
    "gotestsum": Row(
        """<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1" errors="0"><testsuite tests="2" failures="1" name="example.com/acme/orders"><properties><property name="go.version" value="go1.23 linux/amd64"></property></properties>
<testcase classname="example.com/acme/orders" name="TestTotal/rounded" time="0.0">
<failure message="Failed" type="">=== RUN   TestTotal/rounded
    orders_test.go:12: got 19.98, want 19.99
--- FAIL: TestTotal/rounded (0.00s)
</failure></testcase><testcase classname="example.com/acme/orders" name="TestOther"/></testsuite></testsuites>""",
        "go-test",
        (2, 1, 1, 0, 0),
        [("TestTotal/rounded", "orders_test.go", 12, "orders_test.go:12: got 19.98, want 19.99", 4)],
    ),
    "nextest": Row(
        """<testsuites name="nextest-run" tests="2" failures="1" errors="0" uuid="x"><testsuite name="acme::bin/acme" tests="2" disabled="0" errors="0" failures="1">
<testcase name="tests::total" classname="acme" timestamp="2026-11-20T09:00:00Z" time="0.004">
<failure message="thread &apos;tests::total&apos; panicked at src/lib.rs:12:9" type="test failure with exit code 101">thread &apos;tests::total&apos; panicked at src/lib.rs:12:9:
assertion `left == right` failed</failure></testcase>
<testcase name="tests::late" classname="acme"><flakyFailure message="late" type="x"/></testcase></testsuite></testsuites>""",
        "nextest",
        (2, 1, 1, 0, 0),
        [("tests::total", "src/lib.rs", 12, "thread 'tests::total' panicked at src/lib.rs:12:9", 3)],
    ),
    "phpunit": Row(
        """<?xml version="1.0" encoding="UTF-8"?>
<testsuites><testsuite name="/app/phpunit.xml" tests="1" assertions="1" errors="0" failures="1" skipped="0" time="0.01"><testsuite name="Unit" tests="1" failures="1"><testsuite name="Acme\\CartTest" file="/app/tests/CartTest.php" tests="1" failures="1">
<testcase name="testTotal" file="/app/tests/CartTest.php" line="10" class="Acme\\CartTest" classname="Acme.CartTest" assertions="1" time="0.01">
<failure type="PHPUnit\\Framework\\ExpectationFailedException">Acme\\CartTest::testTotal
Failed asserting that 1 matches expected 2.

/app/tests/CartTest.php:13</failure></testcase></testsuite></testsuite></testsuite></testsuites>""",
        "phpunit",
        (1, 0, 1, 0, 0),
        [("Acme\\CartTest::testTotal", "/app/tests/CartTest.php", 13, "Failed asserting that 1 matches expected 2.", 4)],
    ),
    "rspec_junit_formatter": Row(
        """<testsuite name="rspec" tests="1" skipped="0" failures="1" errors="0" time="0.1" timestamp="2026-11-20T09:00:00+00:00" hostname="ci">
<properties><property name="seed" value="1"/></properties>
<testcase classname="spec.cart_spec" name="Cart adds items" file="./spec/cart_spec.rb" time="0.01"><failure message="expected: 2&#10;     got: 1" type="RSpec::Expectations::ExpectationNotMetError">Failure/Error: expect(1).to eq(2)
./spec/cart_spec.rb:6:in `block (2 levels) in &lt;top (required)&gt;&apos;</failure></testcase></testsuite>""",
        "rspec",
        (1, 0, 1, 0, 0),
        [("Cart adds items", "./spec/cart_spec.rb", 6, "expected: 2", 3)],
    ),
    "dotnet's JunitXml.TestLogger": Row(
        """<testsuites><testsuite name="Acme.Tests.dll" tests="1" skipped="0" failures="1" errors="0" time="0.1" hostname="ci">
<testcase classname="Acme.Tests.CartTests" name="Total(n: 2)" time="0.01"><failure type="failure" message="Assert.Equal() Failure: Values differ">   at Acme.Tests.CartTests.Total(Int32 n) in /src/Acme.Tests/CartTests.cs:line 14</failure></testcase></testsuite></testsuites>""",
        "dotnet-test",
        (1, 0, 1, 0, 0),
        [("Acme.Tests.CartTests.Total(n: 2)", "/src/Acme.Tests/CartTests.cs", 14, "Assert.Equal() Failure: Values differ", 2)],
    ),
    "ctest": Row(
        """<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="Linux-c++" tests="3" failures="1" disabled="0" skipped="1" hostname="" time="0">
	<testcase name="cart.total" classname="cart.total" time="0.01" status="fail"><failure message="Failed"/><properties/><system-out>cart.cc:9: total() is 1
</system-out></testcase>
	<testcase name="cart.ok" classname="cart.ok" time="0.01" status="run"><properties/><system-out></system-out></testcase>
	<testcase name="cart.gone" classname="cart.gone" time="0" status="notrun"><skipped message="Not Run"/></testcase>
</testsuite>""",
        "ctest",
        (3, 1, 1, 0, 1),
        [("cart.total", "", None, "Failed", 3)],
    ),
    "bazel": Row(
        """<testsuites><testsuite name="cart/total_test" tests="1" failures="0" errors="1">
<testcase name="cart/total_test" status="run" duration="1" time="1"><error message="exited with error code 1"></error></testcase>
<system-out>Generated test.log (if the file is not UTF-8, then this may be unreadable):
<![CDATA[exec ${PAGER:-/usr/bin/less} "$0" || exit 1]]></system-out></testsuite></testsuites>""",
        "bazel",
        (1, 0, 0, 1, 0),
        [("cart/total_test", "", None, "exited with error code 1", 2)],
    ),
    "playwright": Row(
        """<testsuites id="" name="" tests="1" failures="1" skipped="0" errors="0" time="3.1">
<testsuite name="cart.spec.ts" timestamp="2026-11-20T09:00:00.000Z" hostname="chromium" tests="1" failures="1" skipped="0" time="1.1" errors="0">
<testcase name="Cart › adds items" classname="cart.spec.ts" time="1.1"><failure message="cart.spec.ts:5:3 adds items" type="FAILURE"><![CDATA[  [chromium] › cart.spec.ts:5:3 › Cart › adds items

    Error: expect(locator).toHaveText(expected)

        at /app/tests/cart.spec.ts:7:30
]]></failure></testcase></testsuite></testsuites>""",
        "playwright",
        (1, 0, 1, 0, 0),
        [("Cart › adds items", "/app/tests/cart.spec.ts", 7, "Error: expect(locator).toHaveText(expected)", 3)],
    ),
    "catch2": Row(
        """<testsuites><testsuite name="tests" errors="0" failures="1" skipped="0" tests="1" hostname="tbd" time="0.01" timestamp="2026-11-20T09:00:00Z">
<properties><property name="random-seed" value="1"/></properties>
<testcase classname="tests.global" name="totals are rounded" time="0.001" status="run"><failure message="total() == 2" type="REQUIRE">
FAILED:
  REQUIRE( total() == 2 )
with expansion:
  1 == 2
at /app/tests/cart.cpp:9
</failure></testcase></testsuite></testsuites>""",
        "catch2",
        (1, 0, 1, 0, 0),
        [("totals are rounded", "/app/tests/cart.cpp", 9, "total() == 2", 3)],
    ),
    "googletest": Row(
        """<testsuites tests="3" failures="1" disabled="1" errors="0" time="0" timestamp="2026-11-20T09:00:00" name="AllTests">
<testsuite name="Cart" tests="3" failures="1" disabled="1" skipped="1" errors="0" time="0">
<testcase name="Total" file="/app/cart_test.cc" line="5" status="run" result="completed" time="0" classname="Cart">
<failure message="/app/cart_test.cc:7&#x0A;Expected equality of these values:&#x0A;  total()" type=""><![CDATA[/app/cart_test.cc:7
Expected equality of these values:
  total()]]></failure>
<failure message="/app/cart_test.cc:8&#x0A;again" type=""><![CDATA[again]]></failure></testcase>
<testcase name="Off" status="notrun" result="suppressed" time="0" classname="Cart"/>
<testcase name="Skipped" status="run" result="skipped" time="0" classname="Cart"><skipped message="x"/></testcase></testsuite></testsuites>""",
        "googletest",
        (3, 0, 1, 0, 2),
        [("Cart.Total", "/app/cart_test.cc", 7, "Expected equality of these values:", 4)],
    ),
    "swift": Row(
        """<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
<testsuite name="TestResults" errors="0" tests="1" failures="1" skipped="0" time="0.1">
<testcase classname="AppTests.CartTests" name="testTotal" time="0.1">
<failure message="failed"></failure>
</testcase>
</testsuite>
</testsuites>""",
        "swift",
        (1, 0, 1, 0, 0),
        [("AppTests.CartTests.testTotal", "", None, "failed", 5)],
    ),
    "a suite that itself went wrong": Row(
        """<testsuites><testsuite name="spec/cart" tests="0" errors="1"><error message="cannot load spec/cart"/></testsuite></testsuites>""",
        "junit",
        (1, 0, 0, 1, 0),
        [("spec/cart", "", None, "cannot load spec/cart", 1)],
    ),
    "failed by its status alone": Row('<testsuite><testcase name="a" status="FAILED"/></testsuite>', "junit", (1, 0, 1, 0, 0), [("a", "", None, "", 1)]),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_what_a_runner_writes(tmp_path: Path, name: str) -> None:
    row = ROWS[name]
    path = tmp_path / "r.xml"
    path.write_text(row.text, encoding="utf-8")
    report = read_report(LogFile("r.xml", path))
    assert isinstance(report, JunitReport)
    assert report.tool == row.tool
    assert (report.run, report.passed, report.failed, report.errors, report.skipped) == row.counts
    assert [
        (test.name, test.file, test.line, test.message.split("\n")[0], test.at) for test in report.tests
    ] == row.tests
    assert report.problem is None
    lines = row.text.split("\n")
    for test in report.tests:
        assert "<failure" in lines[test.at - 1] or "<error" in lines[test.at - 1] or "status=" in lines[test.at - 1]
        assert test.at <= test.end <= len(lines)


@pytest.mark.parametrize(("name", "flaky"), [("surefire", 1), ("nextest", 1), ("pytest", 0)])
def test_a_test_that_passed_when_it_ran_again_is_flaky_and_no_failure(tmp_path: Path, name: str, flaky: int) -> None:
    path = tmp_path / "r.xml"
    path.write_text(ROWS[name].text, encoding="utf-8")
    report = read_report(LogFile("r.xml", path))
    assert isinstance(report, JunitReport)
    assert report.flaky == flaky
