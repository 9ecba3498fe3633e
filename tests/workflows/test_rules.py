"""Rules against single steps: what somebody meant, answered or reads is no finding."""

from __future__ import annotations

import pytest

from diagnose.workflows.document import Unreadable
from diagnose.workflows.lint import lint

JOB = "on: push\njobs:\n  unit:\n    runs-on: ubuntu-latest\n    steps:\n"
REPORT = "      - uses: dorny/test-reporter@v2\n        with:\n          fail-on-error: 'false'\n"


def kinds(text: str, path: str = ".github/workflows/ci.yml") -> list[tuple[int, str]]:
    found = lint(path, text.encode())
    assert isinstance(found, tuple)
    return [(each.line, each.kind) for each in found]


@pytest.mark.parametrize(
    "steps",
    [
        "      - name: Optional checks\n        run: pytest || true\n",
        "      # may fail until the port is done\n      - run: pytest || true\n",
        "      - run: pytest || true  # ignore failures\n",
        "      - run: |\n          # do not fail the build\n          pytest || true\n",
        "      - run: pytest || echo 'failures are allowed here, do not fail'\n",
        "      - if: failure()\n        run: pytest || true\n",
        "      - run: pytest\n      - run: pytest --lf -v || true\n",
        "      - run: pytest > out.txt || true\n      - run: grep -q FAILED out.txt && exit 1\n",
        "      - run: eslint . -f json -o lint.json || true\n      - uses: reviewdog/action-eslint@v1\n",
        "      - run: pytest\n" + REPORT,
        REPORT,
        "      - id: unit\n        continue-on-error: true\n        run: pytest\n      - if: steps['unit'].outcome == 'failure'\n        run: exit 1\n",
        "      - continue-on-error: true\n        run: pytest\n      - name: Again\n        run: pytest\n",
        "      - continue-on-error: false\n        run: pytest\n",
        "      - continue-on-error: ${{ github.event_name == 'schedule' }}\n        run: pytest\n",
        "      - continue-on-error: true\n        uses: actions/upload-artifact@v5\n",
        "      - continue-on-error: true\n        run: echo done\n",
        "      - uses: golangci/golangci-lint-action@v8\n        with:\n          args: --timeout 5m\n",
        "      - run: 12\n      - 3\n      - {}\n      - uses: a/b@v1\n        with: []\n",
    ],
)
def test_nothing_is_found(steps: str) -> None:
    assert kinds(JOB + steps) == []


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ("      - run: pytest || true\n" + REPORT, [(6, "or-true"), (9, "fail-on-error")]),
        ("      - continue-on-error: ${{ true }}\n        run: pytest\n", [(6, "continue-on-error")]),
        (
            "      - continue-on-error: true\n        uses: golangci/golangci-lint-action@v8\n",
            [(6, "continue-on-error")],
        ),
        (
            "      - continue-on-error: true\n        uses: coactions/setup-xvfb@v1\n        with:\n          run: npm test\n",
            [(6, "continue-on-error")],
        ),
        (
            "      - uses: golangci/golangci-lint-action@v8\n        with:\n          args: --issues-exit-code=0\n",
            [(8, "issues-exit-code")],
        ),
        ("      - shell: bash {0}\n        run: |\n          pytest\n          ls\n", [(8, "goes-on")]),
        ("      - run: make -i check\n", [(6, "ignore-errors")]),
        ("      - run: golangci-lint run --issues-exit-code 0\n", [(6, "issues-exit-code")]),
        ("      - run: timeout 60 pytest || true\n", [(6, "or-true")]),
    ],
)
def test_it_is_found(steps: str, found: list[tuple[int, str]]) -> None:
    assert kinds(JOB + steps) == found


@pytest.mark.parametrize("path", [".github/workflows/nightly.yml", ".github/workflows/py-nightly.yaml"])
def test_a_file_may_say_by_its_name_that_failures_are_expected(path: str) -> None:
    assert kinds(JOB + "      - run: pytest || true\n", path) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".github/workflows/a.yml", "[]"), (".github/workflows/a.yml", ""), (".github/workflows/a.yml", "jobs: 1"), (".github/workflows/a.yml", "jobs: {a: 1}"), ("action.yml", "runs: {using: node20, main: x}"),
        (".gitlab-ci.yml", "- a"), ("azure-pipelines.yml", "- a"), (".circleci/config.yml", "a: 1"), (".circleci/config.yml", "- a"), (".travis.yml", "- a"), ("Jenkinsfile", "node {}"), ("README.md", "x"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_job(path: str, text: str) -> None:
    assert lint(path, text.encode()) in (None, ())


def test_a_jenkinsfile_of_odd_bytes() -> None:
    assert lint("Jenkinsfile", b"sh '\xff'") == Unreadable("it is not UTF-8", 1)


def test_what_is_meant_is_told_to_those_who_hold_evidence() -> None:
    text = (JOB + "      - run: pytest || true  # may fail\n").encode()
    assert lint(".github/workflows/ci.yml", text) == ()
    found = lint(".github/workflows/ci.yml", text, intended=True)
    assert isinstance(found, tuple)
    assert [each.intended for each in found] == [True]
    timed = lint(".github/workflows/ci.yml", (JOB + "      - run: timeout 5 pytest || true\n").encode())
    assert isinstance(timed, tuple)
    assert timed[0].silent == "swallowed-timeout"


def test_travis_allows_failures_of_a_stable_version() -> None:
    text = "python: ['3.12']\nscript:\n  - pytest\nmatrix:\n  include:\n    - script: tox || true\n  allow_failures:\n    - python: '3.12'\n    - python: nightly\n"
    assert kinds(text, ".travis.yml") == [(6, "or-true"), (8, "allow_failures")]


def test_circleci_steps_behind_conditions() -> None:
    text = "jobs:\n  a:\n    shell: /bin/bash\n    steps:\n      - checkout\n      - when:\n          condition: x\n          steps:\n            - run: pytest || true\n"
    assert kinds(text, ".circleci/config.yml") == [(9, "or-true")]
