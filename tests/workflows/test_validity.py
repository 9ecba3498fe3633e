from __future__ import annotations

import pytest

from diagnose.workflows.validity import flaws

SOUND = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n"
TAKEN = {
    "an ordinary file": SOUND,
    "on in quotes": SOUND.replace("on: push", '"on": [push, pull_request]'),
    "a called workflow": "on: push\njobs:\n  a:\n    uses: ./.github/workflows/x.yml\n    secrets: inherit\n",
    "an anchor": "on: push\njobs:\n  a: &a\n    runs-on: ubuntu-latest\n    steps: [{run: x}]\n  b: *a\n",
    "needs of a job that is there": SOUND + "  b:\n    needs: [a]\n    runs-on: x\n    steps: [{uses: a/b@v1}]\n",
    "steps at once, and one that waits": SOUND
    + "      - name: x\n        wait-all:\n      - parallel:\n          - run: make a\n          - run: make b\n",
    "every key of the file": "name: x\nrun-name: y\npermissions: {}\nenv: {}\ndefaults: {}\nconcurrency: z\n" + SOUND,
}


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN.keys())
def test_what_github_takes_has_no_flaw(text: str) -> None:
    assert list(flaws(text.encode())) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [("it is not a mapping of keys", 1, "")]),
        ("- a\n", [("it is not a mapping of keys", 1, "")]),
        (SOUND.replace("    runs-on", "\truns-on"), [("it is not valid YAML", 4, "")]),
        ("on: push\njobs: {a: *b}\n", [("an alias names an anchor that is not there, or that holds it", 2, "")]),
        ("\xff", [("it is not UTF-8", 1, "")]),
        (SOUND.replace("on: push\n", ""), [("it says no event under on:", 1, "")]),
        ("on: push\n", [("it has no jobs", 1, "")]),
        ("on: push\njobs: {}\n", [("it has no jobs", 1, "")]),
        ("on: push\njobs:\n  a:\n", [("the job is empty", 3, "a")]),
        (SOUND + "foo: 1\n", [("no such key is known", 7, "foo")]),
        (SOUND.replace("    steps", "    step-s: 1\n    steps"), [("no such key of a job is known", 5, "step-s")]),
        (SOUND.replace("    runs-on", "    needs: z\n    runs-on"), [("needs: names a job that is not there", 4, "z")]),
        (SOUND.replace("    runs-on: ubuntu-latest\n", ""), [("the job has no runs-on", 3, "a")]),
        ("on: push\njobs:\n  a:\n    runs-on: x\n", [("the job has no steps", 3, "a")]),
        (SOUND.replace("- run: make", "- run: make\n        uses: a/b@v1"), [("a step has both run and uses", 6, "")]),
        (SOUND.replace("- run: make", "- name: x"), [("a step has neither run nor uses", 6, "")]),
        (SOUND + "  a:\n    runs-on: x\n    steps: [{run: x}]\n", [("a key stands twice", 7, "a")]),
    ],
)
def test_what_github_refuses_is_named_by_line(text: str, found: list[tuple[str, int, str]]) -> None:
    data = text.encode("latin-1")
    assert [tuple(flaw) for flaw in flaws(data)] == found
