"""Scripts: what the shell runs, and what becomes of each exit code. The sound ones stand first."""

from __future__ import annotations

import pytest

from diagnose.workflows.fates import sites
from diagnose.workflows.model import Shell
from diagnose.workflows.shell import parse, simples

BASH = Shell("bash", errexit=True, pipefail=False)
STRICT = Shell("bash", errexit=True, pipefail=True)
LOOSE = Shell("bash", errexit=False, pipefail=False)
POWER = Shell("pwsh", errexit=False, pipefail=False)
CMD = Shell("cmd", errexit=False, pipefail=False)


def fates(script: str, shell: Shell) -> list[tuple[str, int, str]]:
    return [
        (site.tool, site.line, site.fate)
        for site in sites([(n, text) for n, text in enumerate(script.split("\n"), 1)], shell)
    ]


@pytest.mark.parametrize(
    ("shell", "script"),
    [
        (BASH, "pytest"),
        (BASH, "pytest || exit 1"),
        (BASH, "pytest || { echo bad; exit 1; }"),
        (BASH, "pytest || code=$?\nexit $code"),
        (BASH, "pytest || failed=1"),
        (BASH, "pytest || echo failed >> failures.txt"),
        (BASH, 'pytest || echo "ok=false" >> "$GITHUB_OUTPUT"'),
        (BASH, "pytest && echo ok"),
        (BASH, "cd x && pytest\nls"),
        (BASH, "pytest; echo done"),
        (BASH, "set +e\npytest"),
        (BASH, "set +e\npytest\ncode=$?\nexit $code"),
        (BASH, "set +e\nset -e\npytest\nls"),
        (BASH, "set -o pipefail\npytest | tee out"),
        (BASH, "set -euo pipefail\npytest | tee out"),
        (BASH, "pytest | tee out; exit ${PIPESTATUS[0]}"),
        (BASH, "pytest | grep -q passed"),
        (STRICT, "pytest 2>&1 | tee out"),
        (BASH, "if ! pytest; then exit 1; fi"),
        (BASH, "if pytest; then echo ok; else exit 1; fi"),
        (BASH, "while ! pytest; do sleep 1; done"),
        (BASH, "! pytest"),
        (BASH, "pytest & pid=$!\nwait $pid"),
        (BASH, "for f in a b; do shellcheck $f; done"),
        (BASH, "for f in a b; do shellcheck $f || exit 1; done"),
        (BASH, "find . -exec shellcheck {} +"),
        (BASH, 'bash -ec "pytest; echo"'),
        (BASH, 'sh -c "cd x && pytest"'),
        (BASH, "OUT=$(pytest)\necho $OUT"),
        (BASH, "OUT=$(pytest || true)\necho $OUT"),
        (BASH, "echo 'pytest || true'"),
        (BASH, 'echo "run `pytest` first"'),
        (BASH, "# pytest || true\ncat <<END\npytest || true\nEND"),
        (BASH, "pytest ${{ matrix.a || '' }} -x"),
        (BASH, "[[ -z $x || -n $y ]] && pytest"),
        (LOOSE, "cd x\npytest"),
        (LOOSE, "pytest\nexit $?"),
        (LOOSE, "set -e\npytest\nls"),
        (POWER, "npm test"),
        (POWER, "npm run lint\nif ($LASTEXITCODE -ne 0) { exit 1 }\nnpm test"),
        (POWER, "$PSNativeCommandUseErrorActionPreference = $true\nnpm run lint\nnpm test"),
        (CMD, "call npm run lint || exit /b 1\ncall npm test"),
        (Shell("python", errexit=False, pipefail=False), "pytest || true"),
        (
            BASH,
            "rm -rf x || true\ngrep x y || :\nkill 1 || true\ndocker stop x || echo gone\nnpm audit || true\ncodecov || true",
        ),
    ],
)
def test_no_exit_code_of_a_check_is_lost(shell: Shell, script: str) -> None:
    assert [fate for fate in fates(script, shell) if fate[2]] == []


@pytest.mark.parametrize(
    ("shell", "script", "found"),
    [
        (BASH, "pytest || true", ("pytest", 1, "or-true")),
        (BASH, "pytest || :", ("pytest", 1, "or-true")),
        (BASH, "pytest || exit 0", ("pytest", 1, "or-true")),
        (BASH, "pytest || { echo bad; }", ("pytest", 1, "or-true")),
        (BASH, "pytest || (echo bad)", ("pytest", 1, "or-true")),
        (BASH, "pytest \\\n  -x \\\n  || true", ("pytest", 3, "or-true")),
        (BASH, "(cd x && npm test) || echo failed", ("npm test", 1, "or-true")),
        (BASH, "{ make check; } 2>&1 || true", ("make check", 1, "or-true")),
        (BASH, "for f in *; do shellcheck $f || true; done", ("shellcheck", 1, "or-true")),
        (BASH, "for f in *; do shellcheck $f; done || true", ("shellcheck", 1, "or-true")),
        (BASH, "if [ -d x ]; then pytest || true; fi", ("pytest", 1, "or-true")),
        (BASH, "if a; then b; elif c; then pytest || true; fi", ("pytest", 1, "or-true")),
        (BASH, "case $x in a|b) make test || true ;; *) ls ;; esac", ("make test", 1, "or-true")),
        (BASH, "check() { pytest || true; }\ncheck", ("pytest", 1, "or-true")),
        (BASH, "function check { pytest || true; }", ("pytest", 1, "or-true")),
        (BASH, "pytest | tee out", ("pytest", 1, "pipe")),
        (BASH, "pytest |& tee out", ("pytest", 1, "pipe")),
        (BASH, "(pytest) | tail -5", ("pytest", 1, "pipe")),
        (BASH, "set -o pipefail\nset +o pipefail\nmake test | cat", ("make test", 3, "pipe")),
        (BASH, "set +e\npytest\necho done", ("pytest", 2, "goes-on")),
        (BASH, "set +o errexit\npytest\necho done", ("pytest", 2, "goes-on")),
        (BASH, "pytest && echo ok\nls", ("pytest", 1, "and-list")),
        (BASH, "npm test &\nsleep 1", ("npm test", 1, "background")),
        (BASH, "npm test &\nwait", ("npm test", 1, "background")),
        (BASH, "export X=$(pytest)", ("pytest", 1, "substitution")),
        (BASH, 'bash -c "pytest; echo done"', ("pytest", 1, "goes-on")),
        (BASH, 'docker run x sh -lc "make test; true"', ("make test", 1, "goes-on")),
        (BASH, "docker run x bash -c '\n  pytest || true\n'", ("pytest", 2, "or-true")),
        (BASH, 'nix-shell --run "pytest || true"', ("pytest", 1, "or-true")),
        (BASH, "find . -exec shellcheck {} \\;", ("shellcheck", 1, "find-exec")),
        (BASH, "trap 'exit 0' EXIT\npytest", ("pytest", 2, "trap")),
        (LOOSE, "pytest\nls", ("pytest", 1, "goes-on")),
        (LOOSE, "pytest\nexit 0", ("pytest", 1, "goes-on")),
        (POWER, "npm run lint\nnpm ci\nnpm pack", ("npm lint", 1, "last-only-pwsh")),
        (CMD, "call npm run lint\r\ncall npm ci\r\n", ("npm lint", 1, "last-only-cmd")),
    ],
)
def test_a_lost_exit_code_is_found_where_it_is_lost(shell: Shell, script: str, found: tuple[str, int, str]) -> None:
    assert [fate for fate in fates(script, shell) if fate[2]] == [found]


@pytest.mark.parametrize(
    "script",
    [
        "(" * 5000, "( " * 5000, "if " * 5000, "{ " * 3000, "$(" * 5000, "'" * 9999, '"' * 999, "`" * 999, "\\", "case x in " * 999, "<<" * 999, "f()" * 100,
        "elif", "fi", "done done", "}", ")", ";;", "if a; then " + "elif b; then " * 3000, "a=(", "a <(b", "x |", "x ||", "[[ a", "((1", "${", "$((", "<<'E'\n",
    ],
)  # fmt: skip
def test_no_script_is_too_strange(script: str) -> None:
    parse([(1, script)])
    assert fates(script, BASH) == []


def test_commands_that_only_decide_can_be_left_out() -> None:
    script = parse([(1, "if a; then b; else c; fi; while d; do e; done")])
    assert script.whole
    assert [each.name for each in simples(script.lists)] == ["a", "b", "c", "d", "e"]
    assert [each.name for each in simples(script.lists, conditions=False)] == ["b", "c", "e"]
