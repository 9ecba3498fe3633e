"""YAML from strangers: lines are kept, and hostile files are answered with a value."""

from __future__ import annotations

import pytest

from diagnose.workflows.document import (
    DEEPEST,
    LARGEST,
    Document,
    Mapping,
    Scalar,
    Sequence,
    Unreadable,
    read,
    script_of,
)
from diagnose.workflows.lint import lint

LAUGHS = "a0: &a0 [x,x]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))
MERGES = "a0: &a0 {x: 1, y: 2}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{','.join([f'*a{n - 1}'] * 9)}], k{n}: 1}}\n" for n in range(1, 300)
)


@pytest.mark.parametrize(
    ("data", "why", "line"),
    [
        (b"a: \xff\xfe", "it is not UTF-8", 1),
        (b"a: 1\nb: \xe9\n", "it is not UTF-8", 2),
        (b"a: [1\nb: {", "it is not valid YAML", 2),
        (b"a: b: c", "it is not valid YAML", 1),
        (b"\0a", "it is not valid YAML", 0),
        (b"a\n" * (LARGEST // 2 + 1), "it has more than 1 MiB", 0),
        (b"[" * 200_000, f"it is nested more than {DEEPEST} deep", 1),
        (b"a: *b", "an alias names an anchor that is not there, or that holds it", 1),
        (b"a: &a [*a]", "an alias names an anchor that is not there, or that holds it", 1),
        (b"- a\n" * 210_000, "it has more than 200,000 parts", 199_999),
        (MERGES.encode(), "its merge keys copy more than 50,000 entries", 200),
    ],
)
def test_what_cannot_be_read_is_a_value_with_its_reason(data: bytes, why: str, line: int) -> None:
    found = read(data)
    assert isinstance(found, Unreadable)
    assert found.why == why
    assert line == 0 or abs(found.line - line) <= 100


def test_nested_aliases_are_not_expanded() -> None:
    found = read(LAUGHS.encode())
    assert isinstance(found, Document)


def test_nested_aliases_in_a_script_are_read_up_to_a_bound() -> None:
    text = LAUGHS.replace("\n", "\n") + "job:\n  script: *a39\n"
    assert lint(".gitlab-ci.yml", text.encode()) == ()


def test_a_key_that_stands_twice_is_told_and_refused_for_github_alone() -> None:
    found = read(b"a: 1\nb: 2\na: 3\n")
    assert isinstance(found, Document)
    assert found.duplicates == (("a", 3),)
    assert isinstance(found.roots[0], Mapping)
    assert found.roots[0].get("a") == Scalar("3", 3, 3, "", 3)
    text = b"on: push\njobs:\n  a:\n    runs-on: x\n    runs-on: y\n    steps: []\n"
    assert lint(".github/workflows/a.yml", text) == Unreadable(
        "a key stands twice in one place, which GitHub refuses", 5
    )
    assert lint(".gitlab-ci.yml", b"a:\n  script: x\n  script: y\n") == ()


def test_anchors_and_merge_keys_are_resolved_and_keep_their_lines() -> None:
    found = read(b"base: &base\n  image: x\n  script: y\nd: &d [1]\njob:\n  <<: *base\n  image: z\n  list: *d\n")
    assert isinstance(found, Document)
    root = found.roots[0]
    assert isinstance(root, Mapping)
    job = root.get("job")
    assert isinstance(job, Mapping)
    assert {key: value.text for key, value in job.items() if isinstance(value, Scalar)} == {"image": "z", "script": "y"}
    assert job.line_of("script") == 3
    assert job.line_of("nothing") == job.line
    assert isinstance(job.get("list"), Sequence)


def test_documents_and_odd_keys() -> None:
    found = read(b"--- \na: 1\n---\n? [x]\n: 2\nb: 3\n")
    assert isinstance(found, Document)
    assert len(found.roots) == 2
    second = found.roots[1]
    assert isinstance(second, Mapping)
    assert list(second.values) == ["b"]
    assert found.line(2) == "a: 1"
    assert found.line(99) == ""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("run: one || two\n", [(1, "one || two")]),
        ("run: |\n  one\n\n  two\n", [(2, "one"), (3, ""), (4, "two"), (5, "")]),
        ("run: |-\n\n  one\n", [(2, ""), (3, "one")]),
        ("run: >\n  one\n  || true\n\n  two\n", [(2, "one \\"), (3, "|| true"), (4, ""), (5, "two")]),
        ("run: one\n  || true\n", [(1, "one \\"), (2, "|| true")]),
        ("run: 'one'\n", [(1, "one")]),
        ('run: "one\\ntwo"\n', [(1, "one"), (1, "two")]),
        ("run: |\r\n  one\r\n  two\r\n", [(2, "one"), (3, "two"), (4, "")]),
    ],
)
def test_every_line_of_a_script_keeps_its_number(text: str, lines: list[tuple[int, str]]) -> None:
    document = read(text.encode())
    assert isinstance(document, Document)
    root = document.roots[0]
    assert isinstance(root, Mapping)
    run = root.get("run")
    assert isinstance(run, Scalar)
    assert list(script_of(run, document)) == lines
