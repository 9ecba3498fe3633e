"""What a failure names, and what it does not; what logs say was resolved; a walk's cursor."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from diagnose.learn.named import Failure, names_package, names_path, names_subject, names_workflow, own_name
from diagnose.learn.versions import moved_between, resolved
from diagnose.learn.walk import Cursor, read_cursor


def said(*lines: str, tests: tuple[str, ...] = (), workflow: str = "") -> Failure:
    return Failure("test", "pytest", lines, tests, workflow=workflow)


PATHS = [
    ("E   assert 1 == 2", "src/app/orders.py", False),
    ("tests/test_orders.py:41: AssertionError", "tests/test_orders.py", True),
    ("tests/test_orders.py:41: AssertionError", "src/app/orders.py", False),
    ("tests/test_orders.py:41: AssertionError", "other/tests/test_orders.py", True),
    ("tests/test_orders.py:41: AssertionError", "unit/test_orders.py", False),
    ("/home/runner/work/app/app/src/app/orders.py:3: error", "src/app/orders.py", True),
    (r"D:\a\app\app\src\app\orders.py:3: error", "src/app/orders.py", True),
    ("orders.py:3: error", "src/app/orders.py", True),
    ("orders.pyc was stale", "src/app/orders.py", False),
    ("reorders.py:3: error", "src/app/orders.py", False),
    ("src/cart/total.tsx(41,7): error TS2304", "src/cart/total.ts", False),
    ("__init__.py:3: error", "src/app/__init__.py", False),
    ("app/__init__.py:3: error", "src/app/__init__.py", True),
    ("make: *** [Makefile:2: a.o] Error 1", "Makefile", True),
    ("make: *** [Makefile:2: a.o] Error 1", "sub/Makefile", False),
    ("ImportError: cannot import name 'x' from 'app.orders' (unknown location)", "src/app/orders.py", True),
    ("ImportError: cannot import name 'x' from 'other.orders'", "src/app/orders.py", False),
    ("at com.acme.orders.OrderService.total(Unknown Source)", "src/main/java/com/acme/orders/OrderService.java", True),
    ("error[E0425]: cannot find value `x` in crate::cart::total", "src/cart/total.rs", True),
    ("go", "go", False),
]
PACKAGES = [
    ("ERROR: Cannot install botocore==1.31 and urllib3==2.0", "urllib3", True),
    ("ERROR: Cannot install botocore==1.31 and urllib3==2.0", "urllib", False),
    ("ModuleNotFoundError: No module named 'yaml'", "pyyaml", True),
    ("ModuleNotFoundError: No module named 'yaml'", "ruamel-yaml", False),
    ("ImportError: typing_extensions is too old", "typing-extensions", True),
    ("the rich list of requests was empty", "requests", False),
    ("requests==2.31 is not compatible", "requests", True),
    ("No module named 'requests'", "requests", True),
    ("npm error Found: svelte@4.2.19", "svelte", True),
    ("npm error peer svelte@^5 from @sveltejs/vite-plugin-svelte@5.0.3", "@sveltejs/vite-plugin-svelte", True),
    ("npm error peer svelte@^5 from @sveltejs/vite-plugin-svelte@5.0.3", "vite-plugin-svelte", False),
    ("Could not resolve com.google.guava:guava:33.0", "com.google.guava:guava", True),
    ("class file for com.acme.guavax not found", "com.google.guava:guava", False),
    ("This version of Python 3.8 is not supported", "python-version", True),
    ("the python test failed", "python-version", False),
    ("Unable to resolve action `actions/checkout@v9`", "actions/checkout", True),
    ("golang.org/x/net@v0.20.0: missing go.sum entry", "golang.org/x/net", True),
]  # fmt: skip


@pytest.mark.parametrize(("line", "path", "named"), PATHS)
def test_whether_a_file_is_named(line: str, path: str, named: bool) -> None:  # noqa: FBT001 - a table
    assert names_path(said(line), path) is named


@pytest.mark.parametrize(("line", "package", "named"), PACKAGES)
def test_whether_a_package_is_named(line: str, package: str, named: bool) -> None:  # noqa: FBT001 - a table
    assert names_package(said(line), package) is named


@pytest.mark.parametrize(
    ("test", "path", "about"),
    [
        ("tests/test_orders.py::test_total", "src/app/orders.py", True),
        ("tests/test_orders.py::test_total", "src/app/mail.py", False),
        ("tests/test_orders.py::test_total", "tests/orders.py", False),
        ("com.acme.OrderServiceTest.rounds", "src/main/java/com/acme/OrderService.java", True),
        ("src/cart/total.test.ts > rounds", "src/cart/total.ts", True),
        ("TestApp", "src/app.py", False),
    ],
)
def test_whether_a_source_is_what_a_test_is_about(test: str, path: str, about: bool) -> None:  # noqa: FBT001 - a table
    assert names_subject(said(tests=(test,)), path) is about


@pytest.mark.parametrize(
    ("path", "workflow", "line", "named"),
    [
        (".github/workflows/ci.yml", ".github/workflows/ci.yml", "x", True),
        (".github/workflows/docs.yml", ".github/workflows/ci.yml", "x", False),
        (".github/actions/setup/action.yml", ".github/workflows/ci.yml", "Run ./.github/actions/setup", True),
        ("src/ci.py", "src/ci.py", "x", False),
    ],
)
def test_whether_a_workflow_could_have_touched_it(path: str, workflow: str, line: str, named: bool) -> None:  # noqa: FBT001 - a table
    assert names_workflow(said(line, workflow=workflow), path) is named


@pytest.mark.parametrize(
    ("test", "name"),
    [
        ("tests/test_orders.py::TestA::test_total[de-1.5]", "test_total"), ("com.acme.OrderServiceTest.rounds", "rounds"), ("TestTotal/rounds_up", "TestTotal"),
        ("cart > adds up > rounds half up", "rounds half up"), ("cart › rounds half up", "rounds half up"), ("OrderTest#test_total", "test_total"), ("rounds()", "rounds"),  # noqa: RUF001 - as Jest prints it
    ],
)  # fmt: skip
def test_a_test_s_own_name(test: str, name: str) -> None:
    assert own_name(test) == name


def test_text_of_any_shape_does_not_make_it_slow() -> None:
    slow = said("a/" * 9000 + "orders.py", "a." * 9000, "a-" * 9000)
    assert not names_path(slow, "src/app/mail.py")
    assert not names_package(slow, "urllib3")
    assert not names_subject(slow, "src/app/orders.py")


LOGS = [
    (
        "2026-11-20T10:00:00.0000001Z Successfully installed app-2.4.0 pluggy-1.6.0 typing-extensions-4.12.2",
        {"app": "2.4.0", "pluggy": "1.6.0", "typing-extensions": "4.12.2"},
    ),
    (" + urllib3==2.0.7", {"urllib3": "2.0.7"}),
    ("   Compiling serde v1.0.200", {"serde": "1.0.200"}),
    ("Installing rake 13.0.6", {"rake": "13.0.6"}),
    ("  - Installing acme/mail (v1.2.3): Extracting archive", {"acme/mail": "1.2.3"}),
    ("go: downloading golang.org/x/net v0.20.0", {"golang.org/x/net": "v0.20.0"}),
    ("Setting up libpq5:amd64 (15.4-1) ...", {"libpq5": "15.4-1"}),
    ("+ svelte@4.2.19", {"svelte": "4.2.19"}),
    ("installed 3 packages, all is well", {}),
]


@pytest.mark.parametrize(("line", "versions"), LOGS)
def test_what_an_installer_says_it_took(line: str, versions: dict[str, str]) -> None:
    assert resolved([line]) == versions


def test_only_what_the_failure_names_is_news() -> None:
    before, after = {"urllib3": "2.0", "boto3": "1.31", "gone": "1"}, {"urllib3": "1.26", "boto3": "1.32", "new": "1"}
    assert moved_between(before, after, said("urllib3 2.0 has no attribute 'x'")) == ("urllib3 2.0 -> 1.26",)
    assert moved_between(before, after, said("nothing of it")) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "2026-11-20 2026-11-20 9",
        "2026-11-20T00:00:00+00:00",
        "a b c",
        "2026-11-20T00:00:00+00:00 2026-11-20T00:00:00+00:00 x",
    ],
)
def test_a_cursor_that_is_none(text: str) -> None:
    assert read_cursor(text) is None


def test_a_cursor_comes_back_as_it_was_written() -> None:
    cursor = Cursor(datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 11, 20, 12, tzinfo=UTC), 905)
    assert read_cursor(str(cursor)) == cursor
